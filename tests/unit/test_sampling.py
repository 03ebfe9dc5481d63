"""Which submissions of the corpora a run of the tests grades."""

from __future__ import annotations

from itertools import chain

import pytest

from tests.docker.sampling import first_word, sample

NAMES = [
    f"{kind}-{number}"
    for kind, many in (("a", 20), ("b", 4), ("c", 1), ("d", 2))
    for number in range(many)
]


@pytest.mark.parametrize("size", [1, 3, 12])
def test_each_is_chosen_in_one_of_so_many_runs(size: int) -> None:
    """After `size` turns nothing was left out."""
    chosen = [sample(NAMES, size=size, turn=turn) for turn in range(size)]
    assert set(chain.from_iterable(chosen)) == set(NAMES)
    assert all(len(one) <= len(NAMES) / size + 3 for one in chosen)


@pytest.mark.parametrize("turn", range(30))
def test_no_kind_is_left_out(turn: int) -> None:
    """However few of it there are; `c` and `d` are one."""
    kinds = {first_word(name) for name in sample(NAMES, size=12, turn=turn)}
    assert {"a", "b"} < kinds
    assert kinds & {"c", "d"}


def test_one_commit_gets_the_same() -> None:
    """The order of the names is kept."""
    assert sample(NAMES, "a-7", size=12, turn=40) == ["a-4", "a-7", "a-16", "b-0", "d-0"]
