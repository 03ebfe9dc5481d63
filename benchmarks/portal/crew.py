"""Processes of workers and of the pages, which a benchmark kills and starts again."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from grader.portal.serve.portal import page_processes
from grader.portal.web.wsgi import environment
from grader.settings import REPOSITORY
from grader.waiting import wait_until

START_SECONDS = 60.0
THREADS = "64"
"""Of the pages, as `grader serve` has them."""


@dataclass(kw_only=True)
class Crew:
    """Workers and pages on one database, and what became of their processes."""

    database: str
    folder: Path
    seconds: str
    """What a run takes, as `benchmarks.portal.worker` has it."""
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    pages: subprocess.Popen[bytes] | None = None
    port: int = 0
    killed_workers: int = 0
    killed_pages: int = 0
    _count: int = 0

    def add_worker(self) -> None:
        """Start a worker."""
        self._count += 1
        name = f"worker-{self._count}"
        command = [sys.executable, "-m", "benchmarks.portal.worker"]
        self.workers.append(
            self._spawn([*command, self.database, str(self.folder), name, self.seconds], name)
        )

    def start_pages(self, streams: int = 40) -> None:
        """Start the pages, and return once they answer. Raises `TimeoutError`."""
        if not self.port:
            with socket.socket() as one:
                one.bind(("127.0.0.1", 0))
                self.port = int(one.getsockname()[1])
        told = environment(database=self.database, folder=self.folder, https=False, streams=streams,
                           processes=page_processes())  # fmt: skip
        self.pages = self._spawn(
            [sys.executable, "-m", "gunicorn", "--worker-class", "gthread",
             "--threads", THREADS, "--bind", f"127.0.0.1:{self.port}", "--timeout", "120",
             "--no-control-socket", "--backlog", "512", "grader.portal.web.wsgi:app()"],
            "pages", told,
        )  # fmt: skip
        if not wait_until(self._answers, within=START_SECONDS):
            msg = f"The pages do not answer; see {self.folder}/pages.log."
            raise TimeoutError(msg)

    def kill_worker(self, draw: random.Random) -> None:
        """Kill one of the workers, and start another one."""
        at = draw.randrange(len(self.workers))
        self._kill(self.workers.pop(at))
        self.killed_workers += 1
        self.add_worker()

    def kill_pages(self) -> None:
        """Kill the pages, and start them again."""
        if self.pages:
            self._kill(self.pages)
            self.killed_pages += 1
            self.start_pages()

    def end(self) -> None:
        """End all of them in order."""
        running = [*self.workers, *([self.pages] if self.pages else [])]
        for one in running:
            one.terminate()
        for one in running:
            try:
                one.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self._kill(one)

    def _spawn(
        self, command: list[str], name: str, told: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                command, cwd=REPOSITORY, stdout=log, stderr=log, start_new_session=True,
                env=os.environ | {"PYTHONPATH": "."} | dict(told or {}),
            )  # fmt: skip

    @staticmethod
    def _kill(process: subprocess.Popen[bytes]) -> None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass  # it has ended by itself
        process.wait()

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{self.port}/health", timeout=2
            ) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            return False
