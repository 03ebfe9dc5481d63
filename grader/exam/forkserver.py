"""A process that has loaded pytest once and forks a suite's process for each exam of many.

`python -I -m grader.exam.forkserver FD`: requests come over the socket `FD` (SOCK_SEQPACKET), one
at a time, each with its answer. It reads nothing of any submission, and a suite's code is loaded
in the forked process only, so nothing goes from one exam to the next.

    {"scratch": FOLDER}, with the two descriptors of channel and output   ->  {"pid": PID}
    {"look": PID}                                                         ->  {"status": N or null}
    {"end": PID}    kills its process group                               ->  {"status": N}
"""

from __future__ import annotations

import gc
import json
import os
import random
import signal
import socket
import sys
from pathlib import Path
from typing import NoReturn

from grader.exam import (
    channel,
    page,  # noqa: F401 - only loaded, as most suites ask for pages
    session,
)
from grader.exam.services import mysql  # noqa: F401 - likewise

MESSAGE = 4096
"""Bytes of the longest request."""
Answer = dict[str, int | None]


def serve(connection: socket.socket) -> None:
    """Answer requests until the other side has gone; then end what is left."""
    children: set[int] = set()
    while True:
        raw, descriptors, _, _ = socket.recv_fds(connection, MESSAGE, 2)
        if not raw:
            break
        request = json.loads(raw)
        if "scratch" in request:
            pid = _fork(connection, request["scratch"], *descriptors)
            children.add(pid)
            answer: Answer = {"pid": pid}
            for descriptor in descriptors:
                os.close(descriptor)
        elif "look" in request:
            answer = _wait(request["look"], children, os.WNOHANG)
        else:
            answer = _end(request["end"], children)
        connection.send(json.dumps(answer).encode())
    for pid in tuple(children):
        _end(pid, children)


def _fork(connection: socket.socket, scratch: str, channel: int, output: int) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        connection.close()
        _become(scratch, channel, output)
    except BaseException:  # noqa: BLE001 - nothing of the server's may go on in here
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(1)


def _become(scratch: str, channel: int, output: int) -> NoReturn:
    """Run the exam in the forked process, in a session and a folder of its own."""
    os.setsid()
    os.chdir(scratch)
    os.environ["HOME"] = scratch
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)
    random.seed()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    code = session.main(channel)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _wait(pid: int, children: set[int], options: int = 0) -> Answer:
    """Return how a child has ended, once it has; it is asked about until then only."""
    if pid not in children:
        return {"status": None}
    found, status = os.waitpid(pid, options)
    if not found:
        return {"status": None}
    children.discard(pid)
    return {"status": os.waitstatus_to_exitcode(status)}


def _end(pid: int, children: set[int]) -> Answer:
    """Kill a child with all that it has started; until it is waited for, the pid is its own."""
    if pid in children:
        for kill in (os.killpg, os.kill):  # it may not have made its group yet
            try:
                kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
    return _wait(pid, children)


if __name__ == "__main__":
    # modules of suites are compiled once for all forks; the folder is the server's own
    sys.pycache_prefix = str(Path.cwd() / "bytecode")
    channel.prepare()
    gc.freeze()  # what is loaded by now is shared with the forked ones, and not looked at again
    serve(socket.socket(fileno=int(sys.argv[1])))
