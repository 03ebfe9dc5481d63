"""Charts as SVG: well-formed, with every number, whatever they are of."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from grader.batch.figures import CriterionFigures
from grader.portal.web import charts
from grader.testing import a_challenge

DUE = datetime(2030, 6, 30, 18, tzinfo=UTC)
DAY = timedelta(days=1)


def texts(chart: str) -> list[str]:
    """The texts of a chart, which is well-formed."""
    return [one.text or "" for one in ET.fromstring(chart).iter("text")]


@pytest.mark.parametrize("bins", [(0,) * 10, (1, 0, 3, 0, 0, 0, 0, 2, 5, 9)])
def test_the_distribution(bins: tuple[int, ...]) -> None:
    """A column for each step, with its number where that is not 0."""
    shown = texts(charts.distribution(bins))
    assert [one for one in shown if one.isdigit()] == [str(count) for count in bins if count]
    assert "90+" in shown


def test_criteria_are_dots() -> None:
    """Those that tell nothing apart have none; a title is a text."""
    one = a_challenge().criteria[0]
    hostile = replace(one, title="<script>alert(1)</script>")
    found = [
        CriterionFigures(criterion=hostile, passed=0.5, discrimination=-1.0),
        CriterionFigures(criterion=one, passed=1.0, discrimination=None),
    ]
    chart = charts.criteria(found)
    assert "<script" not in chart
    assert len(list(ET.fromstring(chart).iter("circle"))) == 1


def test_submissions_by_day() -> None:
    """Days without any are there, too; the day on which it is due is marked; two months at most."""
    times = [DUE, DUE, DUE - 3 * DAY]
    assert [count for _, count in charts.days(times)] == [1, 0, 0, 2]
    assert "30 Jun (due)" in texts(charts.over_time(times, DUE))
    assert charts.over_time([], DUE) == ""
    assert len(charts.days([DUE, DUE - 900 * DAY])) == charts.MOST_DAYS
