"""What an instructor writes today, for one submission with a Dockerfile.

`docker build`, the stock `MySqlContainer` of testcontainers, `docker run`, a loop that waits a
second between two looks, the challenge's own pytest suite, and for each question about persistence
the container down and up again. Nothing overlaps; whatever the suite asks for is done by the
docker command. It checks less than the grader does: neither policy nor secrets in files or layers.
"""

from __future__ import annotations

import secrets
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pymysql
import requests
from testcontainers.community.mysql import MySqlContainer
from testcontainers.core.config import testcontainers_config
from testcontainers.core.network import Network

from grader.exam.runner import Examined, ExamProcess
from grader.model import Challenge, Outcome
from grader.phases.examining import suite_paths
from grader.phases.place import PLACEHOLDER

WAIT = 1.0
"""Seconds between two looks, as in every tutorial and in testcontainers."""
PATIENCE = 60.0
ALONE = 6.0
"""Seconds that an app without one of its variables is watched."""


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@dataclass(frozen=True, kw_only=True)
class Bases:
    """What the images of this machine are called."""

    mysql: str
    contexts: dict[str, str]
    """Images that a Dockerfile names, to those that are there."""
    hosts: dict[str, str]


@dataclass
class Naive:
    """One submission, graded from beginning to end by `grade`."""

    challenge: Challenge
    source: Path
    bases: Bases
    seed: int
    cached: bool = True
    _name: str = field(default_factory=lambda: f"naive-{secrets.token_hex(4)}")
    _env: dict[str, str] = field(default_factory=dict)
    _network: str = ""
    _mysql: Any = None
    _port: int = field(default_factory=free_port)
    _mysql_port: int = field(default_factory=free_port)
    """Fixed ones, as those of a container change when it is started again."""

    def grade(self) -> Examined:
        """Build, start, examine, remove."""
        testcontainers_config.ryuk_disabled = True
        with ExitStack() as stack:
            self._build()
            stack.callback(docker, "image", "rm", "-f", self._name)
            network = stack.enter_context(Network())
            self._network = str(network.name)
            container = MySqlContainer(
                self.bases.mysql, username="student", password=secrets.token_hex(8),
                root_password=secrets.token_hex(8), dbname="exam",
            ).with_network(network).with_network_aliases("mysql")  # fmt: skip
            container.with_bind_ports(3306, self._mysql_port)
            self._mysql = stack.enter_context(container)
            self._env = self._environment()
            stack.callback(docker, "rm", "-f", "-v", self._name)
            self._run(self._name, self._env, self._port)
            self._ready()
            return self._suite()

    # -- the app ---------------------------------------------------------------------------

    def _build(self) -> None:
        options = ["--network=default"] + ([] if self.cached else ["--no-cache"])
        options += [
            f"--build-context={name}=docker-image://{image}"
            for name, image in self.bases.contexts.items()
        ]
        options += [f"--add-host={name}:{to}" for name, to in self.bases.hosts.items()]
        docker("build", *options, "-t", self._name, str(self.source))

    def _environment(self) -> dict[str, str]:
        values = {
            "mysql.host": "mysql", "mysql.port": "3306", "mysql.database": "exam",
            "mysql.user": "student", "mysql.password": self._mysql.password,
        }  # fmt: skip
        return {
            name: PLACEHOLDER.sub(
                lambda found: values.setdefault(found[1], secrets.token_hex(16)), template
            )
            for name, template in self.challenge.app.env.items()
        }

    def _run(self, name: str, env: dict[str, str], port: int) -> None:
        variables = [f"--env={key}={value}" for key, value in env.items()]
        where = f"127.0.0.1:{port}:{self.challenge.app.port}"
        docker(
            "run", "-d", "--name", name, "--network", self._network, "-p", where, *variables,
            self._name,
        )  # fmt: skip

    def _answers(self, port: int) -> bool:
        ready = self.challenge.app.ready
        try:
            reply = requests.get(f"http://127.0.0.1:{port}{ready.path}", timeout=5)
        except requests.RequestException:
            return False
        return reply.status_code == ready.status

    def _ready(self) -> None:
        wait_until(lambda: self._answers(self._port))

    def _again(self) -> None:
        """Down and up again: the container removed, and another one in its place."""
        docker("stop", self._name)
        docker("rm", "-v", self._name)
        self._run(self._name, self._env, self._port)
        self._ready()

    # -- the suite -------------------------------------------------------------------------

    def _suite(self) -> Examined:
        with tempfile.TemporaryDirectory() as scratch:
            found = ("app.starts", "docker.builds", "docker.non_root", "repo.files")
            exam = {
                "survey": False, "root": str(self.challenge.root),
                "paths": suite_paths(self.challenge.root),
                "only": [one.id for one in self.challenge.criteria],
                "needs": {one.id: list(one.needs) for one in self.challenge.criteria},
                "known": dict.fromkeys(found, str(Outcome.PASSED)), "seed": self.seed,
                "host": "127.0.0.1", "port": self._port, "shown": "http://localhost",
                "request_seconds": self.challenge.limits.request,
                "body_cap": self.challenge.limits.body, "mysql": self._access(),
                "secrets": self._secrets(), "environment": {}, "snapshot": scratch,
                "dockerfile": None, "compose": None,
                "contract": str(self.challenge.contract) if self.challenge.contract else None,
            }  # fmt: skip
            process = ExamProcess()
            try:
                return process.examine(exam, self._calls(), deadline=600, cancel=threading.Event())
            finally:
                process.close()

    def _secrets(self) -> dict[str, str]:
        """The secrets among the variables, by name."""
        return {
            name: self._env[name]
            for name, template in self.challenge.app.env.items()
            if "secret." in template or "mysql.password" in template
        }

    def _access(self) -> dict[str, Any]:
        return {
            "host": "127.0.0.1", "port": self._mysql_port, "user": "root",
            "password": self._mysql.root_password, "database": "exam", "own": False,
        }  # fmt: skip

    def _calls(self) -> dict[str, Callable[..., Any]]:
        mysql = self._mysql.get_wrapped_container().id

        def started(*command: str) -> None:
            docker(*command, mysql)
            wait_until(self._mysql_answers)

        def again(*commands: str) -> None:
            for command in commands:
                docker(command, self._name)
            self._ready()

        def end_beside() -> dict[str, Any]:
            docker("rm", "-f", "-v", f"{self._name}-beside")
            return {"guessed": False}

        return {
            "app.restart": lambda: again("restart"),
            "app.recreate": self._again,
            "app.kill": lambda: again("kill", "start"),
            "app.revive": lambda hung: None,
            "app.commands": list,
            "app.logs": lambda: docker("logs", self._name),
            "app.leaks": list,
            "app.start_beside": self._beside,
            "app.end_beside": end_beside,
            "app.refused_logins": list,
            "submission.log": list,
            "db.restart": lambda: started("restart"),
            "db.stop": lambda: docker("stop", mysql) and None,
            "db.start": lambda: started("start"),
        }

    def _beside(self, names: list[str], *, changed: bool = False) -> dict[str, Any]:
        beside = f"{self._name}-beside"
        other = {name: secrets.token_hex(16) for name in names} if changed else {}
        env = {name: value for name, value in self._env.items() if name not in names} | other
        port = free_port()
        self._run(beside, env, port)
        end = time.monotonic() + ALONE
        while time.monotonic() < end:
            running = docker("inspect", "-f", "{{.State.Running}}", beside) == "true"
            if not running or self._answers(port):
                break
            time.sleep(WAIT)
        return {
            "asked": True, "started": running, "status": None, "reason": "",
            "host": "127.0.0.1", "port": port if running else 0,
        }  # fmt: skip

    def _mysql_answers(self) -> bool:
        access = self._access()
        try:
            pymysql.connect(
                host=access["host"], port=access["port"], user="root",
                password=access["password"], connect_timeout=2,
            ).close()  # fmt: skip
        except pymysql.err.MySQLError:
            return False
        return True


def docker(*command: str) -> str:
    """What a docker command prints."""
    done = subprocess.run(["docker", *command], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def wait_until(holds: Callable[[], bool]) -> None:
    """Look once a second."""
    end = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > end:
            msg = "it did not become ready"
            raise TimeoutError(msg)
        time.sleep(WAIT)
