"""What a directory of tests/submissions or tests/hostile says that its grading must come to."""

from __future__ import annotations

import re
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from grader.model import Challenge, Graded, GradeReport, Outcome, Rejected, Ungradable
from grader.pipeline import Options, grade
from grader.report.json import to_json
from grader.run.environment.pool import EnvironmentPool
from grader.settings import Settings
from grader.spec.loader import load
from grader.text import TAIL_CHARACTERS
from grader.verify.patches import apply
from tests.docker.made import make

LATE = "database.late"
EXPECTED = "expected.yml"
CHANGE = "change.patch"
"""What differs from the base, where that is little of a file."""
SUBMISSIONS = Path(__file__).parent.parent / "submissions"


def names(folder: Path) -> list[str]:
    """The submissions in `folder`."""
    return sorted(path.parent.name for path in folder.glob("*/expected.yml"))


def expected(folder: Path) -> dict[str, Any]:
    """What the submission in `folder` must come to."""
    loaded: dict[str, Any] = yaml.safe_load((folder / "expected.yml").read_text("utf-8"))
    return loaded


def exam(folder: Path, settings: Settings) -> Challenge:
    """The small exam that the submission in `folder` is graded against, with its limits."""
    wanted = expected(folder)
    challenge = load(settings.challenges[0] / wanted.get("challenge", "probe"))
    limits = replace(challenge.limits, **wanted.get("limits", {}))
    ready = replace(challenge.app.ready, within=wanted.get("ready", challenge.app.ready.within))
    return replace(challenge, limits=limits, app=replace(challenge.app, ready=ready))


def run(
    folder: Path, settings: Settings, environments: EnvironmentPool | None = None
) -> GradeReport:
    """Grade the submission in `folder`, with one seed; in `environments` others have used."""
    wanted, challenge = expected(folder), exam(folder, settings)
    # it takes ten seconds: only those that are about it wait for it
    ids = [one.id for one in challenge.criteria if one.id != LATE or wanted.get("late")]
    ids = wanted.get("only", ids)
    options = Options(seed=1, only=tuple(ids), **wanted.get("options", {}))
    with tempfile.TemporaryDirectory() as scratch:
        source = Path(scratch, folder.name)
        put_together(folder, source)
        return grade(challenge, source, settings, options=options, environments=environments)


def put_together(folder: Path, target: Path) -> None:
    """Write the submission in `folder` into the new folder `target`.

    Without what the tests know of it, with what no repository can hold as it is.
    """
    wanted, hidden = expected(folder), shutil.ignore_patterns(EXPECTED, CHANGE)
    if base := wanted.get("base"):
        shutil.copytree(SUBMISSIONS / base, target, symlinks=True, ignore=hidden)
    shutil.copytree(folder, target, symlinks=True, ignore=hidden, dirs_exist_ok=True)
    if (change := folder / CHANGE).exists():
        apply(change, target, f"the base {base}")
    if made := wanted.get("made"):
        make(made, target)


def check(report: GradeReport, wanted: dict[str, Any]) -> None:
    """Verdict, the outcome of every criterion, and the sentence for each loss."""
    match report:
        case Graded():
            check_graded(report, wanted)
        case Rejected(reason=reason) | Ungradable(reason=reason):
            assert type(report).__name__.lower() == wanted["verdict"], reason
            sentences = wanted["reason"]
            for sentence in [sentences] if isinstance(sentences, str) else sentences:
                assert re.search(sentence, reason, re.DOTALL), reason
    for note in wanted.get("notes", ()):
        assert any(re.search(note, said) for said in report.provenance.notes), (
            report.provenance.notes
        )
    text = to_json(report)
    if isinstance(report, Graded):
        assert len(report.log_tail) <= TAIL_CHARACTERS
    for told in wanted.get("never", ()):
        assert not re.search(told, text), text
    assert "\\u001b" not in text
    assert "\x1b" not in text


def check_graded(report: Graded, wanted: dict[str, Any]) -> None:
    """The outcome of every criterion, and the sentence for each loss."""
    found = {result.criterion: result for result in report.results}
    said = {name: (str(one.outcome), one.rationale) for name, one in found.items()}
    assert wanted["verdict"] == "graded", said
    outcomes = dict.fromkeys(found, Outcome.NOT_REACHED)
    outcomes |= dict.fromkeys(wanted.get("passed", ()), Outcome.PASSED)
    outcomes |= dict.fromkeys(wanted.get("lost", ()), Outcome.FAILED)
    outcomes |= dict.fromkeys(wanted.get("timed_out", ()), Outcome.TIMED_OUT)
    for criterion in wanted.get("either", ()):  # the attack races the suite
        assert found[criterion].outcome in {Outcome.PASSED, Outcome.FAILED}, said[criterion]
        outcomes[criterion] = found[criterion].outcome
    assert {name: one.outcome for name, one in found.items()} == outcomes, said
    for kind in ("lost", "timed_out"):
        for criterion, sentence in wanted.get(kind, {}).items():
            assert re.search(sentence, found[criterion].rationale, re.DOTALL), said[criterion]
    for criterion, text in wanted.get("evidence", {}).items():
        assert re.search(text, found[criterion].evidence), found[criterion].evidence
    used = [one.wanted for one in report.provenance.substitutions]
    assert set(wanted.get("substituted", ())) <= set(used), used
