"""What is asked of a RabbitMQ server as its administrator: the one place where that is done.

The management API listens within the server's container alone, where a script of the image asks
it: no app reaches it. It makes and removes virtual hosts and users, and lists what there is. It
takes no message of a student's.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from grader.errors import PlatformError
from grader.sandbox.engine import translated
from grader.services.base import OutOfTime
from grader.services.rabbitmq.access import ADMIN
from grader.text import clip

ASK = "/usr/local/lib/grader/rabbitmq-ask.sh"
"""What asks in the container (`rabbitmq/ask.sh`)."""
SECONDS = 10.0
"""How long all requests of one call may take."""
MOST_BYTES = 8 * 1024 * 1024
"""Bytes of one answer."""
OVERDUE = (124, 137)
"""Exit codes of the script where the time was up."""
UNDONE = "RabbitMQ did not do what the grader asked of it in {:.0f} s."


@dataclass(frozen=True, kw_only=True)
class AdminRequest:
    """A request to the management API."""

    method: str
    path: str
    """Below `/api/`; `path_of` makes one of names."""
    body: Any = None
    fine: tuple[int, ...] = (200, 201, 204)
    """How it may be answered."""


def path_of(*parts: str) -> str:
    """Return the parts of a path, each quoted, as one."""
    return "/".join(quote(one, safe="") for one in parts)


TRIES = 3
"""How often a command is run whose output the engine has lost."""


class RabbitAdmin:
    """What is asked of the server in one container. Safe from several threads."""

    def __init__(self, api: Any, password: str) -> None:
        """Take `api`, the engine's own, and the administrator's password."""
        self._api = api
        self._log_in = base64.b64encode(f"{ADMIN}:{password}".encode()).decode()

    def get(self, container: str, *paths: str, seconds: float = SECONDS) -> list[Any]:
        """Return what each of `paths` holds. Raises as `ask` does."""
        requests = [AdminRequest(method="GET", path=one) for one in paths]
        return self.ask(container, requests, seconds=seconds)

    def mark_log(self, container: str, mark: str) -> None:
        """Have the server's log tell of `mark`, as of one who is refused. Raises as `ask` does."""
        refused = AdminRequest(method="GET", path="whoami", fine=(401,))
        log_in = base64.b64encode(f"{mark}:{mark}".encode()).decode()
        self.ask(container, [refused], log_in=log_in)

    def ask(
        self, container: str, requests: Sequence[AdminRequest], *, seconds: float = SECONDS,
        log_in: str = "",
    ) -> list[Any]:  # fmt: skip
        """Send requests one after the other, and return what each was answered with.

        As the administrator, unless another `log_in` is given. Raises `PlatformError`, `OutOfTime`
        where what the app has it do keeps it from answering.
        """
        words = [ASK, f"{seconds:g}", str(MOST_BYTES)]
        for one in requests:
            body = "" if one.body is None else json.dumps(one.body)
            words += [one.method, f"/api/{one.path}", body]
        for _ in range(TRIES):
            written, code = self._run(container, words, log_in or self._log_in)
            if written or code != 0:
                break
            # a busy engine loses what a command has printed; what is deleted already is fine then
            requests = [replace(one, fine=(*one.fine, 404)) for one in requests]
        if code in OVERDUE:
            raise OutOfTime(UNDONE.format(seconds))
        answers = written.split(b"\n")[:-1]
        if code != 0 or len(answers) != len(requests):
            msg = f"The door of RabbitMQ's administrator does not answer (exit code {code})."
            raise PlatformError(msg)
        return [answer_to(one, raw) for one, raw in zip(requests, answers, strict=True)]

    def _run(self, container: str, words: Sequence[str], log_in: str) -> tuple[bytes, int | None]:
        """Return what a command in the container printed, and its exit code."""
        with translated():
            made = self._api.exec_create(
                container, list(words), environment={"GRADER_ASKS": log_in}, stderr=False
            )
            written: bytes = self._api.exec_start(made["Id"])
            return written, self._api.exec_inspect(made["Id"])["ExitCode"]


def answer_to(request: AdminRequest, raw: bytes) -> Any:
    """Return the JSON value that `raw`, an answer in Base64, holds; None where it is empty.

    Raises `PlatformError` where it is no answer, or a refusal, `OutOfTime` where it was cut.
    """
    whole = base64.b64decode(raw)
    head, _, body = whole.partition(b"\r\n\r\n")
    words = head.split(b" ", 2)
    if len(words) < 2 or not words[1].isdigit():
        msg = "The door of RabbitMQ's administrator gave no answer."
        raise PlatformError(msg)
    if int(words[1]) not in request.fine:
        said = clip(body.decode("utf-8", "replace"), 200)
        what = f"{request.method} {request.path.split('/')[0]}"
        msg = f"RabbitMQ did not do what the grader asked of it ({what}: {int(words[1])} {said})."
        raise PlatformError(msg)
    if len(whole) >= MOST_BYTES:
        msg = f"RabbitMQ holds more for the app than the grader lists ({MOST_BYTES >> 20} MiB)."
        raise OutOfTime(msg)
    try:
        return json.loads(body) if body else None
    except (ValueError, RecursionError) as error:
        msg = f"The door of RabbitMQ's administrator gave no JSON: {error}"
        raise PlatformError(msg) from error
