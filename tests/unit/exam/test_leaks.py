"""Secrets of a run in what an app gives away, in whatever form."""

from __future__ import annotations

import base64
import html
from urllib.parse import quote

import pytest

from grader.exam.leaks import MOST, Leaks
from grader.text import encodings, redact

SECRET = "aZ-_9secret/Value+123"


@pytest.mark.parametrize(
    ("data", "how"),
    [
        (SECRET.encode(), "as it is"),
        (b"id=" + quote(SECRET, safe="").encode(), "escaped for a URL"),
        (SECRET.encode().hex().encode(), "in hexadecimal"),
        (SECRET.encode().hex().upper().encode(), "in hexadecimal"),
        (SECRET[::-1].encode(), "backwards"),
        *((base64.b64encode(b"x" * before + SECRET.encode() + b"tail"), "in base64")
          for before in range(4)),
        *((base64.urlsafe_b64encode(b"x" * before + SECRET.encode()), "in base64")
          for before in range(4)),
    ],
)  # fmt: skip
def test_each_form_is_found_and_blotted_out(data: bytes, how: str) -> None:
    """The leak names secret, form and place; a report shows none of it."""
    leaks = Leaks({"DB_PASSWORD": SECRET})
    leaks.look(b"before " + data + b" after", "the app's log")
    assert [str(one) for one in leaks.found] == [f"DB_PASSWORD stands {how} in the app's log"]
    assert data.decode()[:40] not in redact(f"before {data.decode()} after", {"K": SECRET})


def test_html_and_json_escapes() -> None:
    """Where the value has something to escape."""
    value = '<a&"b\\c>' * 2
    forms = encodings(value)
    assert forms[html.escape(value)] == "escaped for HTML"
    assert Leaks({"K": value})._needles[html.escape(value).encode()] == ("K", "escaped for HTML")


def test_short_values_are_no_needles() -> None:
    """`root` stands everywhere."""
    leaks = Leaks({"DB_USER": "root"})
    leaks.look(b"root", "anywhere")
    assert leaks.found == []


def test_a_flood_of_leaks_is_a_few() -> None:
    """And the same one is noted once."""
    leaks = Leaks({"K": SECRET})
    for number in range(100):
        leaks.look(SECRET.encode(), f"answer {number}")
        leaks.look(SECRET.encode(), "answer 1")
    assert len(leaks.found) == MOST
