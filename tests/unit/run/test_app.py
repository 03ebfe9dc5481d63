"""What the log of an app is taken for, and when; what its refusal to come back costs."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from grader.errors import PlatformError
from grader.exam.faults import Mismatch
from grader.exam.operations import RequestLog
from grader.run.app import LOG_CHARACTERS, DeployedApp, record_start
from grader.run.context import RunContext
from grader.sandbox.container import CannotStart, Startable
from grader.sandbox.diagnosis import AppSettings
from grader.testing import a_challenge
from grader.text import TAIL_CHARACTERS


class FakeContainer:
    """Has printed `log`, and cannot be started again."""

    def __init__(self, log: bytes) -> None:
        self.id, self.log, self.files = "app", log, [("/tmp/hoard-of-hidden-3f9c", b"s3cr3t-value")]

    def raw_logs(self, lines: int) -> bytes:
        """As it was printed."""
        assert lines
        return self.log

    def logs(self) -> str:
        """The same, cleaned; here nothing is to be."""
        return self.log.decode()

    def written_files(self) -> list[tuple[str, bytes]]:
        """What it has written."""
        return self.files

    def refuse(self) -> None:
        """Be started in vain."""
        msg = 'exec: "connection reset by peer": executable file not found in $PATH'
        raise CannotStart(msg)

    kill = restart = recreate = refuse


def app(log: bytes = b"") -> tuple[DeployedApp, RunContext, FakeContainer]:
    context = RunContext.begin(
        run="1", challenge=a_challenge(), settings=cast("Any", None), folder=Path("/nowhere"),
        seed=1, listener=lambda event: None, cancel=cast("Any", SimpleNamespace()),
    )  # fmt: skip
    context.redactor.hide({"KEY": "s3cr3t-value"})
    container = FakeContainer(log)
    one = DeployedApp(context, cast("Startable", container), ("", 0), surroundings=AppSettings())
    return one, context, container


def test_the_log_is_kept_once() -> None:
    """What comes after the first hidden criterion is nobody's to read, however it is printed."""
    one, context, container = app(b"before\n")
    one.keep_tail()
    container.log += b"GET /hidden\nZ2V0IC9oaWRkZW4=\n"
    one.keep_tail()
    assert context.recorder.log.text == "before"
    assert one.logs().endswith("Z2V0IC9oaWRkZW4=\n"), "a suite sees all of it"


def test_what_is_kept_and_what_a_suite_is_given_is_bounded() -> None:
    """Lines of any length."""
    one, context, _ = app(b"x" * 3_000_000 + b"\n" + b"y" * 3_000_000)
    one.keep_tail()
    assert len(context.recorder.log.text) <= TAIL_CHARACTERS
    assert len(one.logs()) == LOG_CHARACTERS


@pytest.mark.parametrize(
    "printed",
    [b"s3cr3t-value", b"s3cr\x1b[0m3t-value", b"\x1b]0;s3cr3t-value\x07", b"s3\x1b]cr3t-"],
)
def test_a_secret_is_found_in_what_was_printed_and_in_what_is_seen(printed: bytes) -> None:
    """Within an escape sequence, and around one."""
    one, _, container = app(printed)
    container.files = []
    assert bool(one.leaks()) is not printed.endswith(b"-")


def test_the_names_of_files_tell_nothing_of_hidden_criteria() -> None:
    """Before them the path is said; after them, its outermost folder."""
    one, context, container = app()
    assert one.leaks()[0].where == "the file /tmp/hoard-of-hidden-3f9c"
    context.recorder.log.kept = True
    assert one.leaks()[0].where == "a file in /tmp"
    container.files = [("/hidden-3f9c/x", b"s3cr3t-value")]
    assert one.leaks()[0].where == "a file in its container"


@pytest.mark.parametrize("what", ["restart", "kill", "recreate"])
def test_an_app_that_cannot_be_started_again_has_failed_the_test(what: str) -> None:
    """It has removed its own program, say: no fault of the platform's, and none that ends a run."""
    one, _, _ = app()
    with pytest.raises(Mismatch, match=r"did not come back\. The container's command"):
        getattr(one, what)()


def test_the_log_of_a_request_ends_in_its_exception() -> None:
    """With the place in the student's own file; a log that cannot be had says nothing."""
    trace = 'Traceback (most recent call last):\n  File "/app/app.py", line 9, in show\n    x[1]\n'

    class Printed:
        id = "1"

        def logs_between(self, since: float, until: float) -> str:
            if not since:
                msg = "no engine"
                raise PlatformError(msg)
            return f"{trace}KeyError: 1\nGET /notes 500\n"

    one = DeployedApp(
        cast("RunContext", None), cast("Startable", Printed()), ("", 0), surroundings=AppSettings()
    )
    assert one.printed(5.0, 6.0) == RequestLog(
        lines=f"{trace}KeyError: 1\nGET /notes 500",
        raised="KeyError: 1 (/app/app.py, line 9)",
    )
    assert one.printed(0.0, 6.0) == RequestLog(lines="", raised="")


def test_a_long_exception_of_a_request_is_shown_to_its_end() -> None:
    """The cause stands in the last words."""
    trace = 'Traceback (most recent call last):\n  File "/app/app.py", line 9, in show\n'
    said = f"RuntimeError: {'x' * 3000} for want of a table"

    class Printed:
        id = "1"

        def logs_between(self, since: float, until: float) -> str:
            return f"{trace}{said}\n"

    one = DeployedApp(
        cast("RunContext", None), cast("Startable", Printed()), ("", 0), surroundings=AppSettings()
    )
    printed = one.printed(5.0, 6.0)
    assert printed.lines.endswith("xxx for want of a table")
    assert printed.raised.startswith("RuntimeError: xxx")
    assert printed.raised.endswith("xxx for want of a table (/app/app.py, line 9)")


@pytest.mark.parametrize(
    ("user", "words"),
    [
        ("root", "as the Compose file has user: 'root' for it"),
        ("1000:0", "Make a user in the Dockerfile"),
        ("", "Make a user in the Dockerfile"),
    ],
)
def test_root_is_put_down_to_the_file_that_says_so(user: str, words: str) -> None:
    """USER in the Dockerfile does nothing where the Compose file names another."""
    one, context, container = app(b"")
    container.user_ids = lambda: {0}  # type: ignore[attr-defined]
    record_start(context, one, None, "image", user)
    assert words in context.recorder.results["docker.non_root"].rationale
