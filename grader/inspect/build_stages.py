"""Which stages of a Dockerfile a build needs, and so which images it has to have.

BuildKit skips a stage that nothing leads to (moby/buildkit, dockerfile2llb: only what the target
reaches is resolved). What cannot be told apart from here counts as needed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from grader.inspect.buildkit.grammar import Instruction, fold
from grader.inspect.buildkit.sources import named_stages
from grader.inspect.dockerfile import Dockerfile

ALTERED = re.compile(r"[$'\"\\`]")
"""What the builder replaces in a word before it looks for a stage of that name."""


@dataclass(frozen=True, kw_only=True)
class _Stage:
    line: int
    name: str
    """In small letters; empty where it has none."""
    base: str
    """The stage or image that it stands on, in small letters, as written."""
    instructions: tuple[Instruction, ...]


def needed_images(dockerfile: Dockerfile, target: str = "") -> tuple[str, ...]:
    """Return those of `dockerfile.images` that building `target` needs; empty: the last stage.

    Where a variable could name a stage, ONBUILD puts something off, or the file can be read in two
    ways, that is all of them.
    """
    put_off = any(one.name == "ONBUILD" for one in dockerfile.instructions)
    stages = [] if put_off or dockerfile.disputed else _stages(dockerfile)
    needed = _needed(stages, target) if stages else None
    if needed is None:
        return dockerfile.images
    starts = [one.line for one in stages]
    kept = {one.text for one in dockerfile.sources if _number(starts, one.line) in {-1, *needed}}
    return tuple(image for image in dockerfile.images if image in kept)


def _stages(dockerfile: Dockerfile) -> list[_Stage]:
    """Return the stages in their order; none where one cannot be read."""
    froms = [at for at, one in enumerate(dockerfile.instructions) if one.name == "FROM"]
    found = []
    ends = [*froms[1:], len(dockerfile.instructions)] if froms else []
    for at, end in zip(froms, ends, strict=True):
        words = dockerfile.instructions[at].words
        named = len(words) == 3 and words[1].lower() == "as"
        if not named and len(words) != 1:
            return []
        found.append(
            _Stage(
                line=dockerfile.instructions[at].line,
                name=fold(words[2]) if named else "",
                base=fold(words[0]),
                instructions=dockerfile.instructions[at + 1 : end],
            )
        )
    return found


def _needed(stages: Sequence[_Stage], target: str) -> set[int] | None:
    """Return the numbers of the stages that `target` leads to; None where that cannot be told."""
    todo = _meant(stages, target) if target else {len(stages) - 1}
    needed: set[int] = set()
    if not todo:
        return None
    while todo:
        number = todo.pop()
        needed.add(number)
        for name in _names(stages[number]):
            if _may_be_any(name):
                return None
            todo |= _meant(stages, name) - needed
    return needed


def _names(stage: _Stage) -> list[str]:
    """All that may be the name or number of a stage in what a stage is made of."""
    return [stage.base, *(name for one in stage.instructions for name in named_stages(one))]


def _may_be_any(name: str) -> bool:
    """Whether a word may come to be the name of a stage, which has neither slash nor colon."""
    altered = ALTERED.search(name)
    return altered is not None and not re.search("[:/]", name[: altered.start()])


def _meant(stages: Sequence[_Stage], name: str) -> set[int]:
    """Return the numbers of the stages that `name` may mean, by their name or their number."""
    found = {number for number, one in enumerate(stages) if one.name == fold(name)}
    digits = name.strip().removeprefix("+")
    if digits.isdecimal() and int(digits[:9]) < len(stages):
        found.add(int(digits[:9]))
    return found


def _number(starts: Sequence[int], line: int) -> int:
    """Return the number of the stage that `line` stands in; -1 before the first."""
    return sum(start <= line for start in starts) - 1
