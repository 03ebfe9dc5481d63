"""The page for students that has a line for each exam.

`make docs` writes it to `docs/students/exams.md`, from each exam's challenge.yml.
"""

from __future__ import annotations

from grader.model import Challenge
from grader.settings import REPOSITORY
from grader.spec.library import load_all

HEAD = """\
# The exams

This page is made from the exams by `make docs`. `grader list` prints the same, with the topics of
each, and `grader show NAME` the brief. The levels: *intro* asks for what a first course teaches,
*core* for a database, forms or containers, *advanced* for several of them together.
"""
COLUMNS = ("| exam | minutes | what it is |", "|---|---|---|")
LEVELS = ("intro", "core", "advanced")


def markdown() -> str:
    """Return the page: a table for each level."""
    exams, _ = load_all([REPOSITORY / "challenges"])
    lines = [HEAD]
    for level in LEVELS:
        lines += [f"## {level.capitalize()}", "", *COLUMNS]
        lines += [_line(one) for one in exams.values() if one.level == level]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _line(exam: Challenge) -> str:
    return f"| **{exam.slug}** | {exam.duration / 60:.0f} | {exam.title}: {exam.summary} |"
