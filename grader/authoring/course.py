"""The page on a course: the exams in an order to set them, and the topics that each examines.

`make docs` writes it to `docs/instructors/course.md`, and its picture to `docs/images/course.svg`,
from the exams and `challenges/roadmap.yml`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from statistics import median

from grader.authoring.exam_list import LEVELS
from grader.model import Challenge
from grader.settings import REPOSITORY
from grader.spec.library import load_all
from grader.spec.roadmap import NAME, Topic, read_roadmap

HEAD = """\
# A course of exams

This page is made from the exams and the roadmap by `make docs`. The order is that of the levels
and, within a level, of the roadmap: an exam stands where most of its topics do. Each examines
what it names; the topics that an earlier one has examined already are not named again.

![The exams from top to bottom, the topics of the roadmap from left to right](../images/course.svg)

"""
END = """
`grader list --topic TOPIC` names the exams on one topic, `grader roadmap` the criteria that
examine each topic, and `grader roadmap --planned` what no exam examines yet.
"""
LABEL, CELL, ROW, TOP = 130, 7, 20, 96
"""Pixels of the picture: the width of the names and of a topic, the height of an exam and above."""
STYLE = (
    "text{font:12px sans-serif;fill:#57606a}"
    ".on{fill:#0969da}.off{fill:#8c959f;opacity:.18}"
    "@media(prefers-color-scheme:dark){text{fill:#8b949e}.on{fill:#58a6ff}}"
)


@dataclass(frozen=True, kw_only=True)
class CourseStep:
    """One exam of the course."""

    exam: Challenge
    topics: tuple[Topic, ...]
    """What it examines, in the roadmap's order."""
    new: tuple[Topic, ...]
    """Those of them that no exam before it examines."""


def course(exams: Sequence[Challenge], topics: Sequence[Topic]) -> list[CourseStep]:
    """Return the exams that examine some of `topics`, in the order of a course."""
    examined = {
        one.slug: [number for number, topic in enumerate(topics) if one.slug in topic.examined]
        for one in exams
    }
    ordered = sorted(
        (one for one in exams if examined[one.slug]),
        key=lambda one: (LEVELS.index(one.level), median(examined[one.slug]), one.slug),
    )
    steps, seen = [], set[int]()
    for one in ordered:
        numbers = examined[one.slug]
        new = tuple(topics[number] for number in numbers if number not in seen)
        steps.append(CourseStep(exam=one, topics=tuple(topics[n] for n in numbers), new=new))
        seen |= set(numbers)
    return steps


def markdown() -> str:
    """Return the page on the course of the exams that the grader comes with."""
    lines = ["| | exam | level | minutes | what it examines first |", "|---|---|---|---|---|"]
    for number, step in enumerate(course(*_known()), 1):
        one = step.exam
        new = ", ".join(topic.id for topic in step.new) or "none that is new"
        minutes = f"{one.duration / 60:.0f}"
        name = f"**{one.slug}**: {one.title}"
        lines.append(f"| {number} | {name} | {one.level} | {minutes} | {new} |")
    return HEAD + "\n".join(lines) + "\n" + END


def picture() -> str:
    """Return the course as SVG: a row for each exam, a column for each topic of the roadmap."""
    exams, topics = _known()
    steps = course(exams, topics)
    gaps = [topics[n].section != topics[n - 1].section if n else False for n in range(len(topics))]
    left = [LABEL + CELL * n + CELL * sum(gaps[: n + 1]) for n in range(len(topics))]
    wide, high = left[-1] + 2 * CELL + 60, TOP + ROW * len(steps) + 8
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" role="img">',
        "<title>The exams of the course, and the topics that each examines</title>",
        f"<style>{STYLE}</style>",
    ]
    for n, topic in enumerate(topics):
        if not n or gaps[n]:
            place = f"translate({left[n] + 4} {TOP - 8}) rotate(-35)"
            parts.append(f'<text transform="{place}">{escape(topic.section)}</text>')
    for number, step in enumerate(steps):
        y = TOP + ROW * number
        parts.append(f'<text x="0" y="{y + 12}">{escape(step.exam.slug)}</text>')
        for x, topic in zip(left, topics, strict=True):
            kind = "on" if topic in step.topics else "off"
            title = f"<title>{escape(topic.id)}</title>"
            size = f'width="{CELL - 1}" height="{ROW - 6}"'
            parts.append(f'<rect class="{kind}" x="{x}" y="{y}" {size}>{title}</rect>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _known() -> tuple[list[Challenge], tuple[Topic, ...]]:
    folder = REPOSITORY / "challenges"
    exams, _ = load_all([folder])
    return list(exams.values()), read_roadmap(folder / NAME)
