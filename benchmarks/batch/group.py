"""A class made from reference solutions, with what each of its members must lose."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from grader.model import Challenge
from grader.settings import Settings
from grader.verify.solutions import accepted_solutions, assemble, rejected_solutions


@dataclass(frozen=True, kw_only=True)
class Member:
    """One submission and the criteria that it must lose."""

    name: str
    loses: frozenset[str]


def write_class(
    challenge: Challenge, settings: Settings, folder: Path, count: int
) -> dict[str, Member]:
    """Write `count` submissions into `folder`: the members by the name of their folder.

    The accepted solutions, rejected ones spread evenly over their list, and, where these are too
    few, accepted ones again with a comment in each file, so that no layer of theirs is cached.
    """
    references = settings.references_of(challenge.root)
    accepted = accepted_solutions(references, challenge)
    rejected = rejected_solutions(references, challenge)
    members: dict[str, Member] = {}
    for one in accepted[:count]:
        shutil.copytree(one.root, folder / f"accepted-{one.name}", symlinks=True)
        members[f"accepted-{one.name}"] = Member(name=one.name, loses=frozenset())
    wanted = min(count - len(members), len(rejected))
    for number in range(wanted):
        bad = rejected[number * len(rejected) // wanted]
        assemble(bad, folder / f"rejected-{bad.name}")
        members[f"rejected-{bad.name}"] = Member(name=bad.name, loses=bad.loses)
    for number in range(count - len(members)):
        base = accepted[number % len(accepted)]
        name = f"varied-{number:03}-{base.name}"
        _vary(Path(shutil.copytree(base.root, folder / name, symlinks=True)), number)
        members[name] = Member(name=base.name, loses=frozenset())
    return members


def _vary(root: Path, number: int) -> None:
    """Make every Python file another one that does the same."""
    for path in root.rglob("*.py"):
        path.write_text(f"{path.read_text('utf-8')}\n# variation {number}\n", "utf-8")
