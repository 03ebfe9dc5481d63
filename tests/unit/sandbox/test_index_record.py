"""The process that serves the package index, known again by its file."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from grader import process
from grader.sandbox.index import server
from grader.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """With a folder of state of its own."""
    (tmp_path / "index").mkdir()
    return replace(Settings.from_env({}), state=tmp_path)


def noted(settings: Settings, **changed: object) -> None:
    """Write that this process serves the index, but for what is `changed`."""
    told = {"pid": os.getpid(), "began": process.began(os.getpid()), "host": "127.0.0.1", "port": 1}
    (settings.state / "index" / "process.json").write_text(json.dumps(told | changed), "utf-8")


def test_it_is_known_after_the_clock_was_set(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time of day at which it began is another one then."""
    noted(settings)
    monkeypatch.setattr(psutil.Process, "create_time", lambda _: 1.0)
    found = server.running(settings)
    assert found is not None
    assert found.pid == os.getpid()


@pytest.mark.parametrize(
    "changed", [{"began": "1"}, {"pid": 1 << 22}, {"pid": "x"}, {"more": 1}, {"began": 1.0}]
)
def test_another_one_is_not(settings: Settings, changed: dict[str, object]) -> None:
    """One that has the number of one that has ended, none, and a file of something else."""
    noted(settings, **changed)
    assert server.running(settings) is None


def test_without_a_file_there_is_none(settings: Settings) -> None:
    """It was never started here."""
    assert server.running(settings) is None
