"""A batch: each graded once, each fault apart, none at another's cost."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grader.batch import Attempt, AttemptEnding, run_batch, write_outputs
from grader.batch import identity as identities
from grader.errors import Cancelled, DiskFull, SpecError, UsageError
from tests.unit.batch.faking import Class, wait_until
from tests.unit.submission.packing import git


@pytest.fixture
def group(tmp_path: Path) -> Class:
    """An empty class."""
    return Class(tmp_path)


def run(
    group: Class, seed: int | None = None, jobs: int = 2, *, tables: bool = False
) -> dict[str, Attempt]:
    """Run the batch, and write its tables where they are looked at."""
    with group.store.ours():
        attempts = run_batch(group.plan(seed, jobs), group.entries())
        if tables:
            write_outputs(group.challenge, attempts, group.store)
    return {attempt.entry.student: attempt for attempt in attempts}


def endings(attempts: dict[str, Attempt]) -> dict[str, str]:
    return {name: str(attempt.ending) for name, attempt in attempts.items()}


def grades(group: Class) -> str:
    return (group.store.root / "grades.csv").read_text("utf-8")


def test_what_is_graded_is_not_graded_again(group: Class) -> None:
    """A second run makes the same tables out of the same reports."""
    group.hand_in(ada="ppp", bob="ppf", eve="reject")
    first = run(group, tables=True)
    assert {name: one.points for name, one in first.items()} == {
        "ada": "10/10", "bob": "7/10", "eve": "rejected"
    }  # fmt: skip
    before = grades(group)
    assert set(endings(run(group, tables=True)).values()) == {"kept"}
    assert sorted(group.fake.calls) == ["ada", "bob", "eve"]
    assert grades(group) == before


def test_changed_content_is_graded_again(group: Class) -> None:
    """Only that."""
    group.hand_in(ada="ppp", bob="ppf")
    run(group)
    group.hand_in(bob="ppp")
    assert endings(run(group, tables=True)) == {"ada": "kept", "bob": "graded"}
    assert group.fake.calls.count("bob") == 2
    assert "bob,,,graded,10,10,100,yes" in grades(group)


def test_the_same_files_at_another_commit_are_graded_again(group: Class) -> None:
    """What was committed in between can be a secret."""
    group.hand_in(ada="ppp")
    folder = group.answers / "ada"
    git(folder, "init", "-q")
    for expected in ("graded", "graded", "kept"):
        if expected == "graded":
            git(folder, "commit", "-q", "--allow-empty", "-m", "x")
        assert endings(run(group)) == {"ada": expected}


def test_a_changed_challenge_is_graded_again(group: Class) -> None:
    """All of it."""
    group.hand_in(ada="ppp", bob="ppf")
    run(group)
    group.challenge = replace(group.challenge, digest="sha256:" + "0" * 64)
    assert set(endings(run(group)).values()) == {"graded"}


def test_another_grader_grades_again(group: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    """A version may judge otherwise than the one before."""
    group.hand_in(ada="ppp")
    run(group)
    monkeypatch.setattr(identities, "version", lambda name: "9.9")
    assert endings(run(group)) == {"ada": "graded"}


def test_a_seed_that_is_asked_for_counts(group: Class) -> None:
    """The same for all; a report with another one is none of that run's."""
    group.hand_in(ada="ppp", bob="ppp")
    run(group)
    assert len(set(group.fake.seeds)) == 2, "each has its own where none is asked for"
    assert set(endings(run(group, seed=7)).values()) == {"graded"}
    assert group.fake.seeds[2:] == [7, 7]
    assert set(endings(run(group, seed=7)).values()) == {"kept"}
    assert set(endings(run(group)).values()) == {"kept"}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"run": {}}', '{"run": 1, "verdict": "graded"}'])
def test_a_mangled_report_is_no_result(group: Class, text: str) -> None:
    """Half a file, or somebody else's."""
    group.hand_in(ada="ppp")
    run(group)
    group.store.path(group.entries()[0]).write_text(text)
    assert endings(run(group)) == {"ada": "graded"}


def test_a_platform_that_fails_gets_two_more_tries(group: Class) -> None:
    """With the same seed, as the data are not at fault; on nothing shared, as that may be."""
    group.hand_in(ada="fault", bob="ppp")
    group.fake.faults = 2
    assert endings(run(group, jobs=1)) == {"ada": "graded", "bob": "graded"}
    assert group.fake.calls == ["ada", "ada", "ada", "bob"]
    assert len(set(group.fake.seeds[:3])) == 1
    assert group.fake.shared == [True, False, False, True]


def test_a_platform_that_goes_on_failing_is_no_zero(group: Class) -> None:
    """It stands apart, is tried again in the next run, and leaves the others alone."""
    group.hand_in(ada="fault", bob="ppp")
    group.fake.faults = 5
    attempts = run(group, tables=True)
    assert endings(attempts) == {"ada": "fault", "bob": "graded"}
    assert attempts["ada"].reason == "The engine is gone."
    assert "ada,,,platform fault,,10,,,The engine is gone." in grades(group)
    for course_system in ("moodle", "canvas", "gradescope"):
        assert "ada" not in (group.store.root / f"{course_system}.csv").read_text()
    assert endings(run(group)) == {"ada": "graded", "bob": "kept"}


def test_what_cannot_be_read_is_a_row_of_its_own(group: Class) -> None:
    """With its reason, and again once it can be."""
    group.hand_in(ada="ppp")
    (group.answers / "bob.zip").write_bytes(b"Rar!\x1a\x07\x01\0")
    (group.answers / "eve").mkdir()
    attempts = run(group)
    assert endings(attempts) == {"ada": "graded", "bob": "unreadable", "eve": "unreadable"}
    assert "no archive that is read" in attempts["bob"].reason
    assert "holds no files" in attempts["eve"].reason
    assert group.fake.calls.count("bob") == 1, "another try would read the same"
    (group.answers / "bob.zip").unlink()
    group.hand_in(bob="ppf", eve="ppp")
    assert endings(run(group)) == {"ada": "kept", "bob": "graded", "eve": "graded"}


def test_a_source_that_has_gone_keeps_its_report(group: Class) -> None:
    """The row says what is so now; the report of before counts again once the source is back."""
    group.hand_in(ada="ppp")
    run(group)
    entries = group.entries()
    (group.answers / "ada").rename(group.answers.parent / "elsewhere")
    (attempt,) = run_batch(group.plan(), entries)
    assert attempt.ending is AttemptEnding.UNREADABLE
    (group.answers.parent / "elsewhere").rename(group.answers / "ada")
    assert endings(run(group)) == {"ada": "kept"}


def test_a_hostile_archive_is_judged_once(group: Class) -> None:
    """What intake rejects has no digest; its reason says whether it is the same."""
    import zipfile

    with zipfile.ZipFile(group.answers / "eve.zip", "w") as archive:
        archive.writestr("../x", "x")
    assert run(group)["eve"].points == "rejected"
    assert endings(run(group)) == {"eve": "kept"}
    assert group.fake.calls == ["eve"]


def test_a_broken_suite_ends_the_batch(group: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the challenge's fault, and so everybody's."""
    group.hand_in(**{f"s{number}": "ppp" for number in range(20)})

    def broken(*arguments: object, **more: object) -> None:
        group.fake.calls.append("x")
        where = "The suite"
        raise SpecError(where, ["test_a.py, line 3: no mark"])

    with pytest.raises(SpecError, match="no mark"):
        run_batch(replace(group.plan(), grade=broken), group.entries())  # type: ignore[arg-type]
    assert len(group.fake.calls) < 20


def test_what_ends_the_batch_waits_for_nobody(group: Class) -> None:
    """Those that are under way are stopped at once, and the first fault is the one told."""
    group.hand_in(ada="ppp", bob="ppp")

    def grade(challenge: object, source: str, *rest: object, **more: Any) -> None:
        if source.endswith("bob"):
            where = "The suite"
            raise SpecError(where, ["test_a.py, line 3: no mark"])
        more["cancel"].wait(30)
        msg = "The run was stopped."
        raise Cancelled(msg)

    began = time.monotonic()
    with pytest.raises(SpecError, match="no mark"):
        run_batch(replace(group.plan(), grade=grade), group.entries())  # type: ignore[arg-type]
    assert time.monotonic() - began < 5


def test_a_full_disk_ends_the_batch(group: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is nowhere to put a result; nothing half-written takes a report's place."""
    group.hand_in(ada="ppp", bob="ppp")
    run(group)
    before = {path.name: path.read_text() for path in (group.store.root / "reports").iterdir()}

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    group.hand_in(ada="ppf")
    monkeypatch.setattr("grader.batch.report_store.os.fsync", full)
    with pytest.raises(DiskFull, match="cannot be written"):
        run_batch(group.plan(), group.entries())
    monkeypatch.undo()
    found = {path.name: path.read_text() for path in (group.store.root / "reports").glob("*.json")}
    assert found == before
    with group.store.ours():
        assert list((group.store.root / "reports").glob(".*")) == []


def test_a_report_is_on_the_disk_before_it_has_its_name(
    group: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A power cut leaves the report of before, or the new one whole; never a name without text."""
    group.hand_in(ada="ppp")
    steps: list[str] = []
    target = group.store.path(group.entries()[0])
    monkeypatch.setattr(
        "grader.batch.report_store.os.fsync",
        lambda number: steps.append(f"sync, {target.exists()}"),
    )
    run(group)
    assert steps == ["sync, False", "sync, True"], "first the file, then its name"


def test_one_that_fails_does_not_stop_another(group: Class) -> None:
    """`grade` sets the event of a run that fails; the others have events of their own."""
    group.hand_in(ada="ungradable", bob="ppp")

    class Careless(type(group.fake)):  # type: ignore[misc]
        def __call__(self, *arguments: object, cancel: threading.Event, **more: object) -> object:
            report = super().__call__(*arguments, cancel=cancel, **more)
            cancel.set()
            return report

    group.fake.__class__ = Careless
    assert endings(run(group)) == {"ada": "fault", "bob": "graded"}


def test_a_fault_of_our_own_is_one_submissions_only(group: Class) -> None:
    """What nobody foresaw costs nobody a point, and no other one anything."""
    group.hand_in(ada="crash", bob="ppp")
    attempts = run(group)
    assert endings(attempts) == {"ada": "fault", "bob": "graded"}
    assert "A fault in the grader itself (RuntimeError: nobody foresaw this" in (
        attempts["ada"].reason
    )


def test_two_batches_do_not_share_a_folder(group: Class) -> None:
    """The second is told to wait."""
    with group.store.ours(), pytest.raises(UsageError, match="Another batch writes into"):
        group.store.ours().__enter__()
    with group.store.ours():
        pass


def test_ctrl_c_ends_what_is_under_way(group: Class) -> None:
    """The rest is not begun, nothing is left behind, and the next run goes on from there."""
    group.hand_in(**{f"s{number}": "ppp" for number in range(8)})
    group.fake.seconds = 30.0
    plan, entries = group.plan(), group.entries()

    def interrupt() -> None:
        wait_until(group.fake.calls)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    began = time.monotonic()
    with pytest.raises(Cancelled, match="Run the same command again"):
        run_batch(plan, entries)
    assert time.monotonic() - began < 5
    assert len(group.fake.calls) <= 2
    assert list((group.root / "state").glob("runs/*")) == []
    group.fake.seconds = 0.0
    run(group)
    assert all(count <= 2 for count in map(group.fake.calls.count, set(group.fake.calls)))


def kill_after(group: Class, lines: int, pause: float) -> None:
    """Run the batch in a process of its own, and kill that once `lines` more have begun."""
    log = group.fake.log
    assert log is not None
    before = len(log.read_text().splitlines())
    child = os.fork()
    if child == 0:
        try:
            run(group, seed=1, tables=True)
        finally:
            os._exit(0)
    end = time.monotonic() + 20
    while len(log.read_text().splitlines()) < before + lines and time.monotonic() < end:
        time.sleep(0.002)
    time.sleep(pause)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_ten_kills_later_each_is_graded_once_and_the_grades_are_the_same(tmp_path: Path) -> None:
    """SIGKILL at random moments: what was finished is never graded again."""
    whole, killed = Class(tmp_path / "whole"), Class(tmp_path / "killed")
    scores = {f"s{number:02}": "".join("pf"[number >> bit & 1] for bit in range(3))
              for number in range(60)}  # fmt: skip
    for group in (whole, killed):
        group.hand_in(**scores)
    run(whole, seed=1, tables=True)
    killed.fake.log, killed.fake.seconds = tmp_path / "log", 0.01
    killed.fake.log.touch()
    moments = random.Random(5)
    for _ in range(10):
        kill_after(killed, moments.randint(1, 5), moments.uniform(0.0, 0.015))
    on_disk = len(list((killed.store.root / "reports").glob("*.json")))
    assert 10 <= on_disk < 60, "the kills came too early or too late to prove anything"
    run(killed, seed=1, tables=True)
    calls = killed.fake.log.read_text().splitlines()
    assert [call for call in calls if call.endswith("again")] == []
    assert set(calls) == set(scores)
    assert len(calls) <= 60 + 10 * 2, "more than what was under way at a kill was begun again"
    assert grades(killed).replace("killed/", "whole/") == grades(whole)
    for name in ("moodle.csv", "canvas.csv", "gradescope.csv"):
        texts = [(one.store.root / name).read_text() for one in (whole, killed)]
        assert texts[0] == texts[1]
    assert list((killed.store.root / "reports").glob(".*")) == []


def test_reports_are_not_kept_in_memory(group: Class) -> None:
    """What a run gives is a line for each; the report is on the disk."""
    group.hand_in(ada="ppf")
    (attempt,) = run(group).values()
    assert set(attempt.__dataclass_fields__) == {"entry", "ending", "reason", "points"}
    assert group.store.read(attempt.entry)["verdict"] == "graded"  # type: ignore[index]
