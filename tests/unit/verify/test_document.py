"""A verification as JSON, and for people."""

from __future__ import annotations

import io
import json

import fastjsonschema
from rich.console import Console, RenderableType

from grader.cli.verification import closing_table, lines
from grader.model import Outcome
from grader.settings import REPOSITORY
from grader.testing import a_challenge, a_result, graded
from grader.verify import Proof, Trial, TrialKind, Verification, Wavering, to_json

REJECTED = Trial(
    kind=TrialKind.REJECTED, name="forgets", seed=1, loses=frozenset({"entry.stored"}),
    lost=frozenset({"entry.stored", "entry.create"}), earned=2,
    report=graded(a_result("repo.files")),
)  # fmt: skip
FOUND = Verification(
    slug="guestbook",
    challenge=a_challenge(),
    trials=(
        Trial(kind=TrialKind.ACCEPTED, name="plain", seed=1, earned=10),
        REJECTED,
        Trial(kind=TrialKind.JUNK, name="echo", seed=1, failure="No engine."),
    ),
    problems=("One fault.",),
    notes=("One note.",),
    untested=("repo.files",),
    wavering=(Wavering(name="plain", criterion="entry.create", passed=2, runs=3),),
    phases=(("build", 1.5),),
    seconds=75.26,
)
PROOF = Proof(
    when="2026-11-30T10:00:00+00:00", earned=10, outcomes={"repo.files": Outcome.PASSED},
    lost_parts=frozenset(), seconds=(("build", 1.0),),
)  # fmt: skip
HOLDS = Verification(
    slug="sound",
    challenge=a_challenge(),
    trials=(
        Trial(kind=TrialKind.ACCEPTED, name="plain", seed=1, earned=10, proof=PROOF),
        Trial(kind=TrialKind.ACCEPTED, name="plain", seed=2, earned=10),
    ),
    seconds=8.0,
)
BROKEN = Verification(slug="broken", challenge=None, problems=("challenge.yml:1: no.",))


def printed(*parts: RenderableType) -> str:
    """Return what people read of `parts`."""
    out = Console(file=io.StringIO(), width=100, no_color=True)
    for one in parts:
        out.print(one)
    return out.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def test_it_fits_its_schema() -> None:
    """Also where the spec is broken and there is nothing but faults."""
    schema = json.loads((REPOSITORY / "docs" / "verification.schema.json").read_text("utf-8"))
    document = json.loads(to_json([FOUND, BROKEN]))
    fastjsonschema.validate(schema, document)
    first, second = document["challenges"]
    assert (first["holds"], second["holds"], second["trials"]) == (False, False, [])
    assert [one["lost_by"] for one in first["criteria"]] == [[], ["forgets"], ["forgets"]]
    assert first["trials"][1]["accident"] == "partly"
    assert first["trials"][2]["earned"] is None
    assert first["wavering"] == [
        {"solution": "plain", "criterion": "entry.create", "passed": 2, "runs": 3}
    ]


def test_it_counts_runs_and_proofs_of_before() -> None:
    """With how long it took."""
    document = json.loads(to_json([FOUND, HOLDS, BROKEN]))
    keys = ("holds", "runs", "proven_before", "seconds")
    assert [tuple(one[key] for key in keys) for one in document["challenges"]] == [
        (False, 3, 0, 75.3),
        (True, 2, 1, 8.0),
        (False, 0, 0, 0.0),
    ]


def test_people_see_solutions_against_criteria() -> None:
    """A mark for each criterion, wrong ones apart; then the figures and every fault."""
    text = printed(*lines(FOUND))
    rows = {line.split()[1]: line.split()[-1] for line in text.splitlines() if " 1 " in line}
    assert rows["plain"] == "···"
    assert rows["forgets"] == "·!✘"
    for said in (
        "no score",
        "1 of 1 rejected solutions",
        "Median of each phase: build 1.5 s.",
        "Not steady: entry.create of plain passed 2 of 3 times.",
        "✘ One fault.",
        "Note: One note.",
    ):
        assert said in text
    assert "holds" not in text


def test_several_exams_end_with_a_table() -> None:
    """A row for each in their order, and what all of them come to."""
    rows = [line.split() for line in printed(closing_table([FOUND, HOLDS, BROKEN])).splitlines()]
    assert rows == [
        ["Exam", "Runs", "Proven", "before", "Faults", "Seconds", "Result"],
        ["guestbook", "3", "0", "1", "75", "✘", "does", "not", "hold"],
        ["sound", "2", "1", "0", "8", "✔", "holds"],
        ["broken", "0", "0", "1", "0", "✘", "does", "not", "hold"],
        ["all", "5", "1", "2", "83", "✘", "1", "of", "3", "hold"],
    ]
    assert "✔ 1 of 1 hold" in printed(closing_table([HOLDS]))
