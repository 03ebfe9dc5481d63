"""The one door to subprocesses: every program that the grader starts is started here.

Each runs in a process group of its own, under a deadline, with its output bounded; the group is
killed whole when the deadline passes, the run is cancelled or the caller is interrupted.
"""

from __future__ import annotations

import logging
import os
import shlex
import signal
import subprocess
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.deadline import ending
from grader.errors import Cancelled, PlatformError, ProcessFailed
from grader.text import clip
from grader.waiting import wait_until

log = logging.getLogger(__name__)

TAIL_LINES = 60
LINE_CAP = 4096
"""Characters of one line of output that are kept."""
PIPE = 4096
"""Bytes that a pipe surely takes (PIPE_BUF) though nobody reads them."""
POLL = 0.02
"""Seconds between two looks at whether a program has ended."""
_started: weakref.WeakSet[subprocess.Popen[bytes]] = weakref.WeakSet()
"""Those that may still run."""


@dataclass(frozen=True, kw_only=True)
class Completed:
    """How a program ended."""

    returncode: int
    tail: str
    """Its last lines, standard output and standard error together."""
    timed_out: bool
    flooded: bool
    """Whether it was killed for printing more than `output_cap` bytes."""
    duration: float
    """Seconds."""


def run(
    args: Sequence[str],
    *,
    deadline: float,
    cancel: threading.Event | None = None,
    on_line: Callable[[str], None] | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: bytes = b"",
    output_cap: int = 16 * 1024 * 1024,
    check: bool = True,
) -> Completed:
    """Run `args` to its end and give how it ended.

    `deadline` is in seconds; `output_cap` in bytes, for both streams together; `on_line` is
    called with each line of output, from another thread. With `check`, a bad end raises
    `ProcessFailed`. Raises `Cancelled` once `cancel` (without one: what ends the thread's work,
    see `ending`) is set, `PlatformError` where the program does not exist.
    """
    started = time.monotonic()
    cancel = cancel or ending.ambient()
    child = spawn(args, env=env, cwd=cwd)
    reader = _Reader(child, on_line, output_cap)
    reader.start()
    try:
        _feed(child, stdin)
        timed_out = _await_end(child, reader, started + deadline, cancel)
    finally:
        kill_group(child)
        reader.join(timeout=5)
    completed = Completed(
        returncode=child.returncode,
        tail="\n".join(reader.tail),
        timed_out=timed_out,
        flooded=reader.flooded,
        duration=time.monotonic() - started,
    )
    log.debug("%s ended with %s after %.2f s", args[0], child.returncode, completed.duration)
    if cancel is not None and cancel.is_set():
        msg = f"{args[0]} was stopped because the run was cancelled."
        raise Cancelled(msg)
    if check and (child.returncode != 0 or timed_out):
        raise _failure(args, completed, deadline)
    return completed


def spawn(
    args: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    pass_fds: Sequence[int] = (),
    output: int = subprocess.PIPE,
    errors: int = subprocess.STDOUT,
) -> subprocess.Popen[bytes]:
    """Start `args` in a process group of its own and give the running process.

    `output` is where its standard output goes, `errors` its standard error (the same, if left
    out); `pass_fds` are inherited.
    Raises `PlatformError` where the program does not exist.
    """
    log.debug("run: %s", shlex.join(args))
    try:
        child = subprocess.Popen(
            list(args),
            stdin=subprocess.PIPE if output == subprocess.PIPE else subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            env=None if env is None else dict(env),
            cwd=cwd,
            pass_fds=tuple(pass_fds),
            start_new_session=True,
        )
    except FileNotFoundError as error:
        msg = f"The program {args[0]!r} is not installed; install it and run this again."
        raise PlatformError(msg) from error
    _started.add(child)
    return child


def kill_all() -> None:
    """Kill every program that was started and has not ended: this process is about to."""
    for child in list(_started):
        if child.returncode is None:
            _signal(child, signal.SIGKILL)


def began(pid: int) -> str:
    """Return when the process `pid` began; empty where there is none.

    Where the system tells, in clock ticks since it was started: a time of day is another one each
    time that somebody sets the clock, and what runs would be taken for something that is over.
    """
    import psutil

    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[19]
    except (OSError, IndexError, UnicodeDecodeError):
        pass
    try:
        return f"{psutil.Process(pid).create_time():.2f}"
    except psutil.Error:
        return ""


def kill_group(child: subprocess.Popen[bytes], *, grace: float = 1.0) -> None:
    """End the process group of `child`: SIGTERM, then SIGKILL after `grace` seconds."""
    if child.poll() is None:
        _signal(child, signal.SIGTERM)
        wait_until(lambda: child.poll() is not None, within=grace, poll=POLL)
    if child.poll() is None:
        _signal(child, signal.SIGKILL)
    child.wait()


class _Reader(threading.Thread):
    """Reads a program's output, keeps its tail and stops a flood."""

    def __init__(
        self,
        child: subprocess.Popen[bytes],
        on_line: Callable[[str], None] | None,
        cap: int,
    ) -> None:
        super().__init__(daemon=True, name="process-output")
        self.tail: deque[str] = deque(maxlen=TAIL_LINES)
        self.flooded = False
        self._child = child
        self._on_line = on_line
        self._cap = cap

    def run(self) -> None:
        stream = self._child.stdout
        if stream is None:
            return
        seen = 0
        with stream:
            while chunk := stream.readline(LINE_CAP * 16):
                seen += len(chunk)
                if seen > self._cap:
                    self.flooded = True
                    return
                line = chunk.decode("utf-8", "replace").rstrip("\r\n")
                self.tail.append(clip(line, LINE_CAP))
                if self._on_line is not None:
                    self._on_line(line)


def _feed(child: subprocess.Popen[bytes], stdin: bytes) -> None:
    """Write `stdin` to the program; one that does not read it is no error."""
    if child.stdin is None:
        return
    if len(stdin) > PIPE:  # a program that never reads it would block the writer
        threading.Thread(target=_write, args=(child, stdin), daemon=True).start()
    else:
        _write(child, stdin)


def _write(child: subprocess.Popen[bytes], stdin: bytes) -> None:
    assert child.stdin is not None
    try:
        with child.stdin as stream:
            stream.write(stdin)
    except BrokenPipeError:
        pass


def _await_end(
    child: subprocess.Popen[bytes],
    reader: _Reader,
    end: float,
    cancel: threading.Event | None,
) -> bool:
    """Wait until the program ends, floods, is cancelled or runs over; whether it ran over."""

    def is_over() -> bool:
        stopped = reader.flooded or (cancel is not None and cancel.is_set())
        return stopped or child.poll() is not None

    return not wait_until(is_over, within=end - time.monotonic(), poll=POLL)


def _signal(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    try:
        os.killpg(child.pid, number)
    except ProcessLookupError:
        pass


def _failure(args: Sequence[str], completed: Completed, deadline: float) -> ProcessFailed:
    how = (
        f"did not end within {deadline:.0f} seconds"
        if completed.timed_out
        else f"ended with status {completed.returncode}"
    )
    last = completed.tail or "(it printed nothing)"
    msg = f"`{shlex.join(args[:4])}…` {how}. Its last lines:\n{last}"
    return ProcessFailed(msg, returncode=completed.returncode, tail=completed.tail)
