"""What a run takes in: the first result of a criterion, images once, times since it began."""

from __future__ import annotations

from dataclasses import replace

from grader.events import CheckFinished, Event, Progressed
from grader.model import BaseImage, CheckResult, Outcome, PartResult, Substitution
from grader.run.recorder import PhaseTimings, Recorder
from grader.run.redaction import Redactor

SECRET = "kR7-drawn-for-this-run"


def recorder() -> tuple[Recorder, list[Event]]:
    """One that hides `SECRET`, and what its listener hears."""
    redactor, heard = Redactor(), list[Event]()
    redactor.hide({"KEY": SECRET})
    return Recorder(listener=heard.append, redactor=redactor), heard


def test_a_criterion_s_first_result_counts() -> None:
    """A later phase finds out nothing about what is already known; nobody hears of it twice."""
    one, heard = recorder()
    first = CheckResult(criterion="app.starts", outcome=Outcome.FAILED, rationale="It ended.")
    one.record(first)
    one.record(replace(first, outcome=Outcome.PASSED))
    one.record(replace(first, criterion="app.ready"))
    assert one.results["app.starts"] == first
    assert [event.result.criterion for event in heard if isinstance(event, CheckFinished)] == [
        "app.starts", "app.ready"
    ]  # fmt: skip


def test_all_that_is_shown_of_a_result_is_redacted() -> None:
    """Also what students do not see, and each part; a time is cut to milliseconds."""
    one, _ = recorder()
    part = PartResult(
        id="a", title="A", points=1, outcome=Outcome.FAILED, rationale=f"part {SECRET}"
    )
    result = CheckResult(
        criterion="todo.create", outcome=Outcome.FAILED, rationale=f"said {SECRET}",
        evidence=f"seen {SECRET}", hidden_reason=f"hidden {SECRET}", parts=(part,),
        duration=1.23456,
    )  # fmt: skip
    one.record(result)
    found = one.results["todo.create"]
    shown = [found.rationale, found.evidence, found.hidden_reason, found.parts[0].rationale]
    assert [text and text.split()[0] for text in shown] == ["said", "seen", "hidden", "part"]
    assert SECRET not in repr(found)
    assert found.duration == 1.235


def test_progress_shows_no_secret() -> None:
    one, heard = recorder()
    one.progress("build", f"ARG KEY={SECRET}")
    (event,) = heard
    assert isinstance(event, Progressed)
    assert event.phase == "build"
    assert event.message.startswith("ARG KEY=")
    assert SECRET not in event.message


def test_images_are_noted_once() -> None:
    """Two builds that stand on one image are one line of the report."""
    one, _ = recorder()
    swap = Substitution(wanted="python:3.12", used="debian", reason="no registry")
    base = BaseImage(reference="python:3.12", registry="sha256:1")
    for _ in range(2):
        one.substitute(swap)
        one.start_from(base)
    one.substitute(None)
    one.start_from(None)
    assert one.materials.substitutions == [swap]
    assert one.materials.bases == {"python:3.12": base}


def test_times_count_from_the_beginning_of_the_run() -> None:
    one, _ = recorder()
    one.timings = PhaseTimings(began=100.0)
    one.time("build", 100.5, 103.25)
    (timing,) = one.timings.taken
    assert (timing.phase, timing.start, timing.end) == ("build", 0.5, 3.25)
