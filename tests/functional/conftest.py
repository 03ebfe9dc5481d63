"""The command line, run as people run it, and suites in a process of their own. No Docker."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def grader(tmp_path: Path) -> Command:
    """Runs `grader ARGUMENTS…` with an engine that is not there; `env` adds variables."""

    def run(*arguments: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        base = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        settings = {
            "GRADER_STATE": str(tmp_path / "state"),
            "DOCKER_HOST": f"unix://{tmp_path}/no.sock",
            "COLUMNS": "100",
        }
        return subprocess.run(
            [sys.executable, "-m", "grader", *arguments],
            env=base | settings | (env or {}),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run
