"""One result, rendered: pure functions of a `GradeReport`."""

from grader.report.json import to_json

__all__ = ["to_json"]
