"""A whole class: many submissions graded, resumable, and what the course system takes of it."""

from grader.batch.attempts import Attempt, AttemptEnding
from grader.batch.entry import Entry
from grader.batch.outputs import write_outputs
from grader.batch.report_store import ReportStore
from grader.batch.roster import read_roster
from grader.batch.run import BatchPlan, run_batch

__all__ = [
    "Attempt",
    "AttemptEnding",
    "BatchPlan",
    "Entry",
    "ReportStore",
    "read_roster",
    "run_batch",
    "write_outputs",
]
