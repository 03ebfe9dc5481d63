"""Networks where the engine has no addresses left."""

from __future__ import annotations

from typing import Any

import pytest
from docker.errors import APIError

from grader.errors import PlatformError
from grader.sandbox import network
from grader.sandbox.network import create_edge, create_networks
from grader.testing import FakeApi, fake_engine

FULL = "could not find an available, non-overlapping IPv4 address pool among the defaults"


def api_that_says(*answers: str) -> FakeApi:
    """An engine that gives each of `answers` in place of a network, and then makes them."""
    left = list(answers)

    def create(name: str, **_: Any) -> dict[str, str]:
        if left:
            said = left.pop(0)
            raise APIError(said)
        return {"Id": name}

    return FakeApi(create_network=create)


def test_addresses_that_come_back_are_waited_for() -> None:
    """Another run ends meanwhile."""
    api = api_that_says(FULL, FULL)
    found = create_networks(fake_engine(api), "1", {}, inside=2)
    assert found.inside == ("grader-1-inside-0", "grader-1-inside-1")
    assert [name for name, _, _ in api.asked].count("create_network") == 4


def test_addresses_that_never_come_back_are_a_fault_of_the_platform(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It says what to do."""
    monkeypatch.setattr(network, "ADDRESS_SECONDS", 0.1)
    with pytest.raises(PlatformError, match="Run fewer gradings at once"):
        create_edge(fake_engine(api_that_says(*[FULL] * 99)), "edge", {}, publishes=True)


def test_another_refusal_is_told_at_once() -> None:
    """Nothing is waited for."""
    api = api_that_says("the name is taken")
    with pytest.raises(PlatformError, match="the name is taken"):
        create_edge(fake_engine(api), "edge", {}, publishes=False)
    assert len(api.asked) == 1
