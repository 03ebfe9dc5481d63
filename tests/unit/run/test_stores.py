"""Stores of a project that `grader diagnose` starts, because their images can be had here."""

from __future__ import annotations

from typing import Any

import pytest

from grader.run.compose.stores import is_store, service_image
from grader.testing import FakeApi
from tests.unit.run.conftest import Begin

POSTGRES = ["postgres", "postgres:16", "docker.io/library/postgres:16-alpine"]
REDIS = ["redis", "redis:7-alpine", "valkey/valkey:8"]


@pytest.mark.parametrize("reference", [*POSTGRES, *REDIS])
def test_what_can_be_had_is_a_store(reference: str) -> None:
    """From whichever registry the file names it."""
    assert is_store(reference)


@pytest.mark.parametrize("reference", ["", "mysql:8", "mongo:7", "mine/postgres:16", "rediss"])
def test_anything_else_is_none(reference: str) -> None:
    """MySQL is no store of this kind: it is the exam's database."""
    assert not is_store(reference)


@pytest.mark.parametrize(
    ("reference", "asked"), [("postgres:16", "postgres_image"), ("valkey/valkey:8", "redis_image")]
)
def test_its_image_is_found_or_made(
    begin: Begin, monkeypatch: pytest.MonkeyPatch, reference: str, asked: str
) -> None:
    """By what makes the images of the service; the run's listener hears how far it is."""
    context = begin(FakeApi())
    heard: list[Any] = []
    context.recorder.listener = heard.append

    def found(engine: object, wanted: str, *, settings: object, progress: Any) -> str:
        assert (engine, settings) == (context.resources.engine, context.settings)
        progress("half of it")
        return f"{asked} of {wanted}"

    monkeypatch.setattr(f"grader.sandbox.images.{asked}", found)
    image: object = service_image(context, reference)
    assert image == f"{asked} of {reference}"
    assert [(one.phase, one.message) for one in heard] == [("provision", "half of it")]
