"""A brief as HTML on a page whose policy applies no style of a tag's own."""

from __future__ import annotations

from grader.portal.web.filters import brief

TABLE = "# Title\n\n| a | b | c |\n|---|--:|:-:|\n| 1 | 2 | <b>3</b> |\n"


def test_columns_are_aligned_by_classes() -> None:
    """The browser would complain of each cell, and align none."""
    html = brief(TABLE)
    assert "style=" not in html
    assert '<td class="to-the-right">2</td>' in html
    assert '<th class="to-the-center">c</th>' in html
    assert "<td>1</td>" in html


def test_it_has_no_markup_of_its_own() -> None:
    """And no heading of the page's level."""
    html = brief(TABLE)
    assert "&lt;b&gt;3" in html
    assert "<h2>Title</h2>" in html
