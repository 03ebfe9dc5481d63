"""The Markdown report, read with a parser of CommonMark and of GitHub's tables."""

from __future__ import annotations

import re

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from grader.model import Outcome
from grader.report.formats import render
from grader.report.markdown import COMMENT, fenced, inline, to_markdown
from grader.testing import a_result, graded
from tests.unit.report.examples import EVIL, hostile, three

OURS = re.compile(r"</?(details|summary|sub)>")


def tokens(text: str) -> list[Token]:
    parsed = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(text)
    return [one for token in parsed for one in (token, *(token.children or ()))]


@pytest.mark.parametrize("verdict", ["graded", "rejected", "ungradable"])
def test_nothing_of_a_students_is_markup(verdict: str) -> None:
    """No link, picture, mention or element; the table keeps its columns."""
    text = render(hostile()[verdict], "markdown")
    found = tokens(text)
    assert not {one.type for one in found} & {"image", "link_open", "code_inline", "s_open"}
    markup = "".join(one.content for one in found if one.type in {"html_block", "html_inline"})
    plain = OURS.sub("", markup)
    assert "<" not in plain
    assert {one.info for one in found if one.type == "fence"} == {"text"}
    rows = len([one for one in found if one.type == "tr_open"])
    cells = len([one for one in found if one.type in {"td_open", "th_open"}])
    assert cells == 4 * rows
    outside = "".join(one.content for one in found if one.type in {"text", "html_block"})
    assert not re.search(r"@\w|#\d", outside)


@pytest.mark.parametrize("verdict", ["graded", "rejected", "ungradable"])
def test_a_comment_is_never_too_long(verdict: str) -> None:
    """However long every text is, and however many criteria there are; what is left out is said."""
    assert len(to_markdown(hostile("`y` " * 100_000)[verdict])) <= COMMENT
    short = to_markdown(three()[verdict], limit=700)
    assert len(short) <= 700
    if verdict == "graded":
        assert "parts are left out here" in short


def test_a_fence_cannot_be_closed() -> None:
    """It is longer than any run of backticks in it."""
    for text in ("```", "a ````` b", EVIL, "`" * 300):
        (fence,) = [one for one in tokens(fenced(text)) if one.type == "fence"]
        assert fence.content.count("`") == text.count("`")


def test_a_line_is_escaped_for_every_reader() -> None:
    """Links that GitHub makes of bare addresses, mentions and issues as well."""
    said = inline("see https://evil.example www.evil.example @all #7 a|b\nnext")
    assert "://" not in said
    assert "www." not in said
    assert "@all" not in said
    assert "\n" not in said
    assert "|" not in said.replace("\\|", "")


def test_losses_come_before_the_table() -> None:
    """The reason, then the hint, then the evidence; what passed is in the table only."""
    text = to_markdown(
        graded(
            a_result("repo.files"),
            a_result("entry.create", Outcome.FAILED, rationale="Why.", evidence="Proof."),
        )
    )
    order = ["## ❌ Guestbook: 2 of 10", "Why.", "*Hint:*", "Proof.", "All 3 criteria"]
    places = [text.index(part) for part in order]
    assert places == sorted(places)
