"""Intake: from what a student hands in to a private snapshot. Nothing of it is ever executed."""

from grader.submission.take import reads_history, shown, snapshot_in, take

__all__ = ["reads_history", "shown", "snapshot_in", "take"]
