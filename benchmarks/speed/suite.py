"""The challenge's own suite, as an instructor runs it alongside the naive way's containers."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

from grader.exam.compose_view import ComposeView
from grader.exam.dispatch import Operations
from grader.exam.protocol import (
    AppAddress,
    CriteriaToExamine,
    ExamDescription,
    ExamFiles,
    InjectedValues,
    ServiceDescription,
)
from grader.exam.runner import Examined, ExamProcess
from grader.inspect.dockerfile import find_dockerfile
from grader.model import Challenge, Outcome, Visibility
from grader.run.suite import suite_of

DEADLINE = 600.0
"""Seconds that a suite may take."""
FOUND = (
    "app.starts", "compose.complete", "compose.fresh_credentials", "compose.healthy",
    "compose.valid", "docker.builds", "docker.ignore", "docker.non_root", "repo.files",
)  # fmt: skip
"""What the naive way takes as it is, or has seen by starting."""


@dataclass(frozen=True, kw_only=True)
class Examination:
    """What is examined, and what the suite may ask for."""

    challenge: Challenge
    seed: int
    source: Path
    port: int
    """Where the app is reached on this machine; 0 where nothing serves."""
    injected: InjectedValues
    operations: Operations
    services: tuple[ServiceDescription, ...] = ()
    compose: ComposeView | None = None

    def run(self) -> Examined:
        """Run the suite."""
        process = ExamProcess()
        try:
            process.collect(suite_of(self.challenge))
            return process.examine(
                self._described(), self.operations, deadline=DEADLINE, cancel=threading.Event()
            )
        finally:
            process.close()

    def _described(self) -> ExamDescription:
        """Return what the suite is told: hidden criteria come last, as in a grade."""
        challenge = self.challenge
        hidden = [one for one in challenge.criteria if one.visibility is not Visibility.VISIBLE]
        return ExamDescription(
            criteria=CriteriaToExamine(
                only=tuple(one.id for one in challenge.criteria),
                needs={one.id: tuple(one.needs) for one in challenge.criteria},
                hidden=tuple(one.id for one in hidden),
                sealed=tuple(one.id for one in hidden if one.visibility is Visibility.HIDDEN),
                parts={one.id: tuple(one.parts) for one in challenge.criteria if one.parts},
                known=dict.fromkeys(FOUND, Outcome.PASSED),
            ),
            app=AppAddress(
                host="127.0.0.1" if self.port else "", port=self.port,
                shown=f"http://localhost:{challenge.app.port}",
                request_seconds=challenge.limits.request, body_cap=challenge.limits.body,
            ),
            seed=self.seed,
            injected=self.injected,
            files=ExamFiles(
                snapshot=str(self.source), dockerfile=find_dockerfile(self.source),
                contract=str(challenge.contract) if challenge.contract else None,
            ),
            services=self.services,
            compose=self.compose,
        )  # fmt: skip
