"""The reference of fixtures is made from the program, and leaves nothing out."""

from __future__ import annotations

import re

from grader.authoring.reference import markdown

PAGE = markdown()


def test_what_authors_have_asked_for_is_there() -> None:
    """Arguments of requests, attributes of answers, and what holds for a whole suite."""
    for said in (
        "headers: dict[str, str] | None = None",
        "params: dict[str, Any] | None = None",
        "data: dict[str, Any] | None = None",
        "- `set_cookies: tuple[str, ...]`: Every Set-Cookie header",
        "- `headers: dict[str, str]`: Of the answer",
        "**One app, one database.**",
        "**Order.**",
        "**Helpers.**",
        "A test draws the same in every run of one seed",
        "- `with outage()`:",
        "- `with without(*names: str) as Probe`:",
    ):
        assert said in PAGE


def test_everything_has_a_sentence() -> None:
    """Nothing is listed by its name alone; docstrings of the classes say it."""
    assert re.findall(r"^- `[^`]*`: *$", PAGE, re.MULTILINE) == []


def test_nothing_private_is_listed() -> None:
    """Neither the grader's own methods nor `self`."""
    names = re.findall(r"^- `(?:with )?(\w+)", PAGE, re.MULTILINE)
    assert not [name for name in names if name.startswith("_")]
    assert "self" not in re.findall(r"\w+", PAGE)
    assert len(names) > 90
