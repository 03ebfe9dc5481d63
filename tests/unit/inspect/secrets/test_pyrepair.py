"""Python that this Python does not read is read by its syntax all the same, where most of it is."""

from __future__ import annotations

import time

import pytest

from grader.inspect.secrets import Blob, Finding, scan_blobs
from grader.inspect.secrets.pyrepair import MAX_CHARACTERS, repaired

SET = 'app.secret_key = "ThisIsSecret"'
"""It counts by where it goes: of a text that nothing more is known of, it is a label."""
OLD = f"""\
{SET}
@app.route("/users")
def create():
    print "Got it"
    print
    if not request.form: print request.form
    try:
        save()
    except ValueError, error:
        raise Refused, "no"
"""
MERGED = f"""\
<<<<<<< HEAD
{SET}
=======
app.secret_key = os.environ["SECRET_KEY"]
>>>>>>> main
"""


def sure(text: str) -> list[Finding]:
    return [
        one for one in scan_blobs([Blob(path="a.py", content=text.encode())]).findings if one.sure
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (OLD, 1),
        (MERGED, 2),
        (f"{SET}\ndef f(:\n    pass\n", 1),
        (f"if x <> y:\n    {SET}\n", 2),
        (f"exec 'a'\nmode = 0777\n{SET}\n", 3),
        (f"{SET}\nx = (1,\n", 1),
    ],
    ids=["Python 2", "merge", "header", "block", "statements", "broken off"],
)
def test_a_sink_is_seen_in_what_does_not_parse(text: str, line: int) -> None:
    """On its own line, whatever was taken out around it."""
    assert [(one.line, one.rule) for one in sure(text)] == [(line, "flask.secret-key")]


@pytest.mark.parametrize(
    "line",
    [
        'app.secret_key = os.environ["SECRET_KEY"]',
        'errors["password"] = "Too short."',
        'flash("Passwords do not match", "password")',
        'if password == "password123": raise ValueError("too common")',
        'form = {"password": "Kennwort"}',
    ],
)
def test_good_code_is_not_accused_in_what_does_not_parse(line: str) -> None:
    """What its syntax says of it still counts."""
    assert sure(f'print "old"\n{line}\n') == []


def test_what_was_taken_out_is_still_read_as_text() -> None:
    """A line that keeps Python from reading can itself hold a token."""
    assert [one.line for one in sure('x = 1\npassword = "Kestrel_vino77" print\n')] == [2]


def test_lines_stay_where_they_are_and_too_much_is_too_much() -> None:
    """Of text that is no Python at all nothing is made."""
    module = repaired(OLD)
    assert module is not None
    assert module.text.count("\n") == module.removed.count("\n") == OLD.count("\n")
    assert "print" in module.removed
    assert "print" not in module.text
    assert repaired("this is no Python\n" * 40) is None
    assert repaired("x = 1\n" * MAX_CHARACTERS) is None


def test_it_takes_little_time() -> None:
    """Also where each line keeps Python from reading."""
    started = time.thread_time()
    assert repaired("def f(:\n" * (MAX_CHARACTERS // 8)) is None
    assert repaired("x = (\n" * (MAX_CHARACTERS // 6)) is None
    assert time.thread_time() - started < 3
