"""Intake: from what a student hands in to a private snapshot. Nothing of it is ever executed.

What this package gives is imported once it is asked for: `grader secrets` reads a history only.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.submission.intake import reads_history, shown, snapshot_in, take

__all__ = ["reads_history", "shown", "snapshot_in", "take"]


def __getattr__(name: str) -> Any:
    """Import what is asked for (PEP 562). Raises `AttributeError` where there is no such name."""
    if name in __all__:
        from grader.submission import intake

        return getattr(intake, name)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
