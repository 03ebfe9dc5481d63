"""The order of a course, and what each exam brings that is new."""

from __future__ import annotations

from dataclasses import replace

from grader.authoring.course import course
from grader.spec.roadmap import Topic
from grader.testing import a_challenge


def topic(name: str, *slugs: str) -> Topic:
    return Topic(
        id=name,
        sources=("F",),
        project="x",
        pitfall="y",
        seen="z",
        examined=dict.fromkeys(slugs, ("a.b",)),
    )


def test_levels_come_first_then_the_place_in_the_roadmap() -> None:
    """An exam that examines nothing of the roadmap is in no course."""
    topics = (
        topic("one", "late", "hard"),
        topic("two", "early"),
        topic("three", "late"),
        topic("four", "late"),
        topic("five"),
    )
    exams = [
        replace(a_challenge(), slug=slug, level=level)
        for slug, level in [
            ("hard", "advanced"), ("late", "core"), ("early", "core"), ("other", "intro"),
        ]
    ]  # fmt: skip
    steps = course(exams, topics)
    assert [one.exam.slug for one in steps] == ["early", "late", "hard"]
    assert [[new.id for new in one.new] for one in steps] == [
        ["two"],
        ["one", "three", "four"],
        [],
    ]
    assert [one.id for one in steps[-1].topics] == ["one"]
