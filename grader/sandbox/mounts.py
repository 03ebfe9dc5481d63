"""Files of the grader's that the container of an image has, and may only read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, kw_only=True)
class FileMount:
    """A file of this machine as a container has it."""

    source: Path
    target: str
    """Absolute, in the container."""

    def docker(self) -> Any:
        """Return it as docker-py takes it."""
        from docker.types import Mount

        return Mount(self.target, str(self.source), type="bind", read_only=True)
