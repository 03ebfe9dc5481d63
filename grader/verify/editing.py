"""Solutions written out to be edited, and patches made of what was edited."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.errors import GraderError, SourceError, UsageError
from grader.model import Challenge
from grader.text import nearest
from grader.verify.commits import first_commit
from grader.verify.copies import (
    copy_edited,
    files_of,
    leftovers,
    require_files,
    require_related,
    same,
)
from grader.verify.patches import apply, make
from grader.verify.solution_file import KEYS
from grader.verify.solutions import (
    RejectedSolution,
    accepted_solutions,
    assemble,
    base_of,
    rejected_folder,
    rejected_names,
    rejected_solution,
)


@dataclass(frozen=True, kw_only=True)
class Made:
    """A patch that was written, or the one that is there already."""

    path: Path
    files: int
    lines: int
    changed: bool
    """Whether it is another one than before."""


def write_solution(references: Path, challenge: Challenge, name: str, target: Path) -> Path:
    """Write the whole repository of the solution `name` into `target`, and give that folder.

    `target` is a folder that is not there, or is empty. Raises `UsageError` for a name that no
    solution has, `SourceError` where `target` holds something, `SpecError` where the solution is
    broken.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        msg = f"{target} exists and is not empty; name a new folder, nothing was written."
        raise SourceError(msg)
    accepted = {one.name: one for one in accepted_solutions(references, challenge)}
    rejected = rejected_names(references, challenge)
    if name in accepted and name in rejected:
        msg = f"{challenge.slug} has an accepted and a rejected solution {name!r}; rename one."
        raise UsageError(msg)
    if name not in accepted and name not in rejected:
        near = nearest(name, [*accepted, *rejected])
        msg = f"{challenge.slug} has no solution {name!r}.{near}"
        raise UsageError(msg)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".solution-", dir=target.parent) as scratch:
        whole = Path(scratch, "whole")
        if name in accepted:
            shutil.copytree(accepted[name].root, whole, symlinks=True, ignore=leftovers)
        else:
            assemble(rejected_solution(references, challenge, name), whole)
        whole.rename(target)
    return target


def write_patch(references: Path, challenge: Challenge, name: str, edited: Path) -> list[Made]:
    """Make the patch of the rejected solution `name` out of its edited copy in the folder `edited`.

    Where NAME.yml says `earlier` and the copy is a git repository, that patch is made of its first
    commit. What is written has been applied and compared with the copy, file by file. Raises
    `UsageError` where there is no NAME.yml, or where the folder is no copy of the solution that
    NAME.yml names; nothing is written then.
    """
    solution = _described(references, challenge, name)
    with tempfile.TemporaryDirectory(prefix="grader-solution-") as scratch:
        top = Path(scratch)
        base_of(solution, top / "base")
        base = Path(shutil.copytree(top / "base", top / "a", symlinks=True, ignore=leftovers))
        copy_edited(edited, top / "b")
        require_related(solution, accepted_solutions(references, challenge), edited, top / "b")
        require_files(solution, base, top / "b")
        folder = rejected_folder(references, challenge)
        made = {folder / f"{name}.patch": _patch(top, base, top / "b")}
        if solution.earlier and first_commit(edited, top / "first"):
            history = top / "history"
            history.mkdir()
            (top / "b").rename(history / "a")
            (top / "first").rename(history / "b")
            made[solution.earlier] = _patch(history, history / "a", history / "b")
        elif not (solution.removes or solution.earlier or any(made.values())):
            msg = f"{edited} is as {solution.base.name} is; make the mistake in it first."
            raise UsageError(msg)
        return [_write(path, content) for path, content in made.items() if content or path.exists()]


def _described(references: Path, challenge: Challenge, name: str) -> RejectedSolution:
    """Return the solution as NAME.yml says, with a patch or without."""
    if name in rejected_names(references, challenge):
        return rejected_solution(references, challenge, name, complete=False)
    path = rejected_folder(references, challenge) / f"{name}.yml"
    if name in {one.name for one in accepted_solutions(references, challenge)}:
        msg = f"{name!r} is an accepted solution of {challenge.slug}, which has no patch; edit it."
        raise UsageError(msg)
    near = nearest(name, rejected_names(references, challenge))
    msg = (
        f"There is no {path}.{near} Write it first: `based_on`, `pitfall`, `loses` and `why` say "
        f"what the patch is of, and what it costs (all keys: {', '.join(KEYS)})."
    )
    raise UsageError(msg)


def _patch(parent: Path, before: Path, after: Path) -> bytes:
    """Return the patch between the folders `a` and `b` of `parent`, proven to do what it should."""
    content = make(parent)
    if content:
        probe, patch = parent / "probe", parent / "probe.patch"
        shutil.copytree(before, probe, symlinks=True)
        patch.write_bytes(content)
        apply(patch, probe, before.name)
        _require_equal(files_of(probe), files_of(after))
    return content


def _require_equal(made: Mapping[str, Path], meant: Mapping[str, Path]) -> None:
    paths = made.keys() | meant.keys()
    wrong = [
        one
        for one in paths
        if one not in made or one not in meant or not same(made[one], meant[one])
    ]
    if wrong:
        msg = f"git cannot put {', '.join(sorted(wrong))} into a patch; nothing was written."
        raise GraderError(msg)


def _write(path: Path, content: bytes) -> Made:
    """Write a patch where it belongs; an empty one is removed."""
    changed = not path.exists() or path.read_bytes() != content
    if changed and content:
        fresh = path.with_name(f".{path.name}.new")
        fresh.write_bytes(content)
        fresh.replace(path)
    elif changed:
        path.unlink()
    lines = content.splitlines()
    files = sum(line.startswith((b"+++ ", b"GIT binary patch")) for line in lines)
    return Made(path=path, files=files, lines=len(lines), changed=changed)
