"""A stored JSON report, read back: what `to_json` wrote becomes a `GradeReport` again.

What is read may come from a stranger (the artifact of a pull request's job). It is checked against
the published schema, every text in it is cleaned, and the numbers have to agree with each other.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from fractions import Fraction
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NoReturn

from grader.errors import ReportUnreadable
from grader.model import (
    BaseImage,
    CheckResult,
    Graded,
    GradeReport,
    Outcome,
    PartResult,
    Provenance,
    Rejected,
    Score,
    SourceLocation,
    Substitution,
    Timing,
    Ungradable,
    exact,
)
from grader.report.needs import need_of_row
from grader.report.restored import a_challenge_of
from grader.text import clean, clip

MAX_CHARACTERS = 16 * 1024 * 1024
"""More than any run of the grader writes; a longer text is not parsed."""


def from_file(path: Path) -> GradeReport:
    """Return the report in the file at `path`. Raises `ReportUnreadable` with a sentence of it."""
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(MAX_CHARACTERS + 1)
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
        msg = f"{path} cannot be read: {why}. Name a file that `grader grade --json` wrote."
        raise ReportUnreadable(msg) from None
    return from_json(text, name=str(path))


def from_json(text: str, *, name: str = "The report") -> GradeReport:
    """Return the report that `text` holds.

    Raises `ReportUnreadable`, whose sentence begins with `name`.

    Of its challenge it knows what the report says; the rest is empty.
    """
    document = _document(text, name)
    try:
        return _report(document)
    except (ValueError, KeyError) as error:
        _refuse(name, str(error))


def _document(text: str, name: str) -> dict[str, Any]:
    """`text` as plain values of the published form, all texts cleaned."""
    import fastjsonschema

    if len(text) > MAX_CHARACTERS:
        _refuse(name, f"it is longer than {MAX_CHARACTERS >> 20} MiB")
    try:
        value = json.loads(text, parse_constant=_no_constant)
        checked: dict[str, Any] = _cleaned(_schema()(value))
    except fastjsonschema.JsonSchemaValueException as error:
        # its own message may quote all of the value
        rule = f"{error.rule} {_told(error.rule_definition)}".rstrip()
        _refuse(name, f"{clip(clean(str(error.name)), 200)} does not hold to the form's {rule}")
    except (ValueError, RecursionError) as error:
        _refuse(name, f"it is no JSON ({clip(clean(str(error)), 120)})")
    return checked


def _told(definition: object) -> str:
    """Return what a rule of the form says, where that is short enough to help."""
    text = json.dumps(definition)
    return text if len(text) <= 100 else ""


@cache
def _schema() -> Callable[[Any], Any]:
    """Return the published form, as a function that raises where a value has another."""
    import fastjsonschema

    text = files("grader.report").joinpath("report.schema.json").read_text("utf-8")
    compiled: Callable[[Any], Any] = fastjsonschema.compile(json.loads(text))
    return compiled


def _no_constant(name: str) -> NoReturn:
    msg = f"{name} is no number of JSON"
    raise ValueError(msg)


def _cleaned(value: Any) -> Any:
    match value:
        case str():
            return clean(value)
        case list():
            return [_cleaned(item) for item in value]
        case dict():
            return {clean(key): _cleaned(item) for key, item in value.items()}
        case _:
            return value


def _refuse(name: str, why: str) -> NoReturn:
    remedy = "Name a file that `grader grade --json` wrote."
    msg = f"{name} is no report of this grader: {why}. {remedy}"
    raise ReportUnreadable(msg)


def _report(document: dict[str, Any]) -> GradeReport:
    challenge = a_challenge_of(document)
    provenance = _provenance(document["run"])
    results = tuple(_result(item) for item in document["criteria"])
    match document["verdict"]:
        case "graded":
            report = Graded(
                challenge=challenge,
                provenance=provenance,
                results=results,
                score=_score(document),
                log_tail=document.get("log_tail", ""),
            )
            if report.passed != document["passed"]:
                msg = "`passed` does not follow from its score, pass mark and required criteria"
                raise ValueError(msg)
            return report
        case "rejected":
            return Rejected(challenge=challenge, provenance=provenance, reason=document["reason"])
        case _:
            return Ungradable(
                challenge=challenge,
                provenance=provenance,
                reason=document["reason"],
                results=results,
            )


def _score(document: dict[str, Any]) -> Score:
    """Return the score, which has to be the sum of its criteria."""
    rows, score = document["criteria"], document["score"]
    earned = sum((_points(row["earned"]) for row in rows), Fraction(0))
    possible = sum(row["points"] for row in rows)
    if (_points(score["earned"]), score["possible"]) != (earned, possible):
        msg = "its score is not the sum of its criteria"
        raise ValueError(msg)
    return Score(earned=exact(earned), possible=possible)


def _points(value: int | str) -> Fraction:
    return Fraction(value)


def _result(item: dict[str, Any]) -> CheckResult:
    outcome = Outcome(item["outcome"])
    share = _points(item["earned"]) / item["points"]
    partly = share > 0 and outcome not in {Outcome.PASSED, Outcome.FAILED}
    if share > 1 or partly or (outcome is Outcome.PASSED) != (share == 1):
        msg = f"{clip(item['id'], 100)} cannot have earned {item['earned']}"
        raise ValueError(msg)
    return CheckResult(
        criterion=item["id"],
        outcome=outcome,
        rationale=item["rationale"],
        evidence=item["evidence"],
        duration=item["duration"],
        kept=share if outcome is Outcome.FAILED else Fraction(0),
        locations=tuple(SourceLocation(**place) for place in item["places"]),
        parts=tuple(_part(one) for one in item.get("parts", ())),
        hidden_reason=item.get("hidden_reason", item.get("withheld")),
        need=need_of_row(item),
    )


def _part(item: dict[str, Any]) -> PartResult:
    return PartResult(
        id=item["id"],
        title=item["title"],
        points=exact(_points(item["points"])),
        outcome=Outcome(item["outcome"]),
        rationale=item["rationale"],
    )


def _provenance(run: dict[str, Any]) -> Provenance:
    datetime.fromisoformat(run["started"])
    challenge, submission = run["challenge"], run["submission"]
    return Provenance(
        run=run["id"],
        challenge=challenge["slug"],
        challenge_version=challenge["version"],
        challenge_digest=challenge["digest"],
        origin=submission["origin"],
        commit=submission["commit"],
        tree_digest=submission["digest"],
        seed=run["seed"],
        grader=run["grader"],
        lock=run.get("lock"),
        engine=run["engine"],
        images=run["images"],
        bases=tuple(BaseImage(**one) for one in run.get("bases", ())),
        substitutions=tuple(Substitution(**one) for one in run["substitutions"]),
        roles=run.get("roles", {}),
        notes=tuple(run["notes"]),
        timings=tuple(Timing(**one) for one in run["timings"]),
        started=run["started"],
    )
