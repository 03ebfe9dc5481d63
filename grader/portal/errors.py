"""What can go wrong in the portal; each message says what to do next."""

from __future__ import annotations

from grader.errors import PlatformError, UsageError


class DatabaseAway(PlatformError):
    """The portal's database does not answer, or cannot be what was named."""


class ActionRefused(UsageError):
    """What was asked for is not possible now; the message is for the person who asked."""


class NotFound(UsageError):
    """There is no such thing, or the person may not know of it."""
