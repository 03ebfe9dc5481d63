"""The challenge's own suite, as an instructor runs it alongside the naive way's containers."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from grader.exam.runner import Examined, ExamProcess
from grader.model import Challenge, Outcome
from grader.run.suite import suite_paths

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
    compose: Mapping[str, Any] | None = None,
) -> Examined:
    """Examine the app on `port`; `access` leads to its MySQL, `calls` do what the suite asks."""
    with tempfile.TemporaryDirectory() as scratch:
        exam = {
            "survey": False, "root": str(challenge.root), "paths": suite_paths(challenge.root),
            "only": [one.id for one in challenge.criteria], "order": [],
            "needs": {one.id: list(one.needs) for one in challenge.criteria},
            "known": dict.fromkeys(FOUND, str(Outcome.PASSED)), "seed": seed,
            "host": "127.0.0.1", "port": port, "shown": "http://localhost",
            "request_seconds": challenge.limits.request, "body_cap": challenge.limits.body,
            "mysql": dict(access), "secrets": dict(injected), "environment": {},
            "snapshot": str(source or scratch), "dockerfile": "Dockerfile" if source else None,
            "compose": compose, "contract": str(challenge.contract) if challenge.contract else None,
        }  # fmt: skip
        process = ExamProcess()
        try:
            return process.examine(exam, calls, deadline=600, cancel=threading.Event())
        finally:
            process.close()
