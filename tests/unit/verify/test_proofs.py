"""What was proven is not run again, and what has changed is."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from grader.errors import EngineUnavailable
from grader.model import Outcome
from grader.settings import Settings
from grader.verify import Proofs, Trial, TrialKind, keys, run
from grader.verify import proofs as proofs_module
from grader.verify.jobs import SEEDS
from grader.verify.machine import Machine
from grader.verify.proof_store import ProofStore
from tests.unit.verify.proof_bench import (
    ALL,
    PYTHON,
    Bench,
    as_expected,
    command_module,
)


def test_what_holds_is_not_run_twice(bench: Bench) -> None:
    """All that the first run gave is there again: trials in their order, points, phases."""
    first = bench.verify()
    assert (first.problems, bench.names(), first.remembered) == ((), ALL, ())
    assert sum(one.kind is TrialKind.REPEAT for one in bench.ran) == 2
    second = bench.verify()
    assert bench.ran == []
    assert second.holds
    assert second.remembered == second.trials
    seen = [
        [(one.kind, one.name, one.seed, one.earned, one.lost, one.outcomes) for one in found.trials]
        for found in (first, second)
    ]
    assert seen[0] == seen[1]
    assert second.phases == first.phases != ()
    assert second.untested == first.untested


def _write(relative: str, text: str) -> Callable[[Bench], None]:
    """A change of a file, seen from the folder that all of a bench is in."""

    def change(bench: Bench) -> None:
        path = bench.settings.state.parent / relative
        path.write_text(text)

    return change


CHANGES: list[tuple[str, Callable[[Bench], None], set[str]]] = [
    ("a file of the grader", _write("package/scoring.py", "POINTS = 2\n"), ALL),
    ("a new file of the grader", _write("package/more.py", ""), ALL),
    ("the suite", _write("guestbook/tests/test_a.py", "def test_b(): ...\n"), ALL),
    ("the starter", _write("guestbook/starter/app.py", "print()\n"), ALL),
    ("an accepted solution", _write("references/guestbook/accepted/fancy/app.py", "1"), {"fancy"}),
    (
        "what a rejected one is based on",
        _write("references/guestbook/accepted/plain/README.md", "More.\n"),
        {"plain", "forgets"},
    ),
    (
        "what a rejected one removes",
        _write(
            "references/guestbook/rejected/forgets.yml",
            "based_on: plain\nremoves: [old.py]\nloses: [entry.stored]\n",
        ),
        {"forgets"},
    ),
    ("why it is rejected, which no run sees",
     _write("references/guestbook/rejected/forgets.yml",
            "based_on: plain\nloses: [entry.stored]\nwhy: told better.\n"), set()),
    ("bytecode", _write("package/__pycache__/scoring.pyc", "new"), set()),
    ("the engine", lambda bench: setattr(bench.machine, "version", "27"), ALL),
    ("the base image", lambda bench: bench.machine.images.update({PYTHON: "sha256:2"}), ALL),
    ("the base image, which is gone", lambda bench: bench.machine.images.clear(), ALL),
    (
        "who may execute a file",
        lambda bench: (
            bench.settings.state.parent / "references/guestbook/accepted/fancy/app.py"
        ).chmod(0o755),
        {"fancy"},
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "names"), [one[1:] for one in CHANGES], ids=[one[0] for one in CHANGES]
)
@pytest.mark.slow
def test_what_has_changed_is_run_again(
    bench: Bench, change: Callable[[Bench], None], names: set[str]
) -> None:
    """Whatever a proof depends on, and only what depends on it."""
    bench.verify()
    change(bench)
    bench.verify()
    assert bench.names() == names


def test_a_changed_patch_is_run_again(bench: Bench, rejected: Path) -> None:
    """It is another mistake."""
    bench.verify()
    patch = rejected / "forgets.patch"
    patch.write_text(patch.read_text().replace("+changed", "+otherwise"))
    bench.verify()
    assert bench.names() == {"forgets"}


def test_another_version_of_a_package_is_another_grader(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The suite runs with it."""
    bench.verify()
    monkeypatch.setattr(keys, "installed", lambda path: {"pytest": "0.1"})
    bench.verify()
    assert bench.names() == ALL


def test_more_seeds_are_run_and_the_others_are_not(bench: Bench) -> None:
    """Each seed is a proof of its own."""
    bench.verify(seeds=(1, 2))
    bench.verify(seeds=(1, 2, 3))
    assert {(one.name, one.seed) for one in bench.ran} == {("plain", 3), ("fancy", 3)}


def test_it_tells_how_long_it_took(bench: Bench) -> None:
    """Of a verification, not of the runs that it remembers."""
    bench.meanwhile = lambda trial: time.sleep(0.01)
    took = bench.verify(jobs=1).seconds
    assert took > 0.01 * len(bench.ran)
    assert bench.ran
    second = bench.verify(jobs=1)
    assert not bench.ran
    assert second.remembered == second.trials
    assert second.seconds > 0


def test_again_runs_everything_and_remembers_it(bench: Bench) -> None:
    """Also what holds; what does not hold any more is forgotten."""
    bench.verify()
    assert bench.verify(again=True).remembered == ()
    assert bench.names() == ALL
    bench.outcomes = lambda trial: {
        name: Outcome.FAILED if trial.name == "plain" else outcome
        for name, outcome in as_expected(trial).items()
    }
    assert not bench.verify(again=True).holds
    bench.outcomes = as_expected
    bench.verify()
    assert bench.names() == {"plain"}


def test_what_fails_is_run_each_time(bench: Bench) -> None:
    """And so is each seed of a solution that does not always come to the same."""

    def varying(trial: Trial) -> dict[str, Outcome]:
        outcomes = as_expected(trial)
        missed = trial.name == "forgets" and trial.seed != 1
        return outcomes | ({"entry.stored": Outcome.PASSED} if missed else {})

    bench.outcomes = varying
    assert "does not lose the same each time" in bench.verify().problems[0]
    found = bench.verify()
    assert not found.holds
    assert {(one.name, one.seed) for one in bench.ran} == {
        ("forgets", 1), ("forgets", SEEDS[1]),
    }  # fmt: skip


def test_what_held_after_a_failure_is_run_each_time(bench: Bench) -> None:
    """Whichever of a solution's runs ends first."""

    def failing(trial: Trial) -> dict[str, Outcome]:
        lost = trial.name == "plain" and trial.seed == 1
        return as_expected(trial) | ({"entry.stored": Outcome.FAILED} if lost else {})

    bench.outcomes = failing
    for _ in range(2):
        assert not bench.verify(jobs=1).holds
        assert {one.seed for one in bench.ran if one.name == "plain"} == set(SEEDS)


def test_without_the_base_image_nothing_is_remembered(bench: Bench) -> None:
    """Nobody could tell later whether it is the same."""
    bench.machine.images.clear()
    assert bench.verify().holds
    assert bench.files() == []


def test_a_proof_of_something_else_is_none(bench: Bench) -> None:
    """Whatever stands in the file, only what holds counts."""
    bench.verify()
    (path,) = [one for one in bench.files() if b'"starter", "seed"' in one.read_bytes()]
    store = ProofStore(path.parent)
    stored = store.read(path.stem)
    assert stored is not None
    for outcomes in ({}, dict.fromkeys(stored.proof.outcomes, Outcome.PASSED)):
        changed = replace(stored.proof, outcomes=outcomes, earned=10)
        store.write(path.stem, replace(stored, proof=changed), label={})
        bench.verify()
        assert bench.names() == {"starter"}


def test_a_repetition_that_differs_is_run_each_time(bench: Bench) -> None:
    """With the solution that it repeats."""

    def differing(trial: Trial) -> dict[str, Outcome]:
        timed_out = trial.of is TrialKind.REJECTED
        return as_expected(trial) | ({"entry.stored": Outcome.TIMED_OUT} if timed_out else {})

    bench.outcomes = differing
    for _ in range(2):
        (problem,) = bench.verify().problems
        assert "graded twice with seed 1 differs" in problem
        assert "forgets" in bench.names()
    assert bench.names() == {"forgets"}
    assert {one.kind for one in bench.ran} == {TrialKind.REJECTED, TrialKind.REPEAT}


def test_no_score_is_no_proof(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A platform that fails proves nothing, and speaks against nothing that was proven."""
    bench.verify(seeds=(1,))

    def fails(challenge: object, settings: object, item: Any, **more: object) -> Trial:
        job, seed = item
        bench.ran.append(job.trial)
        failed: Trial = replace(job.trial, seed=seed, failure="No engine.")
        return failed

    monkeypatch.setattr(run, "_run", fails)
    for _ in range(2):
        assert not bench.verify(seeds=(1, 2)).holds
        assert bench.names() == {"plain", "fancy", "forgets"}


def test_a_machine_without_an_engine_remembers_nothing(bench: Bench) -> None:
    """What could not be looked at has not been proven."""
    bench.verify()
    bench.machine.gone = True
    found = bench.verify()
    assert (bench.names(), found.remembered) == (ALL, ())


def test_what_changes_during_a_run_is_not_remembered(bench: Bench) -> None:
    """Nobody knows which of the two was graded."""
    file = bench.challenge.root / "tests/test_a.py"

    def edit(trial: Trial) -> None:
        file.write_text("def test_c(): ...\n")

    bench.meanwhile = edit
    bench.verify()
    assert bench.files() == []
    bench.verify()
    assert bench.names() == ALL


def test_an_edited_grader_neither_recalls_nor_remembers(bench: Bench) -> None:
    """The process has loaded some of its modules before the edit, and loads others after it."""
    bench.verify()
    edited = keys.PACKAGE / "scoring.py"
    proofs = Proofs(bench.settings.state / "proofs", bench.machine)  # type: ignore[arg-type]
    before = edited.read_text()
    edited.write_text("POINTS = 3\n")
    for _ in range(2):
        found = run.verify(bench.challenge, bench.settings, proofs=proofs)
        assert (found.problems, found.remembered) == ((), ())
    edited.write_text(before)
    assert run.verify(bench.challenge, bench.settings, proofs=proofs).remembered != ()


def test_a_challenge_that_was_loaded_before_an_edit_is_another(bench: Bench) -> None:
    """Its criteria are those of before."""
    bench.challenge = replace(bench.challenge, digest="sha256:before")
    bench.verify()
    bench.challenge = replace(bench.challenge, digest="sha256:after")
    bench.verify()
    assert bench.names() == ALL


def test_two_verifications_at_once(bench: Bench) -> None:
    """Both hold, and what they leave is whole."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        found = list(pool.map(lambda _: bench.verify(), range(2)))
    assert [one.problems for one in found] == [(), ()]
    bench.verify()
    assert bench.ran == []


def test_a_folder_that_cannot_be_written_stops_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The challenge holds all the same; it is only not remembered."""

    def full(*arguments: object, **more: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(ProofStore, "write", full)
    assert bench.verify().holds
    monkeypatch.undo()


def test_an_engine_that_is_not_there_is_said() -> None:
    """Nobody listens at that address."""
    settings = Settings.from_env({"DOCKER_HOST": "unix:///nonexistent/docker.sock"})
    machine = Machine(settings)
    with pytest.raises(EngineUnavailable):
        _ = machine.facts
    machine.close()


def test_the_command_says_what_it_did_not_run(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the table, in a sentence, in the JSON; a named solution is run all the same."""
    monkeypatch.setattr(command_module, "settings", lambda sources: bench.settings)
    monkeypatch.setattr(command_module, "find_challenge", lambda slug, settings: bench.challenge)
    monkeypatch.setattr(proofs_module, "Machine", lambda settings: bench.machine)

    def verified(*words: str) -> tuple[str, list[dict[str, Any]]]:
        bench.ran.clear()
        report = tmp_path / "found.json"
        arguments = ["guestbook", "--json", str(report), *words]
        done = CliRunner().invoke(command_module.verify, arguments, env={"COLUMNS": "120"})
        assert done.exit_code == 0, done.output
        (challenge,) = json.loads(report.read_text("utf-8"))["challenges"]
        return " ".join(done.output.split()), challenge["trials"]

    output, first = verified()
    assert len(bench.ran) == len(first) == 14
    assert "proven before" not in output
    assert "Proven" not in output
    assert {one["proven_before"] for one in first} == {None}

    output, second = verified()
    assert bench.ran == []
    day = second[0]["proven_before"][:10]
    assert f"14 of 14 runs were proven before ({day}" in output
    assert f"accepted fancy 1 {day} 10 ···" in output
    assert [one | {"proven_before": None} for one in second] == first

    output, _ = verified("--solution", "fancy")
    assert bench.names() == {"fancy"}
    assert "proven before" not in output

    verified("--again")
    assert len(bench.ran) == 14
