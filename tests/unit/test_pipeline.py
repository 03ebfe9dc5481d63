"""Decisions of the pipeline that need no engine."""

from __future__ import annotations

import errno
import os
import signal
import threading
from pathlib import Path

import pytest

from grader import pipeline
from grader.model import GradeReport, Ungradable
from grader.settings import Settings
from grader.supervision import supervised
from grader.testing import a_challenge


def grade_with(error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GradeReport:
    """A run whose intake ends with `error`."""

    def fail(*arguments: object, **more: object) -> None:
        raise error

    monkeypatch.setattr(pipeline, "take", fail)
    nobody = {"GRADER_STATE": str(tmp_path), "DOCKER_HOST": f"unix://{tmp_path}/none"}
    return pipeline.grade(a_challenge(), tmp_path, Settings.from_env(nobody))


def test_a_full_disk_here_is_no_zero(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without space for the run's folder there is no score, and the disk is named."""
    full = OSError(errno.ENOSPC, "No space left on device")
    report = grade_with(full, tmp_path, monkeypatch)
    assert isinstance(report, Ungradable)
    assert report.reason.startswith(f"The disk that holds {tmp_path}/runs is full")


def test_a_fault_of_our_own_is_no_zero(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody foresaw ends as ungradable, with what to report."""
    report = grade_with(KeyError("x"), tmp_path, monkeypatch)
    assert isinstance(report, Ungradable)
    assert "A fault in the grader itself (KeyError: 'x'; test_pipeline.py:" in report.reason


def test_an_interrupt_lets_what_is_under_way_come_to_its_end() -> None:
    """Ctrl-C is raised once that is over, which hears of it."""
    told, done = threading.Event(), threading.Event()

    def work() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        assert told.wait(10)
        done.set()

    with pytest.raises(KeyboardInterrupt):
        supervised(work, interrupted=told.set)
    assert done.is_set()


def test_what_is_sheltered_may_fail() -> None:
    """Its error is raised to whoever waits."""

    def work() -> None:
        msg = "x"
        raise KeyError(msg)

    with pytest.raises(KeyError):
        supervised(work)


def test_a_run_leaves_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever ends a run, its working folder goes with it."""
    grade_with(KeyError("x"), tmp_path, monkeypatch)
    assert list((tmp_path / "runs").iterdir()) == []
