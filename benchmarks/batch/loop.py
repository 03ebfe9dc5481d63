"""The naive way for a class: one submission after the other."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.speed.bases import bases, service_images
from benchmarks.speed.naive import Naive
from grader.model import Challenge
from grader.sandbox.engine import Engine
from grader.settings import Settings


def naive_loop(
    challenge: Challenge, settings: Settings, answers: Sequence[Path], count: int
) -> tuple[float, ...]:
    """Seconds for each of `count` of `answers`, spread evenly over them, in the naive way.

    One that does not start has taken its time all the same.
    """
    engine = Engine.connect(settings.docker_host)
    spent = []
    for number in range(count):
        source = answers[number * len(answers) // count]
        images = bases(engine, settings, source, service_images(challenge))
        started = time.monotonic()
        try:
            Naive(challenge=challenge, source=source, bases=images, seed=1).grade()
        except (TimeoutError, RuntimeError) as error:
            print(f"the naive way gave up on {source.name}: {error}"[:300])
        spent.append(time.monotonic() - started)
    return tuple(spent)
