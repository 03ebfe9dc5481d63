"""Settings: read once from the environment where a program starts, then passed down."""

from __future__ import annotations

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
    `GRADER_CHALLENGES`        folder of challenges (default: the ones shipped)
    `GRADER_REFERENCES`        folder of reference solutions (default: the ones shipped)
    `GRADER_STATE`             folder for locks, the package index's cache and logs
    `GRADER_INDEX_PORT`        TCP port of the local package index (default 4041)
    `DOCKER_HOST`              URL of the Docker engine (default: the local socket)
    ========================== =========================================================
    """

    challenges: Path
    references: Path
    state: Path
    index_port: int
    docker_host: str | None

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        """Read the settings from `env`; raises `UsageError` naming a variable that is unusable."""
        from platformdirs import user_cache_path

        state = env.get("GRADER_STATE")
        return cls(
            challenges=Path(env.get("GRADER_CHALLENGES") or REPOSITORY / "challenges"),
            references=Path(env.get("GRADER_REFERENCES") or REPOSITORY / "reference_solutions"),
            state=Path(state) if state else user_cache_path("practical-exam-grader"),
            index_port=_port(env, "GRADER_INDEX_PORT", 4041),
            docker_host=env.get("DOCKER_HOST") or None,
        )


def _port(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name) or str(default)
    if not text.isdigit() or not 1024 <= int(text) <= 65535:
        msg = f"{name} is {text!r}; set it to a TCP port from 1024 to 65535, or unset it."
        raise UsageError(msg)
    return int(text)
