"""One file of a scan cannot take its time: what is not looked at is named, and the rest is."""

from __future__ import annotations

import time

import pytest

from grader.inspect.secrets import Blob, Scan, scan_blobs

pytestmark = pytest.mark.slow

SIZE = 300_000
SECONDS = 2.5
"""Of the processor; on a machine that does nothing else these take a fifth of it at most."""
LONG = (
    ("compose.yaml", "a: 1\n", "# password: hunter22\n"),
    ("compose.yaml", "a: 1\n", "# see http://a.b:c/ key\n"),
    ("a.yaml", "", "password_{n}: x{n}\n"),
    ("a.yaml", "password: ", "${{A:-b}}"),
    ("Dockerfile", "FROM a\n", "# ENV PASSWORD x\n"),
    ("a.py", "x = f'", "{{a}}b"),
    ("a.py", "", "# f(password=a)\n"),
    ("a.py", "users = {{", "'u{n}': 'p{n}', "),
    ("a.py", "", "password == 'x'\n"),
    ("a.js", "", "function a(e,t){{return e.password||t.key}};"),
    ("a.js", "password", " "),
    ("a.sql", "insert into users (id, password) values ", "(1,'a'),"),
    ("a.txt", "", "?key=${{a}}&"),
)


def scan(path: str, text: str) -> Scan:
    return scan_blobs([Blob(path=path, content=text.encode())])


@pytest.mark.parametrize(("path", "begin", "again"), LONG)
def test_a_long_file_takes_little_time(path: str, begin: str, again: str) -> None:
    """Comments, keys, formatted strings, minified code, rows: each in linear time."""
    count = SIZE // len(again.format(n=0)) + 1
    text = begin.format() + "".join(again.format(n=number) for number in range(count))
    started = time.thread_time()
    scan(path, text)
    assert time.thread_time() - started < SECONDS


def test_a_chain_of_names_takes_little_time() -> None:
    """Each is bound to the next one, in a function that reads the environment."""
    links = "".join(f"  x{number} = x{number + 1}\n" for number in range(SIZE // 20))
    started = time.thread_time()
    scan("a.py", f"import os\ndef f(name):\n if os.environ:\n{links} return x0\n")
    assert time.thread_time() - started < SECONDS


def test_a_notebook_of_many_lines_takes_little_time() -> None:
    """Each finding's line is looked up in the text."""
    row = "    \"password_1 = 'Ab3xk9!q'\\n\",\n"
    text = '{"cells": [{"cell_type": "code", "source": [\n' + row * 5000 + '    "x"]}]}'
    started = time.thread_time()
    assert scan("a.ipynb", text).findings
    assert time.thread_time() - started < SECONDS


def test_what_is_too_large_to_be_read_as_python_has_not_passed() -> None:
    """It is read line by line all the same."""
    text = "x = f'" + "{a}b" * 60_000 + "'\napp.config['SECRET_KEY'] = 'Kestrel_vino77'\n"
    found = scan("app.py", text)
    assert any("too large to be read as Python" in one.reason for one in found.unread)
    assert [one.line for one in found.findings] == [2]


def test_comments_beyond_the_bound_are_named_and_cost_nothing() -> None:
    """What stands in comments is a hint at most."""
    found = scan("compose.yaml", "a: 1\n" + "# the password of it\n" * 2001)
    assert [one.unread for one in found.skipped] == [False]
    assert "2000 comments" in found.skipped[0].reason


def test_a_letter_that_becomes_two_moves_nothing() -> None:
    """Turkish capital I with a dot is two characters in small letters."""
    text = "\u0130" * 300 + '\nconst dbPassword = "Kestrel_vino77";\n'
    assert [one.line for one in scan("a.js", text).findings] == [2]
