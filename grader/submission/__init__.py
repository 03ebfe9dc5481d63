"""Intake: from what a student hands in to a private snapshot. Nothing of it is ever executed."""

from grader.submission.directory import take_directory

__all__ = ["take_directory"]
