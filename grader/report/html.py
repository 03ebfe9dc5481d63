"""The report as one HTML page that needs nothing else: no script, no font, no picture.

Every text is escaped by the template engine; the page forbids itself scripts and connections, so
that a browser would refuse them even if one got in.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from grader.model import GradeReport
from grader.report.page import page_of

if TYPE_CHECKING:
    from jinja2 import Template


def to_html(report: GradeReport) -> str:
    """`report` as an HTML document that ends in a newline."""
    return _template().render(page=page_of(report))


@cache
def _template() -> Template:
    """Return the template, compiled once."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("grader.report", "assets"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("report.html")
