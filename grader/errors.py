"""The error tree. Each class carries the exit code that the command line ends with.

::

    GraderError                     (3)  anything that stops a run
    ├── UsageError                  (2)  the caller asked for something that cannot be
    │   ├── UnknownChallenge        (2)  no such challenge; names the nearest one
    │   ├── SourceError             (2)  the path given is no submission
    │   ├── ReportUnreadable        (2)  what was given for a stored report is none
    │   └── SpecError               (2)  challenge.yml or its suite is broken; holds every problem
    ├── SubmissionRejected          (1)  the submission breaks the exam's policy; nothing was run
    ├── PlatformError               (3)  our fault or the machine's; never costs a student a point
    │   ├── EngineUnavailable       (3)  no Docker engine, one too old, or one that went away
    │   ├── ImageUnavailable        (3)  an image can neither be pulled nor replaced here
    │   ├── DiskFull                (3)  no space left on the device
    │   └── ProcessFailed           (3)  a program that we started failed; holds its last lines
    └── Cancelled                 (130)  the user pressed Ctrl-C

A fault of the student's is no error: it is a `CheckResult` with its rationale.
"""

from __future__ import annotations

from typing import ClassVar


class GraderError(Exception):
    """Anything that stops a run. The message says what happened and what to do next."""

    exit_code: ClassVar[int] = 3


class UsageError(GraderError):
    """The caller asked for something that cannot be done."""

    exit_code = 2


class UnknownChallenge(UsageError):
    """There is no challenge of that name."""


class SourceError(UsageError):
    """The path given cannot be read as a submission."""


class ReportUnreadable(UsageError):
    """What was given for a stored JSON report is none that this grader can read."""


class SpecError(UsageError):
    """A challenge is broken. `problems` holds one sentence for each fault found."""

    def __init__(self, where: str, problems: list[str]) -> None:
        self.problems = problems
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        listing = "\n".join(f"  - {problem}" for problem in problems)
        super().__init__(f"{where} has {count}; correct each of these and run it again:\n{listing}")


class SubmissionRejected(GraderError):
    """The submission breaks the exam's policy; nothing of it was run."""

    exit_code = 1


class PlatformError(GraderError):
    """The platform failed. The submission has no score, and the run can be repeated."""


class EngineUnavailable(PlatformError):
    """There is no usable Docker engine, or it went away in mid-run."""


class ImageUnavailable(PlatformError):
    """An image can neither be pulled nor built nor replaced on this machine."""


class DiskFull(PlatformError):
    """The disk of the engine or of the working folder has no space left."""


class ProcessFailed(PlatformError):
    """A program that the grader started ended badly. `tail` holds its last lines."""

    def __init__(self, message: str, *, returncode: int, tail: str) -> None:
        self.returncode = returncode
        self.tail = tail
        super().__init__(message)


class Cancelled(GraderError):
    """The run was interrupted; everything it had made is removed."""

    exit_code = 130
