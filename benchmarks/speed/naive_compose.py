"""What an instructor writes today, for one submission with a Compose file.

`docker compose up`, a loop that waits a second between two looks, the challenge's own pytest suite,
`down` and `up` for persistence, and at the end the project once more with MySQL ten seconds late.
Nothing overlaps. What stands in the Compose file is lent to it, read, by the grader.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

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
from grader.exam.compose_view import ComposeView
from grader.exam.runner import Examined
from grader.model import Challenge
from grader.run.probes.late_database import DELAY

VARIABLE = re.compile(r"^([A-Z_]+)=", re.MULTILINE)


@dataclass
class NaiveCompose:
    """One submission, graded from beginning to end by `grade`."""

    challenge: Challenge
    source: Path
    bases: Bases
    seed: int
    view: ComposeView
    """What the suite's `compose` fixture shows."""
    cached: bool = True
    _name: str = field(default_factory=lambda: f"naive-{secrets.token_hex(4)}")
    _mysql_port: int = field(default_factory=free_port)
    _folder: Path = Path()
    _values: dict[str, str] = field(default_factory=dict)

    def grade(self) -> Examined:
        """Build, start, examine, start once more without MySQL, remove."""
        with tempfile.TemporaryDirectory() as scratch, ExitStack() as stack:
            self._folder = Path(scratch, "submission")
            shutil.copytree(self.source, self._folder)
            self._write()
            stack.callback(self._compose, "down", "--volumes", "--rmi", "local")
            self._compose("build", *([] if self.cached else ["--no-cache"]))
            self._up()
            done = run_suite(
                self.challenge, seed=self.seed, port=self.challenge.app.port,
                access=self._access(), injected=self._secrets(), calls=self._calls(),
                source=self.source, compose=self.view,
            )  # fmt: skip
            self._compose("down", "--volumes")
            self._late()
            return done

    def _write(self) -> None:
        """`.env` with values for this run, and what has to be otherwise on this machine."""
        example = (self._folder / ".env.example").read_text("utf-8")
        self._values = {name: secrets.token_hex(16) for name in VARIABLE.findall(example)}
        lines = "".join(f"{name}={value}\n" for name, value in self._values.items())
        (self._folder / ".env").write_text(lines, "utf-8")
        app: dict[str, Any] = {"build": {
            "context": ".",
            "additional_contexts": {
                name: f"docker-image://{image}" for name, image in self.bases.contexts.items()
            },
            "extra_hosts": [f"{name}:{to}" for name, to in self.bases.hosts.items()],
        }}  # fmt: skip
        database = {
            "image": self.bases.mysql, "pull_policy": "never",
            "ports": [f"127.0.0.1:{self._mysql_port}:3306"],
        }  # fmt: skip
        services = {self.view.app: app, self.view.database: database}
        (self._folder / "override.yaml").write_text(yaml.safe_dump({"services": services}))

    def _compose(self, *command: str) -> str:
        files = ("-f", self.view.path, "-f", "override.yaml")
        return docker("compose", "-p", self._name, *files, *command, cwd=self._folder)

    def _up(self) -> None:
        self._compose("up", "-d")
        wait_until(lambda: answers(self.challenge.app.port, self.challenge.app.ready))

    def _late(self) -> None:
        """MySQL is started ten seconds after the app, which must be there all the same."""
        self._compose("up", "-d", "--no-deps", self.view.app)
        time.sleep(DELAY)
        self._up()

    # -- the suite -------------------------------------------------------------------------

    def _environment(self, service: str) -> dict[str, str]:
        """Return what the container of `service` was given."""
        container = self._compose("ps", "-q", service)
        found = json.loads(docker("inspect", "-f", "{{json .Config.Env}}", container))
        return dict(one.split("=", 1) for one in found)

    def _secrets(self) -> dict[str, str]:
        return dict(self._values)

    def _access(self) -> dict[str, Any]:
        environment = self._environment(self.view.database)
        return {
            "host": "127.0.0.1", "port": self._mysql_port, "user": "root",
            "password": environment["MYSQL_ROOT_PASSWORD"],
            "database": environment["MYSQL_DATABASE"], "own": True,
        }  # fmt: skip

    def _calls(self) -> dict[str, Callable[..., Any]]:
        app, database, access = self.view.app, self.view.database, self._access()

        def again(*command: str) -> None:
            self._compose(*command)
            self._up()

        def started(command: str) -> None:
            self._compose(command, database)
            wait_until(lambda: mysql_answers(access))

        def end_beside() -> dict[str, Any]:
            docker("rm", "-f", "-v", f"{self._name}-probe")
            return {"guessed": False}

        return {
            "app.restart": lambda: again("restart", app),
            "app.recreate": lambda: again("up", "-d", "--no-deps", "--force-recreate", app),
            "app.kill": lambda: again("kill", app),
            "app.revive": lambda hung: None,
            "app.commands": list,
            "app.logs": lambda: self._compose("logs", "--no-log-prefix", app),
            "app.leaks": list,
            "probe.ended": lambda secret: None,
            "db.alone": lambda: None,
            "probe.start": self._beside,
            "probe.end": end_beside,
            "probe.refused_logins": list,
            "submission.log": lambda: {"commits": [], "unread": ""},
            "compose.down_up": lambda: again("down"),
            "compose.kill": lambda: again("kill"),
            "db.restart": lambda: started("restart"),
            "db.stop": lambda: self._compose("stop", database) and None,
            "db.start": lambda: started("start"),
        }

    def _beside(self, names: list[str], *, changed: bool = False) -> dict[str, Any]:
        env = self._environment(self.view.app)
        if not env.keys() & set(names):
            return {"asked": False, "started": True, "status": None, "reason": "", "host": "",
                    "port": 0}  # fmt: skip
        other = {name: secrets.token_hex(16) for name in names} if changed else {}
        env = {name: value for name, value in env.items() if name not in names} | other
        container = self._compose("ps", "-q", self.view.app)
        network, image = docker(
            "inspect", "-f", "{{range $name, $one := .NetworkSettings.Networks}}{{$name}} {{end}}"
            "{{.Image}}", container,
        ).split()[-2:]  # fmt: skip
        probe, port = f"{self._name}-probe", free_port()
        variables = [f"--env={key}={value}" for key, value in env.items()]
        where = f"127.0.0.1:{port}:{self.challenge.app.port}"
        docker("run", "-d", "--name", probe, "--network", network, "-p", where, *variables, image)
        return watch_alone(probe, port, self.challenge.app.ready)
