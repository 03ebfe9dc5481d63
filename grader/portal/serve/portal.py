"""A whole portal on one machine: database, pages and a worker, started, watched and ended."""

from __future__ import annotations

import os
import re
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from grader import process
from grader.deadline.ending import time_left
from grader.errors import PlatformError, UsageError
from grader.portal.care.mail_server import ADDRESS, mail_server
from grader.portal.data.address import DATABASE
from grader.portal.data.database import PortalDatabase
from grader.portal.openid.settings import sign_in_settings
from grader.portal.rules.retention import VARIABLE, read_keep
from grader.portal.serve.children import PortalProcess, watch
from grader.portal.serve.database_server import kept_password, start_database, stop_database
from grader.portal.serve.prepare import prepare
from grader.portal.web.wsgi import environment
from grader.sandbox.engine import Engine
from grader.settings import Settings
from grader.waiting import wait_until

READY_SECONDS = 180.0
END_SECONDS = 20.0
THREADS = "64"
STREAMS = 40
"""Pages that follow a run at a time in each process; the other threads are for pages."""
MOST_PROCESSES = 4
NAME = re.compile(r"[a-z][a-z0-9-]{0,40}")
Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class PortalPlan:
    """What `grader serve` was told."""

    settings: Settings
    folder: Path
    name: str
    host: str
    port: int
    jobs: int
    exams: tuple[str, ...]
    sources: tuple[str, ...]
    https: bool
    demo: bool

    @property
    def address(self) -> str:
        """Where the pages are, for this machine's browser."""
        return f"http://{self.host}:{self.port}"


def run_portal(plan: PortalPlan, say: Say) -> None:
    """Start everything, and return once Ctrl-C has ended it. Raises `PlatformError`."""
    if not NAME.fullmatch(plan.name):
        msg = f"{plan.name!r} is no name for a portal; use small letters, digits and dashes."
        raise UsageError(msg)
    _require_free(plan)
    mail_server({ADDRESS: plan.address} | os.environ)  # said now, and not in a log
    read_keep(os.environ.get(VARIABLE, ""))
    sign_in_settings({ADDRESS: plan.address} | os.environ)
    plan.folder.mkdir(parents=True, exist_ok=True)
    plan.folder.chmod(0o700)
    engine = Engine.connect(plan.settings.docker_host)
    say("Starting PostgreSQL (the first time its image is made, which takes minutes).")
    server = start_database(engine, plan.settings, plan.folder, plan.name, say)
    try:
        invited, narrow = _prepare(plan, server.url)
        with _children(plan, server.url, narrow) as children:
            for line in invited:
                say(line)
            say(f"The portal is at {plan.address} . Ctrl-C ends it.")
            watch(children, say)
    except KeyboardInterrupt:
        say("Ending; what is being graded goes back to the queue.")
    finally:
        stop_database(engine, server)
        engine.close()
    say("Everything has ended, and nothing is lost. The same command goes on.")


def _prepare(plan: PortalPlan, url: str) -> tuple[list[str], str]:
    """Return what is to be told at a first start, and the workers' address of the database."""
    database = PortalDatabase(url, connections=2)
    try:
        return prepare(
            database, plan.settings, address=plan.address, exams=plan.exams, demo=plan.demo,
            worker_password=kept_password(plan.folder / "worker-password"),
        )  # fmt: skip
    finally:
        database.close()


@contextmanager
def _children(plan: PortalPlan, url: str, narrow: str) -> Iterator[list[PortalProcess]]:
    """Start the pages and the worker, which has an address of its own; end both in order."""
    told = (
        {ADDRESS: plan.address}
        | os.environ
        | environment(
            database=url,
            folder=plan.folder,
            https=plan.https,
            streams=STREAMS,
            processes=page_processes(),
        )
    )
    children = [
        PortalProcess(
            name=name, command=command, environment=told | {DATABASE: address},
            log=plan.folder / f"{name}.log",
        )
        for name, command, address in (
            ("pages", _pages(plan), url), ("worker", _worker(plan), narrow),
        )
    ]  # fmt: skip
    try:
        for child in children:
            child.start()
        _await_pages(plan, children[0])
        yield children
    finally:
        _end(children)


def _end(children: list[PortalProcess]) -> None:
    """Have them end in order, all at once; kill what does not."""
    running = [one for child in children if (one := child.process) and one.poll() is None]
    for one in running:
        one.send_signal(signal.SIGINT if one is not running[0] else signal.SIGTERM)
    wait_until(
        lambda: all(one.poll() is not None for one in running), within=time_left(END_SECONDS)
    )
    for one in running:
        process.kill_group(one)


def _await_pages(plan: PortalPlan, child: PortalProcess) -> None:
    """Wait until they answer. Raises `PlatformError`."""

    def answers() -> bool:
        return not child.lives or _ready(plan.address)

    wait_until(answers, within=READY_SECONDS)
    if not child.lives or not _ready(plan.address):
        msg = f"The portal's pages do not start. What they said last:\n{child.tail()}"
        raise PlatformError(msg)


def _ready(address: str) -> bool:
    try:
        with requests.Session() as session:
            session.trust_env = False
            return session.get(f"{address}/ready", timeout=2).status_code == 200
    except requests.RequestException:
        return False


def page_processes() -> int:
    """Return how many processes have the pages: a thread of Python uses one processor."""
    return max(1, min(os.cpu_count() or 1, MOST_PROCESSES))


def _pages(plan: PortalPlan) -> list[str]:
    return [
        sys.executable, "-m", "gunicorn", "--worker-class", "gthread",
        "--threads", THREADS, "--bind", f"{plan.host}:{plan.port}", "--timeout", "120",
        "--graceful-timeout", "5", "--keep-alive", "5", "--no-control-socket",
        "--worker-tmp-dir", str(plan.folder), "grader.portal.web.wsgi:app()",
    ]  # fmt: skip


def _worker(plan: PortalPlan) -> list[str]:
    chosen = [f"--exam={slug}" for slug in plan.exams]
    folders = [f"--challenges={source}" for source in plan.sources]
    return [sys.executable, "-m", "grader", "worker", f"--jobs={plan.jobs}", *chosen, *folders]


def _require_free(plan: PortalPlan) -> None:
    """Raise `UsageError` where something else listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((plan.host, plan.port))
        except OSError as error:
            msg = (
                f"The portal cannot listen on {plan.host}:{plan.port} ({error.strerror}). End what "
                "uses that port, or name another one with --port."
            )
            raise UsageError(msg) from error
