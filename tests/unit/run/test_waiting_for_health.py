"""Waiting until the health checks of a Compose project pass."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import pytest

from grader.errors import Cancelled
from grader.run.compose import project as module
from grader.run.compose.project import ComposeProject
from grader.sandbox.launch import NotReady

FAILING = NotReady(rationale="curl is not in the image.", evidence="", cause="health-check")


def waiting(
    monkeypatch: pytest.MonkeyPatch, health: list[str], fault: NotReady | None = None
) -> tuple[ComposeProject, Any, threading.Event]:
    """A project, and a container of it whose health is each of these in turn."""
    monkeypatch.setattr(module, "HEALTH_LOOK", 0.0)
    project = object.__new__(ComposeProject)
    cancel = threading.Event()
    project._cancel = cancel
    monkeypatch.setattr(ComposeProject, "_failing_health", lambda *_: fault)
    left = iter(health)
    container = SimpleNamespace(state=lambda: SimpleNamespace(health=next(left)))
    return project, container, cancel


def test_it_ends_once_each_is_healthy(monkeypatch: pytest.MonkeyPatch) -> None:
    project, container, _ = waiting(monkeypatch, ["starting", "starting", "healthy"])
    assert project._wait_for_health([container], {"healthy"}) is None


def test_a_check_that_cannot_pass_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    project, container, _ = waiting(monkeypatch, ["starting"], FAILING)
    assert project._wait_for_health([container], {"healthy"}) is FAILING


def test_a_run_that_is_cancelled_waits_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    project, container, cancel = waiting(monkeypatch, [])
    cancel.set()
    with pytest.raises(Cancelled):
        project._wait_for_health([container], {"healthy"})
