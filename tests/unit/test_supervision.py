"""What hangs is given up at its limit, and named; what is cancelled has a moment to end."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader import pipeline, process
from grader.app_spec import Limits
from grader.deadline import ending
from grader.errors import Cancelled
from grader.model import Ungradable
from grader.run.limits import limit_of, limit_of_run
from grader.run.resources import Resources
from grader.sandbox.launch import await_ready
from grader.settings import Settings
from grader.supervision import Abandoned, Overdue, Supervisor, supervised
from grader.testing import a_challenge


@pytest.fixture(autouse=True)
def _own_state(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is given up here is no reason for the tests' own process to leave anybody behind."""
    monkeypatch.setattr(ending, "_state", ending._State())


@pytest.fixture
def over() -> Iterator[threading.Event]:
    """Ends what hangs once the test is over."""
    event = threading.Event()
    yield event
    event.set()


def _wait(over: threading.Event) -> None:
    over.wait(60)


def test_work_past_its_limit_is_given_up(over: threading.Event) -> None:
    """The one who waits goes on, and hears of it."""
    started = time.monotonic()
    with pytest.raises(Overdue, match="The phase 'teardown' did not end within its limit of 0 s"):
        supervised(lambda: _wait(over), limit=0.1, name="teardown")
    assert time.monotonic() - started < 1


def test_no_time_at_all_is_a_limit(over: threading.Event) -> None:
    """Where a signal has left none."""
    with pytest.raises(Overdue):
        supervised(lambda: _wait(over), limit=0.0)


def test_a_phase_past_its_limit_is_named_with_its_call(over: threading.Event) -> None:
    """By file, line and function: the innermost of the grader's own."""
    supervisor = Supervisor()
    hung = threading.Thread(target=lambda: _in_phase(supervisor, "launch", 0.1, over), daemon=True)

    def work() -> None:
        hung.start()
        over.wait(60)

    with pytest.raises(Overdue) as caught:
        supervised(work, supervisor=supervisor, limit=60)
    said = str(caught.value)
    assert "The phase 'launch'" in said
    where = f"it was in grader/{Path(await_ready.__code__.co_filename).parent.name}/launch.py:"
    assert where in said
    assert "(await_ready)" in said


class _Hangs:
    """A container that never says how it is."""

    id = "x"

    def __init__(self, over: threading.Event) -> None:
        self.state = lambda: over.wait(60) or None


def _in_phase(supervisor: Supervisor, name: str, limit: float, over: threading.Event) -> None:
    from types import SimpleNamespace

    readiness = SimpleNamespace(path="/", within=60, accepts=lambda status: True)
    with supervisor.phase(name, limit):
        try:
            await_ready(
                _Hangs(over), ("127.0.0.1", 1), readiness, SimpleNamespace(port=1),  # type: ignore[arg-type]
                cancel=threading.Event(), listening=lambda _: (),
            )  # fmt: skip
        except AttributeError:
            pass  # the test is over


def test_phases_within_their_limits_are_left_alone() -> None:
    """A phase that has ended counts no more."""
    supervisor = Supervisor()

    def work() -> None:
        with supervisor.phase("inspect", 0.01):
            pass
        time.sleep(0.2)

    supervised(work, supervisor=supervisor, limit=60)


def test_what_is_cancelled_and_goes_on_is_abandoned(
    over: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After its moment; a run of a batch that is stopped holds nobody up."""
    monkeypatch.setattr(ending, "ORDERLY_SECONDS", 0.1)
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Abandoned):
        supervised(lambda: _wait(over), cancel=cancel)


def test_what_ends_once_it_is_cancelled_is_not() -> None:
    """It has said itself how it ended."""
    cancel = threading.Event()

    def work() -> None:
        cancel.set()
        time.sleep(0.1)
        msg = "by itself"
        raise Cancelled(msg)

    with pytest.raises(Cancelled, match="by itself") as caught:
        supervised(work, cancel=cancel)
    assert not isinstance(caught.value, Abandoned)


def test_a_run_that_hangs_has_no_score(
    tmp_path: Path, over: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentence is its reason, the next run goes on, and its programs are ended."""
    monkeypatch.setattr(pipeline, "take", lambda *_, **__: over.wait(60))
    env = {
        "GRADER_STATE": str(tmp_path), "DOCKER_HOST": f"unix://{tmp_path}/none",
        "GRADER_PHASE_SECONDS": "0.3",
    }  # fmt: skip
    ended: list[str] = []
    real = Resources.end_programs

    def end_programs(resources: Resources) -> None:
        ended.append(resources.run)
        real(resources)

    monkeypatch.setattr(Resources, "end_programs", end_programs)
    started = time.monotonic()
    report = pipeline.grade(a_challenge(), tmp_path, Settings.from_env(env))
    assert time.monotonic() - started < 5
    assert isinstance(report, Ungradable)
    assert report.reason.startswith("The phase 'intake' did not end within its limit")
    assert "grader/pipeline.py" in report.reason
    assert set(ended) == {report.provenance.run}


def test_limits_are_wider_than_what_an_exam_allows() -> None:
    """A slow submission is ended by the exam's limits, with a verdict, and never by these."""
    limits = Limits(build=900, start=120, suite=1800)
    assert limit_of("build", limits) > 8 * limits.build
    assert limit_of("launch", limits) > limits.start + 60
    assert limit_of("examine", limits) > limits.suite + 2 * limits.start
    assert limit_of_run(limits) > limit_of("build", limits) + limit_of("examine", limits)
    assert limit_of("examine", limits, 3.0) == 3.0


def test_programs_of_a_thread_end_with_what_ends_the_thread(tmp_path: Path) -> None:
    """Though nobody has handed the event on."""
    cancel = threading.Event()
    threading.Timer(0.2, cancel.set).start()
    started = time.monotonic()
    with ending.cancelled_by(cancel), pytest.raises(Cancelled):
        process.run(["sleep", "30"], deadline=60)
    assert time.monotonic() - started < 3
    process.run(["true"], deadline=60)


def test_a_loop_ends_with_what_ends_the_thread() -> None:
    """Within the block only; blocks may be within others."""
    inner, outer = threading.Event(), threading.Event()
    with ending.cancelled_by(outer):
        with ending.cancelled_by(inner):
            inner.set()
            with pytest.raises(Cancelled):
                ending.going_on()
        ending.going_on()
    ending.going_on()


def test_a_program_that_reads_nothing_holds_nobody_up() -> None:
    """However much there is to write to it."""
    started = time.monotonic()
    done = process.run(["sleep", "30"], deadline=0.3, stdin=b"x" * 1_000_000, check=False)
    assert done.timed_out
    assert time.monotonic() - started < 3


def test_all_programs_can_be_killed_at_once() -> None:
    """As the last thing before a process ends that cannot wait for them."""
    child = process.spawn(["sh", "-c", "trap '' TERM; sleep 30; sleep 30"])
    process.kill_all()
    assert child.wait(timeout=3) == -9
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.close()
    child.stdout.close()
