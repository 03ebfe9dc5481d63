"""The suite's side of the ledger."""

from __future__ import annotations

import json
from typing import Any

from grader.deadline import dial
from grader.exam.service_fixture import ServiceFixture


class Ledger(ServiceFixture):
    """The app's book, read with its own token."""

    fixture = "ledger"

    @property
    def pages(self) -> int:
        """How many pages challenge.yml asks for."""
        return int(self._told["pages"])

    def lines(self) -> list[str]:
        """Return the book's lines."""
        told = self._told
        with dial((told["host"], told["port"]), 3) as connection:
            connection.sendall(f"{told['token']} READ {told['book']}\n".encode())
            answer: dict[str, Any] = json.loads(connection.makefile("rb").readline(1_000_000))
        return list(answer["lines"])

    def count_books(self) -> int:
        """Return how many books the ledger has."""
        return int(self._call("ledger.count_books"))

    def close(self) -> None:
        """Close nothing: each look has a connection of its own."""
