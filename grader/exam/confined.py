"""A process that reads what a submission has made, where the library that reads has no bounds.

A database engine computes whatever a schema says. What runs into a bound of such a process, or
crashes it, is the submission's loss; the suite's own time and memory are none of it.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NoReturn

from grader import process
from grader.exam.confined_serve import as_bytes
from grader.exam.faults import PlatformFault

ANSWER_BYTES = 256 << 20
"""Bytes of one answer; the process has not the memory for so many."""
ANSWER_SECONDS = 120.0
"""For one answer, however busy the machine is."""
END_SECONDS = 5.0
RUN_SECONDS = 20.0
"""Processor time for all that is read in one run."""
CHUNK = 1 << 20


class CannotRead(Exception):
    """What was given to the process cannot be read: the student's fault, `str()` says why."""


@dataclass
class ReadingTime:
    """The processor time that is left for reading: a suite's process has one run."""

    left: float = RUN_SECONDS


TIME = ReadingTime()


class ConfinedProcess:
    """One such process. Close it at the end."""

    def __init__(self, module: str, *arguments: str, seconds: float) -> None:
        """Start `module`, which calls `serve`; it has `seconds` of a processor for all answers."""
        self._seconds = min(seconds, TIME.left)
        self._used = 0.0
        command = [sys.executable, "-I", "-m", module, *arguments, f"{self._seconds:.3f}"]
        self._child = process.spawn(command, errors=subprocess.DEVNULL)

    def ask(self, request: Any) -> Any:
        """Return what it answers. Raises `CannotRead`; `PlatformFault` where nobody is to blame."""
        if self._seconds <= 0:
            msg = f"all that your app had read in this run takes more than {RUN_SECONDS:g} s"
            raise CannotRead(msg)
        assert self._child.stdin is not None
        with suppress(BrokenPipeError):  # it has ended, which is seen next
            self._child.stdin.write(json.dumps(request).encode() + b"\n")
            self._child.stdin.flush()
        if not (line := self._line()):
            self._raise_ended()
        told = json.loads(line, object_hook=as_bytes)
        self._use(told["seconds"])
        if "refused" in told:
            raise CannotRead(told["refused"])
        return told["value"]

    def close(self) -> None:
        """End the process."""
        for stream in (self._child.stdin, self._child.stdout):
            assert stream is not None
            with suppress(BrokenPipeError):
                stream.close()
        process.kill_group(self._child, grace=0.0)

    def _line(self) -> bytes:
        """Return a line; empty where the process has ended, or says too much."""
        assert self._child.stdout is not None
        stream, until = self._child.stdout.fileno(), time.monotonic() + ANSWER_SECONDS
        found = bytearray()
        while not found.endswith(b"\n"):
            if not select.select([stream], [], [], max(until - time.monotonic(), 0.0))[0]:
                msg = "What a submission has made was not read in time; the machine is overloaded."
                raise PlatformFault(msg)
            data = os.read(stream, CHUNK)
            if not data or len(found) > ANSWER_BYTES:
                return b""
            found += data
        return bytes(found)

    def _use(self, seconds: float) -> None:
        TIME.left -= max(seconds - self._used, 0.0)
        self._used = max(seconds, self._used)

    def _raise_ended(self) -> NoReturn:
        """Raise what it means that it ended: for its time, or by what it was given to read."""
        status = self._child.wait(timeout=END_SECONDS)
        if status == -signal.SIGKILL:
            msg = "The process that reads what a submission has made was killed; grade again."
            raise PlatformFault(msg)
        if status == -signal.SIGXCPU:
            self._use(self._seconds)
            msg = f"it takes more than {self._seconds:g} s of a processor"
            raise CannotRead(msg)
        msg = "whatever reads it crashes"
        raise CannotRead(msg)
