"""Why a score changed: two JSON reports side by side. Pure functions of what they say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from grader.report.needs import need_of_row
from grader.report.view import unmet_in
from grader.text import clean, clip

Report = Mapping[str, Any]
"""A report as `to_dict` gives it."""
LOCK = "lock of the grader"
BASES = ("base image ", "packages of ")
"""How differences of base images are called: by their registry's digest, by their packages'."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One thing alongside the criteria that is not the same."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class CriterionChange:
    """A criterion that came to something else."""

    id: str
    title: str
    before: Fraction | None
    """Points; None where the criterion is not in that report."""
    after: Fraction | None
    outcomes: tuple[str, str]
    """Before and after; empty where it is not there."""
    rationale: str
    """Why it is lost now; where it is gained, why it was lost before."""
    evidence: str
    required: bool
    """Whether the exam is not passed without it."""
    need: str = ""
    """The criterion that kept it from being reached; empty where it was, or something else did."""
    parts: tuple[str, ...] = ()
    """Of a criterion that earns in parts, what was lost and gained, in a few words each."""

    @property
    def change(self) -> Fraction:
        """Points more than before, or fewer."""
        return (self.after or Fraction(0)) - (self.before or Fraction(0))


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What two reports of one challenge have not in common."""

    points: tuple[str, str]
    """`7 of 10` before and after, or the verdict with its reason."""
    change: Fraction | None
    """None where one has no score."""
    criteria: tuple[CriterionChange, ...]
    unchanged: int
    """How many criteria came to the same."""
    differences: tuple[Difference, ...]
    why: tuple[str, ...]
    """What can have changed the score, in sentences."""


def challenges(before: Report, after: Report) -> tuple[str, str]:
    """Return what the two are reports of: where these differ, there is nothing to compare."""
    return _slug(before), _slug(after)


def compare(before: Report, after: Report) -> Comparison:
    """`before` and `after`, two reports of one challenge."""
    scores = [_earned(one) for one in (before, after)]
    changes = tuple(_criteria(before, after))
    held = [
        {(row["id"], *_came_to(row)) for row in report["criteria"]}
        for report in (before, after)
        if report["verdict"] == "graded"
    ]
    differences = tuple(_differences(before["run"], after["run"]))
    return Comparison(
        points=(_points(before), _points(after)),
        change=None if None in scores else (scores[1] or Fraction(0)) - (scores[0] or Fraction(0)),
        criteria=changes,
        unchanged=len(set.intersection(*held)) if len(held) == 2 else 0,
        differences=differences,
        why=tuple(_why(differences, before, after, changed=bool(changes))),
    )


def _slug(report: Report) -> str:
    return clean(str(report["run"]["challenge"]["slug"]))


def _earned(report: Report) -> Fraction | None:
    return Fraction(report["score"]["earned"]) if "score" in report else None


def _points(report: Report) -> str:
    if report["verdict"] == "graded":
        why = clip(clean(unmet_in(report)), 600)
        points = f"{report['score']['earned']} of {report['score']['possible']}"
        return f"{points}, not passed: {why}" if why else points
    return f"{report['verdict']} ({clip(clean(report['reason']), 200)})"


def _criteria(before: Report, after: Report) -> Iterator[CriterionChange]:
    """Each criterion that one of them lacks or that came to another end, the dearest loss first.

    None where one of them was not examined to its end.
    """
    if {before["verdict"], after["verdict"]} != {"graded"}:
        return
    first = {one["id"]: one for one in before["criteria"]}
    second = {one["id"]: one for one in after["criteria"]}
    found = []
    for name in dict.fromkeys([*second, *first]):
        old, new = first.get(name), second.get(name)
        if old and new and _came_to(old) == _came_to(new):
            continue
        said = new if new and new["outcome"] != "passed" else old or new
        assert said is not None
        found.append(
            CriterionChange(
                id=clean(name),
                title=clean((new or old or said)["title"]),
                before=Fraction(old["earned"]) if old else None,
                after=Fraction(new["earned"]) if new else None,
                outcomes=(old["outcome"] if old else "", new["outcome"] if new else ""),
                rationale=clean(said["rationale"]),
                evidence=clean(said["evidence"]),
                need=need_of_row(said),
                required=bool((new or old or said).get("required")),
                parts=_parts_changed(old or {}, new or {}),
            )
        )
    yield from sorted(found, key=lambda one: (one.change > 0, -abs(one.change)))


def _parts_changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, ...]:
    """Return which parts are lost now and were not before, and the other way round."""
    if not (old.get("parts") and new.get("parts")):
        return ()
    before, after = _parts_lost(old), _parts_lost(new)
    lost = [f"lost: {title}" for name, title in after.items() if name not in before]
    gained = [f"gained: {title}" for name, title in before.items() if name not in after]
    return (*lost, *gained)


def _came_to(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """Outcome, points and what the parts of a criterion came to."""
    return row["outcome"], row["earned"], tuple(sorted(_parts_lost(row)))


def _parts_lost(row: Mapping[str, Any]) -> dict[str, str]:
    """Return the parts of a criterion that are lost, by id, with their titles."""
    return {
        one["id"]: clean(one["title"]) for one in row.get("parts", ()) if one["outcome"] != "passed"
    }


def _differences(before: Report, after: Report) -> Iterator[Difference]:
    """Yield what of where the results come from is not the same."""
    pairs: dict[str, tuple[Any, Any]] = {
        "submission": (before["submission"]["digest"], after["submission"]["digest"]),
        "commit": (before["submission"]["commit"], after["submission"]["commit"]),
        "origin": (before["submission"]["origin"], after["submission"]["origin"]),
        "challenge version": (before["challenge"]["version"], after["challenge"]["version"]),
        "challenge": (before["challenge"]["digest"], after["challenge"]["digest"]),
        "seed": (before["seed"], after["seed"]),
        "grader": (before["grader"], after["grader"]),
        "engine": (before["engine"], after["engine"]),
    }
    if "lock" in before and "lock" in after:  # older reports do not say
        pairs[LOCK] = (before["lock"], after["lock"])
    names = dict.fromkeys([*before["images"], *after["images"]])
    pairs |= {
        f"image {name}": (before["images"].get(name), after["images"].get(name)) for name in names
    }
    stood_in = [
        {one["wanted"]: one["used"] for one in run["substitutions"]} for run in (before, after)
    ]
    pairs |= {
        f"in place of {name}": (stood_in[0].get(name), stood_in[1].get(name))
        for name in dict.fromkeys([*stood_in[0], *stood_in[1]])
    }
    pairs |= _bases(before, after)
    for what, (old, new) in pairs.items():
        if old != new:
            yield Difference(what=clean(what), before=_text(old), after=_text(new))


def _bases(before: Report, after: Report) -> dict[str, tuple[Any, Any]]:
    """Return what the base images that both name consist of.

    What one does not say is no difference.
    """
    first, second = (
        {one["reference"]: one for one in run.get("bases", ())} for run in (before, after)
    )
    return {
        f"{what}{name}": (first[name][key], second[name][key])
        for name in first
        if name in second
        for key, what in zip(("registry", "packages"), BASES, strict=True)
        if first[name][key] and second[name][key]
    }


def _text(value: object) -> str:
    return "none" if value in {None, ""} else clean(str(value))


def _why(
    differences: tuple[Difference, ...], before: Report, after: Report, *, changed: bool
) -> Iterator[str]:
    """Yield what can have changed the score; where it is nothing of all this, that."""
    yield from _verdicts(before["verdict"], after["verdict"])
    yield from _required(before, after)
    whats = {one.what for one in differences}
    if "submission" in whats:
        yield "The files that were handed in differ."
    elif "commit" in whats:
        yield "The files are the same, at another commit: only their history can have changed it."
    examined = [one["run"]["challenge"].get("examined") for one in (before, after)]
    if "challenge" in whats and examined[0] and examined[0] == examined[1]:
        yield "The exam asks for the same: only points, titles, hints or the brief differ."
    elif "challenge" in whats:
        yield "The exam itself differs: it may ask for something else, or judge otherwise."
    if "grader" in whats:
        yield "The grader is another version: it may judge otherwise."
    yield from _installed(whats)
    if "seed" in whats:
        seed = before["run"]["seed"]
        yield f"The random data differ: grade again with --seed {seed} to see whether that is it."
    told = whats & {"submission", "commit", "challenge", "grader", LOCK, "seed"}
    told |= {what for what in whats if what.startswith(BASES)}
    if not changed and before["verdict"] == after["verdict"]:
        yield "All criteria came to the same."
    elif not told and before["verdict"] == after["verdict"] == "graded":
        slug = _slug(after)
        yield (
            "Code, exam, grader and random data are the same, and the result is not: the app or a "
            f"criterion is not steady. Grade it again; `grader verify {slug}` tells which it is."
        )


def _required(before: Report, after: Report) -> Iterator[str]:
    """Yield what required criteria that were lost make of it."""
    said = [clip(clean(unmet_in(one)), 600) for one in (before, after)]
    if said[1]:
        yield f"It is not passed now, whatever the points: {said[1]}."
    elif said[0] and after["verdict"] == "graded":
        end = "passed now" if after["passed"] else "below the pass mark now"
        yield f"No required criterion is lost any more, and it is {end}. Before: {said[0]}."


def _installed(whats: set[str]) -> Iterator[str]:
    """Yield what other packages of the grader or of the images can have done."""
    if LOCK in whats:
        yield "The packages that the grader works with differ: it may judge otherwise."
    if any(what.startswith(BASES) for what in whats):
        yield (
            "A base image consists of other versions than before; "
            "`grader images status` says what has changed on this machine."
        )
    if any(what.startswith("in place of") for what in whats):
        yield "Another image stood in for one that could not be had."


def _verdicts(before: str, after: str) -> Iterator[str]:
    """Yield what their kinds of end say by themselves."""
    if "ungradable" in {before, after}:
        yield "One of them has no score, as the platform failed: grade it again."
    if (before == "rejected") != (after == "rejected"):
        yield "One of them was rejected: nothing of it was run, so no criterion was examined."
