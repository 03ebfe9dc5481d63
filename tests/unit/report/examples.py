"""Reports that every format is tried on. Run as a program it writes the golden files again."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from grader.model import (
    Graded,
    GradeReport,
    Outcome,
    Rejected,
    SourceLocation,
    Substitution,
    Timing,
    Ungradable,
    Visibility,
)
from grader.report.format_names import FORMATS
from grader.report.formats import render
from grader.scoring import complete, score
from grader.testing import a_challenge, a_provenance, a_result, graded

GOLDEN = Path(__file__).parent / "golden"
ENDINGS = {
    "html": "html",
    "json": "json",
    "markdown": "md",
    "junit": "xml",
    "sarif": "sarif",
    "annotations": "annotations.txt",
    "outputs": "outputs.txt",
    "gradescope": "gradescope.json",
    "ctrf": "ctrf.json",
}
EVIL = "\n".join(
    [
        "\x1b[31mred\x1b]0;title\x07 \u202egnp.exe \x00\x07 \ufffe \ud800 caf\u00e9",
        "<script>alert(1)</script> <img src=x onerror=alert(1)> </code></pre></details>",
        '=HYPERLINK("http://evil.example/") javascript:alert(1) {{ 7*7 }} {% raw %}',
        "@everyone #1 ![x](http://evil.example/x.png) [y](javascript:1) www.evil.example",
        "| a | b |",
        "|---|---|",
        "::error file=app.py::fake",
        "  ::stop-commands::x",
        "##[add-mask]e",
        "```",
        "``````",
        "~~~ ]]> <!-- --> &amp; %0A::error::x",
        "score=100",
        "verdict=graded",
    ]
)


def three() -> dict[str, GradeReport]:
    """One report of each verdict."""
    found = SourceLocation(
        path="app.py", line=7, message="A password, for all to read.", level="warning"
    )
    past = SourceLocation(
        path="old.py", line=1, message="A password in the history.", commit="a" * 40
    )
    files = a_result("repo.files", Outcome.FAILED, rationale="Two.", kept=Fraction(1, 4))
    lost = a_result(
        "entry.create",
        Outcome.FAILED,
        rationale="It answered 200.",
        evidence="curl -i -X POST --data-raw '{}' http://localhost:5000/entries\n< HTTP 200",
        duration=0.25,
    )
    challenge, provenance = a_challenge(), a_provenance()
    return {
        "graded": graded(replace(files, locations=(found, past)), lost),
        "rejected": Rejected(
            challenge=challenge,
            provenance=provenance,
            reason="Dockerfile, line 3: `RUN --network=host` is not allowed. Remove the option.",
        ),
        "ungradable": Ungradable(
            challenge=challenge,
            provenance=provenance,
            reason="No Docker engine answers.",
            results=complete(challenge, [a_result("repo.files"), replace(lost, duration=0.0)]),
        ),
    }


def hostile(text: str = EVIL) -> dict[str, GradeReport]:
    """The same, with `text` wherever a student's text, or a forged report's, may stand."""
    challenge = a_challenge(title=text, version=text)
    criteria = tuple(
        replace(one, title=text, hint=text, required=True) for one in challenge.criteria
    )
    challenge = replace(challenge, criteria=criteria)
    provenance = a_provenance(
        origin=text,
        commit=text,
        tree_digest=text,
        engine=text,
        grader=text,
        images={text: text},
        substitutions=(Substitution(wanted=text, used=text, reason=text),),
        notes=(text,),
        timings=(Timing(phase=text, start=0.0, end=1.0),),
    )
    place = SourceLocation(path=text, line=3, message=text)
    lost = [
        a_result(one.id, Outcome.FAILED, rationale=text, evidence=text, locations=(place,))
        for one in criteria
    ]
    whole = tuple(lost)
    return {
        "graded": Graded(
            challenge=challenge,
            provenance=provenance,
            results=whole,
            score=score(challenge, whole),
            log_tail=text,
        ),
        "rejected": Rejected(challenge=challenge, provenance=provenance, reason=f"a.yml:3: {text}"),
        "ungradable": Ungradable(
            challenge=challenge, provenance=provenance, reason=text, results=whole
        ),
    }


def hidden() -> list[GradeReport]:
    """Reports whose criterion entry.create is hidden, with each way to lose it."""
    found = []
    place = SourceLocation(path="the-place", line=1, message="the-message")
    for visibility in (Visibility.HIDDEN, Visibility.AFTER_DEADLINE):
        challenge = a_challenge()
        first, second, third = challenge.criteria
        challenge = replace(
            challenge, criteria=(first, replace(second, visibility=visibility), third)
        )
        for outcome in (Outcome.PASSED, Outcome.FAILED, Outcome.TIMED_OUT, Outcome.BROKEN):
            result = a_result(
                "entry.create", outcome, rationale="the-reason", evidence="the-proof",
                locations=(place,),
            )  # fmt: skip
            report: GradeReport = graded(result, challenge=challenge)
            if outcome is Outcome.BROKEN:
                report = Ungradable(
                    challenge=challenge,
                    provenance=a_provenance(),
                    reason="entry.create: the-reason",
                    results=(result,),
                )
            found.append(report)
    return found


def write() -> None:
    """Write every golden file."""
    for verdict, report in three().items():
        for name, ending in ENDINGS.items():
            (GOLDEN / f"{verdict}.{ending}").write_text(render(report, name), "utf-8")


assert set(ENDINGS) == set(FORMATS)
if __name__ == "__main__":
    write()
