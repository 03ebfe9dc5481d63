"""What an instructor writes today, for one submission with a Dockerfile.

`docker build`, the usual containers of testcontainers for the exam's services, `docker run`, a loop
that waits a second between two looks, the challenge's own pytest suite, and for each question about
persistence the container down and up again. Nothing overlaps; whatever the suite asks for is done
by the docker command, or by the grader's own classes where that is a question to a server. It
checks less than the grader does: neither policy nor secrets in files or layers.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from testcontainers.core.config import testcontainers_config
from testcontainers.core.network import Network

from benchmarks.speed.app import NaiveApp, NaiveCommands, NaiveProbe, NoHistory, Recipe
from benchmarks.speed.services import NaiveService, start_service
from benchmarks.speed.suite import Examination
from benchmarks.speed.tools import Bases, docker
from benchmarks.speed.values import app_variables
from benchmarks.speed.volumes import start_volumes, volume_operations
from grader.exam.dispatch import Operations
from grader.exam.runner import Examined
from grader.model import Challenge
from grader.sandbox.command import NO_NETWORK, CommandSpec
from grader.sandbox.volumes import VolumeHelper, create_volumes


@dataclass(kw_only=True)
class Naive:
    """One submission, graded from beginning to end by `grade`."""

    challenge: Challenge
    source: Path
    bases: Bases
    seed: int
    cached: bool = True
    _name: str = field(default_factory=lambda: f"naive-{secrets.token_hex(4)}")

    def grade(self) -> Examined:
        """Build, start, examine, remove."""
        testcontainers_config.ryuk_disabled = True
        challenge, name = self.challenge, self._name
        with ExitStack() as stack:
            self._build()
            stack.callback(docker, "image", "rm", "-f", name)
            network, inner = Network(), NO_NETWORK
            if self.serves or challenge.services:
                inner = str(stack.enter_context(network).name)
            inside = f"{name}:{challenge.app.port}"
            services = [
                start_service(one, self.bases, network, inside, stack) for one in challenge.services
            ]
            helper = start_volumes(self.bases, name, challenge.app.volumes, stack)
            env, injected = app_variables(challenge, self.seed, services)
            app = self.app(inner, env, helper)
            if self.serves:
                stack.callback(docker, "rm", "-f", "-v", name)
                app.start()
            return Examination(
                challenge=challenge, seed=self.seed, source=self.source,
                port=app.port if self.serves else 0, injected=injected,
                operations=self.operations(app, services, helper),
                services=tuple(one.described() for one in services),
            ).run()  # fmt: skip

    @property
    def serves(self) -> bool:
        """Whether the image serves, and is no command alone."""
        return self.challenge.mode != "command"

    def app(self, network: str, env: dict[str, str], helper: VolumeHelper | None) -> NaiveApp:
        """Return the app, not started yet, on a network."""
        app, volumes = self.challenge.app, helper.mounts if helper else ()
        return NaiveApp(
            name=self._name, ready=app.ready,
            recipe=Recipe(
                image=self._name, network=network, inside=app.port, env=env, volumes=volumes
            ),
        )  # fmt: skip

    def operations(
        self, app: NaiveApp, services: Sequence[NaiveService], helper: VolumeHelper | None
    ) -> Operations:
        """Return what the suite may ask for."""
        recipe, serves = app.recipe, self.serves
        commands = CommandSpec(
            image=recipe.image, env=recipe.env, limits=self.challenge.limits, labels={},
            network=recipe.network, volumes=recipe.volumes,
        )  # fmt: skip
        probe = NaiveProbe(
            name=f"{self._name}-probe", ready=app.ready, recipe=recipe,
            new_volumes=partial(
                create_volumes, self.bases.engine, self._name, self.challenge.app.volumes, {},
                kind="beside",
            ),
        )  # fmt: skip
        return Operations(
            submission=NoHistory(),
            app=app if serves else None,
            probe=probe if serves else None,
            command=NaiveCommands(engine=self.bases.engine, spec=commands),
            volume=volume_operations(helper, app),
            services={one.manifest.fixture: one.operations() for one in services},
        )

    def _build(self) -> None:
        options = ["--network=default"] + ([] if self.cached else ["--no-cache"])
        options += [
            f"--build-context={name}=docker-image://{image}"
            for name, image in self.bases.contexts.items()
        ]
        options += [f"--add-host={name}:{to}" for name, to in self.bases.hosts.items()]
        docker("build", *options, "-t", self._name, str(self.source))
