"""Orders to programs of services, over HTTP: a conversation each, with one deadline."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from typing import Any

from grader.deadline import dial
from grader.deadline.http import Connection

PATH = "/-grader"
SECONDS = 5.0
"""For a whole conversation."""
MOST_BYTES = 16 * 1024 * 1024
"""Of an answer."""


class OrderConversation(Connection):
    """One order and its answer."""

    def connect(self) -> None:
        """Connect, with the bounds for all that follows."""
        self.sock = dial(self._address, self._seconds, MOST_BYTES)


def give_order(
    address: tuple[str, int], password: str, order: Mapping[str, Any], *, seconds: float = SECONDS
) -> dict[str, Any]:
    """Have the program at `address` carry out an order (`{"do": …}`), and return its answer.

    Raises `OSError` where it does not, or not in time.
    """
    conversation = OrderConversation(address, seconds)
    said = {"Authorization": f"Grader {password}", "Connection": "close"}
    try:
        conversation.request("POST", PATH, json.dumps(order).encode(), said)
        answer = conversation.getresponse()
        text = answer.read()
        if answer.status != 200:
            msg = f"it answered {answer.status} to an order"
            raise ConnectionError(msg)
        done = json.loads(text)
    except (http.client.HTTPException, ValueError, RecursionError) as error:
        msg = f"it gave no answer to an order: {error!r}"
        raise ConnectionError(msg) from error
    finally:
        conversation.close()
    if not isinstance(done, dict):
        msg = "it gave no answer to an order"
        raise ConnectionError(msg)
    return done
