"""The processes of a portal: started again where they end by themselves."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader import process
from grader.text import last_lines
from grader.waiting import wait_until

LOOK_SECONDS = 0.2
"""How late Ctrl-C may be seen."""
AGAIN_SECONDS = 2.0
"""The least time between two starts of one process."""


@dataclass(kw_only=True)
class PortalProcess:
    """A process of the portal's, whatever its number is just now."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    """What it says, over all its starts."""
    process: subprocess.Popen[bytes] | None = None
    _started: float = 0.0

    def start(self) -> None:
        """Start it."""
        self._started = time.monotonic()
        with self.log.open("ab") as output:
            self.process = process.spawn(self.command, env=self.environment, output=output.fileno())

    @property
    def lives(self) -> bool:
        """Whether it runs."""
        return self.process is not None and self.process.poll() is None

    @property
    def due(self) -> bool:
        """Whether it has ended, and may be started again by now."""
        return not self.lives and time.monotonic() - self._started > AGAIN_SECONDS

    def tail(self) -> str:
        """Return what it said last."""
        with self.log.open("rb") as said:
            said.seek(max(said.seek(0, 2) - 8000, 0))
            return last_lines(said.read().decode("utf-8", "replace"), 12)


def watch(children: Sequence[PortalProcess], say: Callable[[str], None]) -> None:
    """Start again whatever ends, until Ctrl-C."""
    while True:
        wait_until(lambda: any(one.due for one in children), within=60.0, poll=LOOK_SECONDS)
        for one in children:
            if one.due:
                say(f"The process `{one.name}` ended and is started again:\n{one.tail()}")
                one.start()
