"""The suite's side of services: what each fixture of one is, and the plugin that offers them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

import pytest

from grader.exam.protocol import Caller


class ServiceFixture(ABC):
    """What a suite has of one service of the submission's."""

    fixture: ClassVar[str]
    """The fixture's name; operations of the grader's are asked for with it before them."""

    def __init__(self, caller: Caller, told: dict[str, Any]) -> None:
        """`told` is what the grader's server of the service says to its fixture."""
        self._call = caller
        self._told = told
        self.disturbed = False
        """Whether the service was stopped during the present test."""

    def begin_test(self) -> None:
        """Forget what the test before has done."""
        self.disturbed = False

    @property
    def title(self) -> str:
        """What sentences call the service."""
        return str(self._told["title"])

    @property
    def waited(self) -> float:
        """Seconds that the service has taken to answer, so far."""
        return 0.0

    @abstractmethod
    def close(self) -> None:
        """Close the connections; what comes next opens new ones."""

    def restart(self) -> None:
        """Kill the service (SIGKILL) and start it; return when it is ready. What it kept stays."""
        self.close()
        self.disturbed = True
        self._call(f"{self.fixture}.restart")

    @contextmanager
    def outage(self) -> Iterator[None]:
        """Stop the service for the block; it is ready again after it."""
        self.close()
        self.disturbed = True
        self._call(f"{self.fixture}.stop")
        try:
            yield
        finally:
            self._call(f"{self.fixture}.start")


def fixtures_plugin(names: Sequence[str], give: Callable[[str], ServiceFixture]) -> object:
    """Return a pytest plugin with a fixture of each name, which `give` makes.

    They last for the session, and are closed at its end.
    """
    return type("ServiceFixtures", (), {f"of_{name}": _fixture(name, give) for name in names})()


def _fixture(name: str, give: Callable[[str], ServiceFixture]) -> Any:
    @pytest.fixture(scope="session", name=name)
    def service(self: object) -> Iterator[ServiceFixture]:
        del self
        found = give(name)
        yield found
        found.close()

    return service
