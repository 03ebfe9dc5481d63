"""The suite's side of services that are programs of the grader's own."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

from grader.deadline.orders import SECONDS, give_order
from grader.exam.faults import Mismatch, PlatformFault
from grader.exam.protocol import Caller
from grader.exam.service_fixture import ServiceFixture
from grader.waiting import wait_until

POLL = 0.05
"""Seconds between two looks while something is waited for."""
MOST_PAGES = 40
"""Answers of two MiB that are read in one look."""
LOOK_SECONDS = 20.0
"""Seconds that one look may take, with all its answers."""
ONCE = frozenset({"deliver", "rotate"})
"""Orders that are not given again where no answer comes: they would be carried out twice."""


class ProgramFixture(ServiceFixture):
    """What a suite has of such a service; what is asked for lasts until the test ends."""

    _most_pages: ClassVar[int] = MOST_PAGES

    def __init__(self, caller: Caller, told: dict[str, Any]) -> None:
        """`told`: `host`, `port` and `password`."""
        super().__init__(caller, told)
        self._waited = 0.0
        self._asked = False

    @property
    def waited(self) -> float:
        """Seconds that something was waited for, so far."""
        return self._waited

    def close(self) -> None:
        """Keep no connection: each order has one of its own."""

    def begin_test(self) -> None:
        """Treat what comes as at the beginning, whatever the test before has asked for."""
        super().begin_test()
        if self._asked:
            self._ask_for()

    @abstractmethod
    def too_many(self) -> str:
        """Return the sentence for an app that made more than the exam keeps."""

    def _ask_for(self, **orders: Any) -> None:
        """Have what comes next treated as `orders` say, too; without any, as at the beginning."""
        self._order("orders", orders=orders)
        self._asked = bool(orders)

    def _all(self, do: str, known: int = 0) -> list[Any]:
        """Return everything that `do` tells of, after what is known."""
        return list(self._each(do, known))

    def _each(self, do: str, known: int = 0) -> Iterator[Any]:
        """Yield everything that `do` tells of, after what is known."""
        until = time.monotonic() + LOOK_SECONDS
        for _ in range(self._most_pages):
            answer = self._order(do, after=known)
            if answer.get("full"):
                raise Mismatch(self.too_many())
            yield from answer["items"]
            known += len(answer["items"])
            if known >= answer["all"]:
                return
            if time.monotonic() > until:
                break
        raise Mismatch(self.too_many())

    def _wait(self, condition: Callable[[], Any], within: float) -> None:
        began = time.monotonic()
        wait_until(condition, within=within, poll=POLL)
        self._waited += time.monotonic() - began

    def _order(self, do: str, *, seconds: float = SECONDS, **order: Any) -> dict[str, Any]:
        """Have the program carry out an order, and ask again where no answer came.

        Raises `Mismatch` where the app is why there is none, `PlatformFault` where it is not.
        """
        asked = {"do": do, **order}
        try:
            return self._give(asked, seconds)
        except OSError:
            self._call(f"{self.fixture}.require_running")
        try:
            if do not in ONCE:
                return self._give(asked, seconds)
        except OSError as error:
            failure = f": {error}"
        else:
            failure = ""
        self._call(f"{self.fixture}.require_answering")
        msg = f"{self.title} did not answer{failure}"
        raise PlatformFault(msg)

    def _give(self, order: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        """Give an order, and return the answer. Raises `OSError`."""
        address = (self._told["host"], self._told["port"])
        return give_order(address, self._told["password"], order, seconds=seconds)
