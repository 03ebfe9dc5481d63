"""What an instructor writes today, for one submission with a Dockerfile.

`docker build`, the stock `MySqlContainer` of testcontainers, `docker run`, a loop that waits a
second between two looks, the challenge's own pytest suite, and for each question about persistence
the container down and up again. Nothing overlaps; whatever the suite asks for is done by the
docker command. It checks less than the grader does: neither policy nor secrets in files or layers.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from testcontainers.community.mysql import MySqlContainer
from testcontainers.core.config import testcontainers_config
from testcontainers.core.network import Network

from benchmarks.speed.suite import run_suite
from benchmarks.speed.tools import (
    Bases,
    answers,
    docker,
    free_port,
    mysql_answers,
    wait_until,
    watch_alone,
)
from grader.exam.runner import Examined
from grader.model import Challenge
from grader.service_catalogue import PLACEHOLDER


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
            return run_suite(
                self.challenge, seed=self.seed, port=self._port, access=self._access(),
                injected=self._secrets(), calls=self._calls(),
            )  # fmt: skip

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

    def _ready(self) -> None:
        wait_until(lambda: answers(self._port, self.challenge.app.ready))

    def _again(self) -> None:
        """Down and up again: the container removed, and another one in its place."""
        docker("stop", self._name)
        docker("rm", "-v", self._name)
        self._run(self._name, self._env, self._port)
        self._ready()

    # -- the suite -------------------------------------------------------------------------

    def _secrets(self) -> dict[str, str]:
        """Return the secrets among the variables, by name."""
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
            wait_until(lambda: mysql_answers(self._access()))

        def again(*commands: str) -> None:
            for command in commands:
                docker(command, self._name)
            self._ready()

        def end_beside() -> dict[str, Any]:
            docker("rm", "-f", "-v", f"{self._name}-probe")
            return {"guessed": False}

        return {
            "app.restart": lambda: again("restart"),
            "app.recreate": self._again,
            "app.kill": lambda: again("kill", "start"),
            "app.revive": lambda hung: None,
            "app.commands": list,
            "app.logs": lambda: docker("logs", self._name),
            "app.leaks": list,
            "probe.ended": lambda secret: None,
            "db.alone": lambda: None,
            "probe.start": self._beside,
            "probe.end": end_beside,
            "probe.refused_logins": list,
            "submission.log": lambda: {"commits": [], "unread": ""},
            "db.restart": lambda: started("restart"),
            "db.stop": lambda: docker("stop", mysql) and None,
            "db.start": lambda: started("start"),
        }

    def _beside(self, names: list[str], *, changed: bool = False) -> dict[str, Any]:
        other = {name: secrets.token_hex(16) for name in names} if changed else {}
        env = {name: value for name, value in self._env.items() if name not in names} | other
        probe, port = f"{self._name}-probe", free_port()
        self._run(probe, env, port)
        return watch_alone(probe, port, self.challenge.app.ready)
