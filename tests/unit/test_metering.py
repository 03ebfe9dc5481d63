"""The bounds that hostile submissions are held to, by the tests and by the benchmark."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.docker.metering import DISK, MEMORY, SECONDS, Meter, Spent

LITTLE = Spent(seconds=3.0, disk=1 << 20, memory=1 << 20)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, []),
        ({"seconds": SECONDS}, ["120 s of 120 s"]),
        ({"disk": 2 * DISK}, ["2048 MiB of disk of 2048"]),
        ({"memory": 2 * MEMORY}, ["4096 MiB of memory of 4096"]),
        ({"disk": 2 * DISK - 1, "memory": 2 * MEMORY - 1}, []),
        ({"disk": -(1 << 30), "memory": -(1 << 30)}, []),
    ],
)
def test_what_is_beyond_its_bound_is_named(changes: dict[str, Any], said: list[str]) -> None:
    """What others gave back meanwhile is no fault."""
    assert replace(LITTLE, **changes).above(together=2) == said


def test_a_submission_may_have_a_time_of_its_own() -> None:
    assert LITTLE.above(together=1, seconds=2) == ["3 s of 2 s"]


def test_a_meter_tells_the_lowest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Disk and memory by themselves, against what there was at first."""
    seen, over = [(100, 50), (70, 60), (90, 20), (100, 50)], threading.Event()

    def now(_: Meter) -> tuple[int, int]:
        if len(seen) == 1:
            over.set()
            return seen[0]
        return seen.pop(0)

    monkeypatch.setattr(Meter, "_now", now)
    monkeypatch.setattr("tests.docker.metering.EVERY", 0.001)
    meter = Meter(tmp_path)
    meter.start()
    assert over.wait(10)
    spent = meter.end()
    assert (spent.disk, spent.memory) == (30, 30)
    assert 0 <= spent.seconds < 20
