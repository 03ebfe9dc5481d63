"""Reference solutions: found on disk, put together, and what each is expected to earn."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from grader.errors import SpecError
from grader.model import Challenge
from grader.text import nearest
from grader.verify.commits import commit_history
from grader.yamldoc import read

KEYS = frozenset({"based_on", "pitfall", "removes", "earlier", "loses", "why"})
"""What solution.yml may say."""


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """A whole repository that earns every point."""

    name: str
    root: Path


@dataclass(frozen=True, kw_only=True)
class RejectedSolution:
    """An accepted one with some files replaced, and the criteria that this must cost."""

    name: str
    root: Path
    base: Accepted
    pitfall: str
    removes: tuple[str, ...]
    loses: frozenset[str]
    earlier: str = ""
    """A folder beside solution.yml with files that only an earlier commit held; or empty."""


def accepted_solutions(references: Path, challenge: Challenge) -> list[Accepted]:
    """The accepted solutions of `challenge` in the folder `references`, by name."""
    folders = sorted((references / challenge.slug / "accepted").glob("*/"))
    return [Accepted(name=folder.name, root=folder) for folder in folders]


def rejected_solutions(references: Path, challenge: Challenge) -> list[RejectedSolution]:
    """The rejected ones, by name. Raises `SpecError` listing every fault of their solution.yml."""
    bases = {one.name: one for one in accepted_solutions(references, challenge)}
    folders = sorted((references / challenge.slug / "rejected").glob("*/"))
    problems: list[str] = []
    found = [_rejected(folder, bases, challenge, problems) for folder in folders]
    if problems:
        where = f"reference_solutions/{challenge.slug}"
        raise SpecError(where, problems)
    return [one for one in found if one]


def _rejected(
    folder: Path, bases: dict[str, Accepted], challenge: Challenge, problems: list[str]
) -> RejectedSolution | None:
    document = read(folder / "solution.yml")
    said = [f"{folder.name}/{problem}" for problem in document.problems]
    spec = document.value if isinstance(document.value, dict) else {}
    known = [criterion.id for criterion in challenge.criteria]
    if not said:
        base = str(spec.get("based_on"))
        if base not in bases:
            said.append(
                f"{folder.name}: based_on {base!r} is no accepted solution."
                f"{nearest(base, list(bases))}"
            )
        if not isinstance(spec.get("loses"), list) or not spec["loses"]:
            said.append(f"{folder.name}: `loses` should list at least one criterion.")
        else:
            said += [
                f"{folder.name}: loses {name!r}, which is no criterion.{nearest(str(name), known)}"
                for name in spec["loses"]
                if name not in known
            ]
        if unknown := sorted(spec.keys() - KEYS):
            said.append(f"{folder.name}: {', '.join(unknown)} is not known in solution.yml.")
        if base in bases:
            said += _removes_problems(folder.name, bases[base], spec.get("removes", []))
        earlier = spec.get("earlier", "")
        if earlier and earlier not in [one.name for one in folder.iterdir() if one.is_dir()]:
            said.append(f"{folder.name}: earlier {earlier!r} is no folder beside solution.yml.")
    problems += said
    if said:
        return None
    return RejectedSolution(
        name=folder.name,
        root=folder,
        base=bases[spec["based_on"]],
        pitfall=str(spec.get("pitfall", "")),
        removes=tuple(spec.get("removes", ())),
        loses=frozenset(spec["loses"]),
        earlier=str(spec.get("earlier", "")),
    )


def _removes_problems(name: str, base: Accepted, removes: object) -> list[str]:
    if not isinstance(removes, list):
        return [f"{name}: `removes` should list files of {base.name!r}."]
    return [
        f"{name}: removes {path!r}, which {base.name!r} does not have."
        for path in map(str, removes)
        if {"..", "/"} & set(Path(path).parts) or not (base.root / path).exists()
    ]


def assemble(solution: RejectedSolution, target: Path) -> Path:
    """Put a rejected solution together in the new folder `target`, and give that folder."""
    shutil.copytree(solution.base.root, target, symlinks=True)
    for path in solution.removes:
        unwanted = target / path
        if unwanted.is_dir():
            shutil.rmtree(unwanted)
        else:
            unwanted.unlink()
    shutil.copytree(
        solution.root, target, symlinks=True, dirs_exist_ok=True,
        ignore=_passed_over(solution),
    )  # fmt: skip
    if solution.earlier:
        commit_history(target, solution.root / solution.earlier)
    return target


def _passed_over(solution: RejectedSolution) -> Callable[[str, list[str]], set[str]]:
    """What of a solution's folder is no file of the repository: the top's own."""
    ours = {"solution.yml", solution.earlier}
    return lambda folder, names: ours & set(names) if Path(folder) == solution.root else set()
