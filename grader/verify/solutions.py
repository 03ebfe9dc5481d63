"""Reference solutions: found on disk, put together, and what each is expected to earn."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.errors import SpecError
from grader.model import Challenge
from grader.verify.commits import commit_history
from grader.verify.patches import apply
from grader.verify.solution_file import problems_of, strays
from grader.yamldoc import read


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """A whole repository that earns every point."""

    name: str
    root: Path


@dataclass(frozen=True, kw_only=True)
class RejectedSolution:
    """An accepted one with a mistake, and the criteria that this must cost."""

    name: str
    base: Accepted
    pitfall: str
    loses: frozenset[str]
    removes: tuple[str, ...] = ()
    patch: Path | None = None
    """The mistake, as a patch of the accepted one; None where it only lacks or held something."""
    earlier: Path | None = None
    """A patch that turns the whole solution into what an earlier commit held, or None."""


def accepted_solutions(references: Path, challenge: Challenge) -> list[Accepted]:
    """Return the accepted solutions of `challenge` in the folder `references`, by name."""
    folders = sorted((references / challenge.slug / "accepted").glob("*/"))
    return [Accepted(name=folder.name, root=folder) for folder in folders]


def rejected_solutions(references: Path, challenge: Challenge) -> list[RejectedSolution]:
    """Return the rejected ones, by name.

    Raises `SpecError` listing every fault of their NAME.yml.
    """
    folder = rejected_folder(references, challenge)
    problems = list(strays(folder))
    found = []
    for name in rejected_names(references, challenge):
        try:
            found.append(rejected_solution(references, challenge, name))
        except SpecError as error:
            problems += error.problems
    if problems:
        where = f"reference_solutions/{challenge.slug}"
        raise SpecError(where, problems)
    return found


def rejected_folder(references: Path, challenge: Challenge) -> Path:
    """Return where the rejected solutions of `challenge` are."""
    return references / challenge.slug / "rejected"


def rejected_names(references: Path, challenge: Challenge) -> list[str]:
    """Return the names of the rejected solutions, whether they can be read or not."""
    return sorted(path.stem for path in rejected_folder(references, challenge).glob("[!.]*.yml"))


def rejected_solution(
    references: Path, challenge: Challenge, name: str, *, complete: bool = True
) -> RejectedSolution:
    """Return the rejected solution `name`; unless `complete`, its patches need not be there yet.

    Raises `SpecError` listing every fault of its NAME.yml.
    """
    folder = rejected_folder(references, challenge)
    document = read(folder / f"{name}.yml")
    bases = {one.name: one for one in accepted_solutions(references, challenge)}
    problems = document.problems or list(
        problems_of(
            document,
            folder / name,
            bases={base.name: base.root for base in bases.values()},
            criteria=[criterion.id for criterion in challenge.criteria],
            complete=complete,
        )
    )
    if problems:
        where = f"reference_solutions/{challenge.slug}/rejected/{document.name}"
        raise SpecError(where, problems)
    spec: dict[str, Any] = document.value
    patch, earlier = folder / f"{name}.patch", spec.get("earlier")
    return RejectedSolution(
        name=name,
        base=bases[spec["based_on"]],
        pitfall=spec.get("pitfall", ""),
        removes=tuple(spec.get("removes", ())),
        loses=frozenset(spec["loses"]),
        patch=patch if patch.is_file() else None,
        earlier=folder / earlier if earlier else None,
    )


def assemble(solution: RejectedSolution, target: Path) -> Path:
    """Put a rejected solution together in the new folder `target`, and give that folder.

    Raises `SpecError` with a sentence for each hunk of its patch that does not fit, and leaves no
    folder then.
    """
    try:
        base_of(solution, target)
        if solution.patch:
            apply(solution.patch, target, f"accepted/{solution.base.name}")
        if solution.earlier:
            with tempfile.TemporaryDirectory(prefix="grader-earlier-") as scratch:
                before = Path(shutil.copytree(target, Path(scratch, "tree"), symlinks=True))
                apply(solution.earlier, before, f"rejected/{solution.name}")
                commit_history(target, before)
    except SpecError as error:
        shutil.rmtree(target, ignore_errors=True)
        raise _with_remedy(solution, error) from None
    return target


def _with_remedy(solution: RejectedSolution, error: SpecError) -> SpecError:
    remedy = (
        f"Make the mistake again in a copy of {solution.base.name}, then: grader solution SLUG "
        f"{solution.name} --from DIR"
    )
    problems = [f"rejected/{problem} {remedy}" for problem in error.problems]
    return SpecError(f"rejected/{solution.name}", problems)


def base_of(solution: RejectedSolution, target: Path) -> Path:
    """Copy what `solution` is based on into the new folder `target`, less what it removes."""
    shutil.copytree(solution.base.root, target, symlinks=True)
    for path in solution.removes:
        unwanted = target / path
        if unwanted.is_dir():
            shutil.rmtree(unwanted)
        else:
            unwanted.unlink()
    return target
