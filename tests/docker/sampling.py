"""Which of many tests of one kind are in a run.

`make test` has one in twelve of each kind, `make test-all` all of them, and so has pytest where
nothing is set. A number says which ones: CI takes others after each commit, and one commit gets the
same ones each time.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence

SIZE = int(os.environ.get("GRADER_TEST_SAMPLE", "1"))
"""Of so many of a kind one is chosen."""
TURN = int(os.environ.get("GRADER_TEST_TURN", "0"))
"""Which one."""
FEW = 3


def first_word(name: str) -> str:
    """What a submission's name begins with: its service, its mode, or what is wrong with it."""
    return name.partition("-")[0]


def sample(
    names: Sequence[str],
    *always: str,
    kind: Callable[[str], str] = first_word,
    size: int = SIZE,
    turn: int = TURN,
) -> list[str]:
    """One in `size` of each kind of `names`, at least one, and those of `always`.

    Kinds with fewer than `FEW` members are one kind together.
    """
    members = Counter(map(kind, names))
    kinds = [kind(name) if members[kind(name)] >= FEW else "" for name in names]
    members = Counter(kinds)
    seen = Counter[str]()
    chosen = []
    for name, own in zip(names, kinds, strict=True):
        if seen[own] % size == turn % min(size, members[own]) or name in always:
            chosen.append(name)
        seen[own] += 1
    return chosen
