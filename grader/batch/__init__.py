"""A whole class: many submissions graded, resumable, and what the course system takes of it."""

from grader.batch.attempts import Attempt, Ending
from grader.batch.entry import Entry
from grader.batch.outputs import write_outputs
from grader.batch.roster import read_roster
from grader.batch.run import Plan, run_batch
from grader.batch.shelf import Shelf

__all__ = [
    "Attempt",
    "Ending",
    "Entry",
    "Plan",
    "Shelf",
    "read_roster",
    "run_batch",
    "write_outputs",
]
