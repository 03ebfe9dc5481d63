"""What the administrator's door makes of output that the engine has lost."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from grader.errors import PlatformError
from grader.services.rabbitmq.admin import TRIES, AdminRequest, RabbitAdmin


class LossyApi:
    """An engine that gives each command's output in turn, and exit code 0."""

    def __init__(self, *outputs: bytes) -> None:
        self._outputs = list(outputs)

    def exec_create(self, *_: Any, **__: Any) -> dict[str, str]:
        return {"Id": "1"}

    def exec_start(self, _: str) -> bytes:
        return self._outputs.pop(0)

    def exec_inspect(self, _: str) -> dict[str, int]:
        return {"ExitCode": 0}


def answer(status: int, body: bytes) -> bytes:
    return base64.b64encode(b"HTTP/1.1 %d x\r\n\r\n%b" % (status, body)) + b"\n"


def test_lost_output_is_asked_for_again() -> None:
    """What was deleted by the command whose output was lost is not there any more."""
    api = LossyApi(b"", answer(404, b""))
    found = RabbitAdmin(api, "secret").ask("c1", [AdminRequest(method="DELETE", path="users/ada")])
    assert len(found) == 1


def test_what_stays_silent_is_the_platform_s() -> None:
    api = LossyApi(*[b""] * TRIES)
    with pytest.raises(PlatformError, match="does not answer"):
        RabbitAdmin(api, "secret").ask("c1", [AdminRequest(method="GET", path="users")])
