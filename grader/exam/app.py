"""The `app` fixture: an HTTP client bound to the running app, and a hand on its container."""

from __future__ import annotations

from typing import Any

from grader.exam.client import Client
from grader.exam.wire import Caller


class App(Client):
    """The student's app. Each of its container calls returns when the app answers again."""

    def __init__(self, caller: Caller, address: tuple[str, int], **options: Any) -> None:
        super().__init__(address, **options)
        self._call = caller

    def restart(self) -> None:
        """Stop the container (SIGTERM, then SIGKILL) and start it again."""
        self.disconnect()
        self._call("app.restart")

    def recreate(self) -> None:
        """Remove the container and start a new one of the same image."""
        self.disconnect()
        self._call("app.recreate")

    def kill(self) -> None:
        """Kill the container (SIGKILL) and start it again."""
        self.disconnect()
        self._call("app.kill")

    def logs(self) -> str:
        """The last lines that the app printed."""
        return str(self._call("app.logs"))
