"""The door to subprocesses."""

import sys
import threading
import time

import psutil
import pytest

from grader import process
from grader.errors import Cancelled, PlatformError, ProcessFailed


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_output_comes_line_by_line() -> None:
    """Each line is passed on, and the last ones are kept."""
    lines: list[str] = []
    done = process.run(python("print('a'); print('b')"), deadline=20, on_line=lines.append)
    assert lines == ["a", "b"]
    assert done.tail == "a\nb"


def test_a_bad_end_is_an_error_with_the_last_lines() -> None:
    """What failed says why, in its own words."""
    with pytest.raises(ProcessFailed, match="ended with status 3") as caught:
        process.run(python("import sys; print('why'); sys.exit(3)"), deadline=20)
    assert caught.value.tail == "why"
    assert caught.value.returncode == 3


def test_a_long_line_keeps_its_end() -> None:
    """Errors stand there."""
    done = process.run(python("print('a' + 'x' * 9000 + ' because')"), deadline=20)
    assert done.tail.startswith("axxx")
    assert done.tail.endswith("xxx because")
    assert len(done.tail) < 5000


@pytest.mark.slow
def test_a_deadline_ends_the_whole_group() -> None:
    """A program's children end with it."""
    code = "sleep 60 & echo $!; sleep 60"
    started = time.monotonic()
    done = process.run(["sh", "-c", code], deadline=1, check=False)
    assert done.timed_out
    assert time.monotonic() - started < 20
    try:
        child = psutil.Process(int(done.tail))
    except psutil.NoSuchProcess:
        return
    until = time.monotonic() + 5
    while child.is_running() and child.status() != psutil.STATUS_ZOMBIE:  # a kill takes its time
        assert time.monotonic() < until, "the child lives on"
        time.sleep(0.01)


def test_a_flood_is_stopped() -> None:
    """Output beyond the cap ends the program."""
    done = process.run(
        python("while True: print('x' * 1000)"), deadline=30, output_cap=100_000, check=False
    )
    assert done.flooded
    assert not done.timed_out


def test_a_cancelled_run_ends_at_once() -> None:
    """Setting the event ends the program and raises."""
    cancel = threading.Event()
    threading.Timer(0.2, cancel.set).start()
    with pytest.raises(Cancelled):
        process.run(python("import time; time.sleep(60)"), deadline=30, cancel=cancel)


def test_a_missing_program_is_named() -> None:
    """The message says what to install."""
    with pytest.raises(PlatformError, match="'no-such-program' is not installed"):
        process.run(["no-such-program"], deadline=5)
