"""The exchange with an app that is shown as evidence."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One request and what came back, for people to read."""

    curl: str
    answer: str
    status: int = 0
    """The answer's; 0 where none came."""
    began: float = 0.0
    """When the request was sent, in seconds since 1970; 0 where the app's log is not at hand."""
    seconds: float = 0.0
    """How long the answer took."""

    @property
    def broke(self) -> bool:
        """Whether the app failed over it: an error of the server, or no answer."""
        return self.status >= 500 or self.status == 0

    def __str__(self) -> str:
        return f"{self.curl}\n{self.answer}"


@dataclass(frozen=True, kw_only=True)
class Execution:
    """One command and what came of it, for people to read."""

    command: str
    answer: str
    began: float = 0.0
    """No log has more of it than its own output."""
    seconds: float = 0.0
    broke: bool = False
    """Whether its criterion's hint does not fit: how it ended is for the test to judge."""

    def __str__(self) -> str:
        return f"{self.command}\n{self.answer}"
