"""What is left where the engine does not remove a container at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from docker.errors import APIError, NotFound

from grader.sandbox import reaper
from grader.sandbox.labels import RUN, run_labels
from grader.sandbox.reaper import reap, remove_run
from grader.testing import FakeApi, fake_engine

STUCK = "could not kill container: tried to kill container, but did not receive an exit event"


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(reaper, "REMOVAL_SECONDS", 0.3)
    yield
    reaper._left.clear()


def api_with(run: str, *failures: Exception, **more: Any) -> FakeApi:
    """An engine with one container of `run`, whose removal fails as `failures` say, then works."""
    there, left = [{"Id": "c1", "Labels": run_labels(run)}], list(failures)

    def remove(name: str, **_: Any) -> None:
        if left:
            raise left.pop(0)
        there.clear()

    answers = {
        "containers": lambda **_: list(there), "networks": lambda **_: [], "images": lambda **_: [],
        "volumes": lambda **_: {"Volumes": None}, "remove_container": remove,
    }  # fmt: skip
    return FakeApi(**(answers | more))


def test_a_container_that_cannot_be_ended_is_tried_again() -> None:
    """Until it is gone."""
    api = api_with("0a", APIError(STUCK), APIError(STUCK))
    removed = remove_run(fake_engine(api), "0a")
    assert (removed.containers, removed.left) == (1, 0)
    assert [name for name, _, _ in api.asked].count("remove_container") == 3


def test_one_that_somebody_else_has_removed_is_gone() -> None:
    """It is not looked for again and again."""
    api = api_with("0a", NotFound("No such container: c1"))
    assert remove_run(fake_engine(api), "0a").containers == 1
    assert [name for name, _, _ in api.asked].count("remove_container") == 1


def test_what_a_run_left_is_told_and_removed_by_the_next_sweep() -> None:
    """Although the process that made it goes on."""
    api = api_with("0a", *[APIError(STUCK)] * 99)
    engine = fake_engine(api)
    assert remove_run(engine, "0a").left == 1
    api = api_with("0a")
    assert reap(fake_engine(api)).containers == 1


def test_a_network_that_is_in_use_is_left() -> None:
    """A container that was made late may be on it."""

    def refuse(_: str) -> None:
        said = "network has active endpoints"
        raise APIError(said)

    network = [{"Id": "n1", "Labels": run_labels("0a")}]
    api = api_with("0a", networks=lambda **_: network, remove_network=refuse)
    assert remove_run(fake_engine(api), "0a").left == 1


def test_a_run_that_goes_on_is_left_alone() -> None:
    """As is what carries no label of ours."""
    api = api_with("0b")
    removed = reap(fake_engine(api))
    assert (removed.containers, removed.left) == (0, 0)
    assert RUN in run_labels("0b")
