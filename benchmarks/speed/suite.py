"""The challenge's own suite, as an instructor runs it alongside the naive way's containers."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from grader.exam.compose_view import ComposeView
from grader.exam.protocol import (
    AppAddress,
    CriteriaToExamine,
    ExamDescription,
    ExamFiles,
    InjectedValues,
    ServiceDescription,
)
from grader.exam.runner import Examined, ExamProcess
from grader.model import Challenge, Outcome
from grader.run.suite import suite_of
from grader.testing import operations_of

FOUND = (
    "app.starts", "compose.complete", "compose.fresh_credentials", "compose.healthy",
    "compose.valid", "docker.builds", "docker.ignore", "docker.non_root", "repo.files",
)  # fmt: skip
"""What the naive way takes as it is, or has seen by starting."""


def run_suite(
    challenge: Challenge,
    *,
    seed: int,
    port: int,
    access: Mapping[str, Any],
    injected: Mapping[str, str],
    calls: Mapping[str, Callable[..., Any]],
    source: Path | None = None,
    compose: ComposeView | None = None,
) -> Examined:
    """Examine the app on `port`; `access` leads to its MySQL, `calls` do what the suite asks."""
    with tempfile.TemporaryDirectory() as scratch:
        exam = ExamDescription(
            criteria=CriteriaToExamine(
                only=tuple(one.id for one in challenge.criteria),
                needs={one.id: tuple(one.needs) for one in challenge.criteria},
                parts={one.id: tuple(one.parts) for one in challenge.criteria if one.parts},
                known=dict.fromkeys(FOUND, Outcome.PASSED),
            ),
            app=AppAddress(
                host="127.0.0.1", port=port, shown="http://localhost",
                request_seconds=challenge.limits.request, body_cap=challenge.limits.body,
            ),
            seed=seed,
            injected=InjectedValues(secrets=injected, environment={}),
            files=ExamFiles(
                snapshot=str(source or scratch), dockerfile="Dockerfile" if source else None,
                contract=str(challenge.contract) if challenge.contract else None,
            ),
            services=(
                ServiceDescription(
                    name="mysql", fixture="db", target="grader.exam.services.mysql:Database",
                    access=access,
                ),
            ),
            compose=compose,
        )  # fmt: skip
        process = ExamProcess()
        try:
            process.collect(suite_of(challenge))
            return process.examine(
                exam, operations_of(calls), deadline=600, cancel=threading.Event()
            )
        finally:
            process.close()
