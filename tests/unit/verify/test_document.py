"""A verification as JSON, and for people."""

from __future__ import annotations

import io
import json

import fastjsonschema
from rich.console import Console

from grader.cli.verification import lines
from grader.settings import REPOSITORY
from grader.testing import a_challenge, a_result, graded
from grader.verify import Trial, TrialKind, Verification, Wavering, to_json

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
)


def test_it_fits_its_schema() -> None:
    """Also where the spec is broken and there is nothing but faults."""
    schema = json.loads((REPOSITORY / "docs" / "verification.schema.json").read_text("utf-8"))
    broken = Verification(slug="broken", challenge=None, problems=("challenge.yml:1: no.",))
    document = json.loads(to_json([FOUND, broken]))
    fastjsonschema.validate(schema, document)
    first, second = document["challenges"]
    assert (first["holds"], second["holds"], second["trials"]) == (False, False, [])
    assert [one["lost_by"] for one in first["criteria"]] == [[], ["forgets"], ["forgets"]]
    assert first["trials"][1]["accident"] == "partly"
    assert first["trials"][2]["earned"] is None
    assert first["wavering"] == [
        {"solution": "plain", "criterion": "entry.create", "passed": 2, "runs": 3}
    ]


def test_people_see_solutions_against_criteria() -> None:
    """A mark for each criterion, wrong ones apart; then the figures and every fault."""
    out = Console(file=io.StringIO(), width=100, no_color=True)
    for line in lines(FOUND):
        out.print(line)
    text = out.file.getvalue()  # type: ignore[attr-defined]
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
