"""The other side of `confined`: what runs in the process that reads, under its bounds.

Each line of its standard input is a request in JSON, and each line of its standard output the
answer. It imports what it needs and nothing of a submission, and ends with its standard input.
"""

from __future__ import annotations

import json
import math
import resource
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

MEMORY = 512 << 20
"""Bytes of its address space."""
FILE = 64 << 20
"""Bytes of a file that it may write."""
GRACE = 1.0
"""Seconds after which it is ended by the kernel where the library does not look at the time."""


class Unreadable(Exception):
    """What is asked for cannot be read; `str()` says why."""


def serve(answer: Callable[[Any], Any], seconds: float) -> None:
    """Answer requests until there are no more, in `seconds` of processor time and a bit."""
    bound(seconds)
    for line in sys.stdin.buffer:
        told = _told(answer, json.loads(line))
        sys.stdout.buffer.write(told + b"\n")
        sys.stdout.buffer.flush()


def bound(seconds: float) -> None:
    """Bound what this process uses from now on: processor time, memory, what it writes."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write fails in place of it
    soft = math.ceil(time.process_time() + seconds + GRACE)
    for kind, limit in (
        (resource.RLIMIT_CPU, (soft, soft + 5)),
        (resource.RLIMIT_AS, (MEMORY, MEMORY)),
        (resource.RLIMIT_FSIZE, (FILE, FILE)),
        (resource.RLIMIT_CORE, (0, 0)),
    ):
        resource.setrlimit(kind, limit)


def _told(answer: Callable[[Any], Any], request: Any) -> bytes:
    try:
        told = {"value": answer(request)}
        return _line(told)
    except Unreadable as error:
        return _line({"refused": str(error)})
    except MemoryError:
        return _line({"refused": f"it takes more than {MEMORY >> 20} MiB of memory"})
    except RecursionError:
        return _line({"refused": "it is nested too deep"})


def _line(told: dict[str, Any]) -> bytes:
    told["seconds"] = time.process_time()
    return json.dumps(told, default=_json).encode("ascii")


def _json(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    raise TypeError(type(value).__name__)


def as_bytes(value: dict[str, Any]) -> Any:
    """Return what `value`, an object of an answer, stands for: bytes are written that way."""
    return bytes.fromhex(value["hex"]) if value.keys() == {"hex"} else value
