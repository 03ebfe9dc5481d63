"""What an instructor writes today, for one submission with a Compose file.

`docker compose up`, a loop that waits a second between two looks, the challenge's own pytest suite,
`down` and `up` for persistence, and at the end, where the exam asks for that, the project once more
with MySQL ten seconds late. Nothing overlaps. What stands in the Compose file is lent to it, read,
by the grader.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from testcontainers.core.config import testcontainers_config
from testcontainers.core.network import Network

from benchmarks.speed.app import NoHistory
from benchmarks.speed.lent import images_run, services_built
from benchmarks.speed.project import (
    Project,
    ProjectApp,
    ProjectMySql,
    ProjectProbe,
    ProjectServices,
    WholeProject,
)
from benchmarks.speed.services import NaiveService, start_service
from benchmarks.speed.suite import Examination
from benchmarks.speed.tools import Bases, answers, docker, free_port, wait_until
from benchmarks.speed.values import app_variables
from grader.criteria import DATABASE_LATE
from grader.exam.compose_view import ComposeView
from grader.exam.dispatch import Operations
from grader.exam.protocol import InjectedValues
from grader.exam.runner import Examined
from grader.model import Challenge
from grader.run.probes.late_database import DELAY
from grader.service_catalogue import built_in

VARIABLE = re.compile(r"^([A-Z_]+)=(.*)", re.MULTILINE)
CREDENTIAL = re.compile("KEY|PASSWORD|SECRET|TOKEN")
"""Stands in the names of variables that get a value of their own in each run."""
OVERRIDE = "override.yaml"


@dataclass(kw_only=True)
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
    _given: tuple[NaiveService, ...] = ()
    """The services of the exam's own, which the project reaches by their names."""
    _joined: list[str] = field(default_factory=list)
    """The networks of the project that these are on."""

    def grade(self) -> Examined:
        """Build, start, examine, start once more without MySQL, remove."""
        testcontainers_config.ryuk_disabled = True
        with tempfile.TemporaryDirectory() as scratch, ExitStack() as stack:
            folder = Path(scratch, "submission")
            shutil.copytree(self.source, folder)
            project = self.project(folder)
            self._given = self._start_services(stack)
            env, injected = app_variables(self.challenge, self.seed, self._given)
            injected = self._write(folder, env, injected)
            stack.callback(self._down, project, "--volumes", "--rmi", "local")
            project.compose("build", *([] if self.cached else ["--no-cache"]))
            self._up(project)
            services = [*self._given, *self.database(project)]
            done = Examination(
                challenge=self.challenge, seed=self.seed, source=self.source,
                port=self.challenge.app.port, injected=injected,
                operations=self.operations(project, services),
                services=tuple(one.described() for one in services), compose=self.view,
            ).run()  # fmt: skip
            self._down(project, "--volumes")
            if any(one.id == DATABASE_LATE for one in self.challenge.criteria):
                self._late(project)
            return done

    def project(self, folder: Path) -> Project:
        """Return the project in `folder`."""
        return Project(name=self._name, folder=folder, files=(self.view.path, OVERRIDE))

    def operations(self, project: Project, services: Sequence[NaiveService]) -> Operations:
        """Return what the suite may ask for."""
        app, inside = self.view.app, self.challenge.app
        return Operations(
            submission=NoHistory(),
            app=ProjectApp(project=project, service=app, ready=self._await_answer),
            probe=ProjectProbe(
                name=f"{self._name}-probe", ready=inside.ready, project=project, service=app,
                inside=inside.port,
            ),
            compose=WholeProject(
                project=project, down=lambda: self._down(project), up=lambda: self._up(project)
            ),
            composed=ProjectServices(project=project),
            services={one.manifest.fixture: one.operations() for one in services},
        )  # fmt: skip

    # -- services --------------------------------------------------------------------------

    def _start_services(self, stack: ExitStack) -> tuple[NaiveService, ...]:
        """Start what the exam provides, on a network of its own at first."""
        if not self.challenge.services:
            return ()
        network = stack.enter_context(Network())
        return tuple(
            start_service(one, self.bases, network, "", stack) for one in self.challenge.services
        )

    def _join(self, project: Project) -> None:
        """Put the services of the exam on the networks of the project, once these are there."""
        if not self._given or self._joined:
            return
        project.compose("up", "--no-start")
        self._joined += project.networks()
        for one in self._given:
            for network in self._joined:
                docker("network", "connect", "--alias", one.manifest.name, network, one.server.id)

    def database(self, project: Project) -> list[NaiveService]:
        """Return the project's MySQL; none where the exam names roles, and looks into none."""
        if self.challenge.roles:
            return []
        server = ProjectMySql(self.bases.engine, project, self.view.database)
        address = ("127.0.0.1", self._mysql_port)
        return [NaiveService(manifest=built_in()["mysql"], server=server, address=address)]

    # -- the project -----------------------------------------------------------------------

    def _write(self, folder: Path, env: dict[str, str], injected: InjectedValues) -> InjectedValues:
        """Write `.env` with values for this run, and what has to be otherwise on this machine.

        Return what the suite is told of the values: passwords and keys of the file's are secret.
        """
        example = dict(VARIABLE.findall((folder / ".env.example").read_text("utf-8")))
        own = {name: secrets.token_hex(16) for name in example if CREDENTIAL.search(name)}
        values = example | own | {name: env[name] for name in example if name in env}
        lines = "".join(f"{name}={value}\n" for name, value in values.items())
        (folder / ".env").write_text(lines, "utf-8")
        build = {"build": {
            "context": ".",
            "additional_contexts": {
                name: f"docker-image://{image}" for name, image in self.bases.contexts.items()
            },
            "extra_hosts": [f"{name}:{to}" for name, to in self.bases.hosts.items()],
        }}  # fmt: skip
        services: dict[str, dict[str, Any]] = dict.fromkeys(services_built(self.view), build)
        for name, image in images_run(self.view).items():
            services[name] = {"image": self.bases.stock[image], "pull_policy": "never"}
        if not self.challenge.roles:
            published = f"127.0.0.1:{self._mysql_port}:3306"
            services[self.view.database]["ports"] = [published]
        (folder / OVERRIDE).write_text(json.dumps({"services": services}), "utf-8")
        told = {name: values[name] for name in example if name in env or name in own}
        plain = injected.environment
        return InjectedValues.of(
            told, {name: value for name, value in told.items() if name not in plain}
        )

    def _up(self, project: Project) -> None:
        self._join(project)
        project.compose("up", "-d")
        self._await_answer()

    def _await_answer(self) -> None:
        app = self.challenge.app
        wait_until(lambda: answers(app.port, app.ready))

    def _down(self, project: Project, *options: str) -> None:
        for one in self._given:
            for network in self._joined:
                docker("network", "disconnect", network, one.server.id)
        self._joined.clear()
        project.compose("down", *options)

    def _late(self, project: Project) -> None:
        """MySQL is started ten seconds after the app, which must be there all the same."""
        project.compose("up", "-d", "--no-deps", self.view.app)
        time.sleep(DELAY)
        self._up(project)
