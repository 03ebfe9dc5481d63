"""What templates use beyond Jinja's own."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from functools import lru_cache

from flask import Flask
from jinja2 import StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup

from grader.portal.rules.allowance import shown_time
from grader.report.view import spoken
from grader.text import clean, clip

LONGEST = 400


def install(app: Flask) -> None:
    """Add them to the templates of `app`."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        when=when, points=points, brief=brief, short=short, seconds=seconds, stamp=stamp
    )


def when(moment: datetime | None) -> str:
    """Return a moment for people; empty where there is none."""
    return shown_time(moment) if moment else ""


def stamp(moment: datetime) -> str:
    """Return a moment for programs."""
    return moment.isoformat(timespec="seconds")


def points(value: Fraction | str | int) -> str:
    """Return points for people."""
    found = Fraction(value)
    return spoken(found) if found >= 0 else f"-{spoken(-found)}"


def short(text: object) -> str:
    """Return a text of somebody's, cleaned and cut."""
    return clip(clean(str(text)), LONGEST)


def seconds(value: float) -> str:
    """Return a time that is to be waited, in words."""
    if value < 90:
        return f"{max(int(value), 1)} seconds"
    return f"{round(value / 60)} minutes"


@lru_cache(maxsize=128)
def brief(text: str) -> Markup:
    """Return Markdown as HTML, in which no HTML of the text's own is any."""
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(text)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:  # the page has a heading of its own
            token.tag = f"h{min(int(token.tag[1]) + 1, 6)}"
        if style := str(token.attrs.pop("style", "")):  # a style in a tag is never applied here
            token.attrSet("class", style.replace("text-align:", "to-the-"))
    html = reader.renderer.render(tokens, reader.options, {})
    return Markup(html)  # nosec B704  # noqa: S704 - the reader escapes
