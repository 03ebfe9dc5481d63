"""Settings: read once from the environment where a program starts, then passed down."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.errors import UsageError

REPOSITORY = Path(__file__).resolve().parent.parent
"""The checkout that the package is installed from."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a machine or a person may set for every run.

    ========================== =========================================================
    `GRADER_CHALLENGES`        folders of challenges, separated as in PATH; the first one that
                               holds a name counts (default: the ones shipped)
    `GRADER_REFERENCES`        folder of reference solutions (default: `reference_solutions`
                               alongside a challenge's folder of challenges)
    `GRADER_GIT_FILE`          1: challenges and submissions may come from git repositories
                               of this machine (file://)
    `GRADER_STATE`             folder for locks, the package index's cache and logs
    `GRADER_INDEX_PORT`        TCP port of the local package index (default 4041)
    `GRADER_PHASE_SECONDS`     seconds after which each phase of a run is given up as hanging
                               (default: from the exam's limits); for tests
    `DOCKER_HOST`              URL of the Docker engine (default: the local socket)
    ========================== =========================================================
    """

    challenges: tuple[Path, ...]
    references: Path | None
    git_file: bool
    state: Path
    index_port: int
    docker_host: str | None
    phase_seconds: float | None = None

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        """Read the settings from `env`; raises `UsageError` naming a variable that is unusable."""
        from platformdirs import user_cache_path

        state = env.get("GRADER_STATE")
        named = env.get("GRADER_CHALLENGES", "").split(os.pathsep)
        return cls(
            challenges=tuple(Path(name) for name in named if name) or (REPOSITORY / "challenges",),
            references=Path(env["GRADER_REFERENCES"]) if env.get("GRADER_REFERENCES") else None,
            git_file=env.get("GRADER_GIT_FILE") == "1",
            state=Path(state) if state else user_cache_path("practical-exam-grader"),
            index_port=_port(env, "GRADER_INDEX_PORT", 4041),
            docker_host=env.get("DOCKER_HOST") or None,
            phase_seconds=_seconds(env, "GRADER_PHASE_SECONDS"),
        )

    def references_of(self, challenge: Path) -> Path:
        """Return the folder of the reference solutions of the challenge at `challenge`."""
        return self.references or challenge.parent.parent / "reference_solutions"


def _port(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name) or str(default)
    if not text.isdigit() or not 1024 <= int(text) <= 65535:
        msg = f"{name} is {text!r}; set it to a TCP port from 1024 to 65535, or unset it."
        raise UsageError(msg)
    return int(text)


def _seconds(env: Mapping[str, str], name: str) -> float | None:
    text = env.get(name)
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 1e6:
        msg = f"{name} is {text!r}; set it to a number of seconds, or unset it."
        raise UsageError(msg)
    return seconds
