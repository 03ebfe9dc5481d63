"""Charts as SVG that need no script; alongside each of them the page has a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from markupsafe import Markup, escape

from grader.batch.figures import CriterionFigures

WIDTH, HEIGHT = 640, 220
LEFT, BOTTOM, TOP, RIGHT = 36, 30, 14, 12
MOST_DAYS = 60


def _svg(label: str, body: str) -> Markup:
    box = f'viewBox="0 0 {WIDTH} {HEIGHT}"'
    head = f'<svg class="chart" {box} role="img" aria-label="{escape(label)}">'
    return Markup(f"{head}{body}</svg>")  # nosec B704  # noqa: S704 - made of numbers and escaped texts


def _text(x: float, y: float, said: object, kind: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}">{escape(str(said))}</text>'


def _bars(values: Sequence[tuple[str, int]], label: str) -> Markup:
    """Return a bar for each value, with its number on top."""
    highest = max((value for _, value in values), default=0) or 1
    step = (WIDTH - LEFT - RIGHT) / max(len(values), 1)
    space = HEIGHT - TOP - BOTTOM - 12
    every = -(-len(values) // 12)
    parts = []
    for number, (name, value) in enumerate(values):
        x, height = LEFT + number * step, space * value / highest
        y = HEIGHT - BOTTOM - height
        parts.append(
            f'<rect class="column" x="{x + step * 0.1:.1f}" y="{y:.1f}" '
            f'width="{step * 0.8:.1f}" height="{height:.1f}" rx="2"/>'
        )
        if value and len(values) <= 30:
            parts.append(_text(x + step / 2, y - 4, value, "middle"))
        if number % every == 0:
            parts.append(_text(x + step / 2, HEIGHT - BOTTOM + 16, name, "middle quiet"))
    axis = HEIGHT - BOTTOM
    parts.append(f'<line class="axis" x1="{LEFT}" y1="{axis}" x2="{WIDTH - RIGHT}" y2="{axis}"/>')
    return _svg(label, "".join(parts))


def distribution(bins: Sequence[int]) -> Markup:
    """Return how the scores lie, in steps of ten per cent."""
    width = 100 // max(len(bins), 1)
    named = [(f"{number * width}+", count) for number, count in enumerate(bins)]
    return _bars(named, "How many students have how many per cent of the points")


def criteria(found: Sequence[CriterionFigures]) -> Markup:
    """Return each criterion by how many passed it and how well it tells good from bad."""
    space, across = HEIGHT - TOP - BOTTOM, WIDTH - LEFT - RIGHT
    middle = TOP + space / 2
    parts = [
        f'<line class="axis" x1="{LEFT}" y1="{middle}" x2="{WIDTH - RIGHT}" y2="{middle}"/>',
        _text(LEFT - 4, TOP + 8, "1", "end quiet"), _text(LEFT - 4, middle + 4, "0", "end quiet"),
        _text(LEFT - 4, TOP + space, "-1", "end quiet"),
        _text(LEFT, HEIGHT - 8, "nobody passed", "quiet"),
        _text(WIDTH - RIGHT, HEIGHT - 8, "all passed", "end quiet"),
    ]  # fmt: skip
    for one in found:
        if one.discrimination is None:
            continue
        x = LEFT + across * one.passed
        y = middle - space / 2 * one.discrimination
        parts.append(
            f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="5">'
            f"<title>{escape(one.criterion.title[:200])}</title></circle>"
        )
    return _svg("Criteria by difficulty and discrimination", "".join(parts))


def days(times: Sequence[datetime]) -> list[tuple[date, int]]:
    """Return how many submissions came on each day, from the first to the last one."""
    counted = Counter(moment.astimezone(UTC).date() for moment in times)
    if not counted:
        return []
    last = max(counted)
    first = max(min(counted), last - timedelta(days=MOST_DAYS - 1))
    whole = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [(day, counted[day]) for day in whole]


def over_time(times: Sequence[datetime], due: datetime | None) -> Markup:
    """Return the submissions of each day; the day on which it is due is marked."""
    found = days(times)
    if not found:
        return Markup("")
    due_day = due.astimezone(UTC).date() if due else None
    named = [(f"{day:%d %b}{' (due)' if day == due_day else ''}", count) for day, count in found]
    return _bars(named, "Submissions of each day")
