"""Reading Python that a student wrote."""

from __future__ import annotations

import gc
import sys
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from grader.python_source import parse_python


@pytest.fixture
def often_switched() -> Iterator[None]:
    """Threads that take turns as often as they can, also while Python makes a tree."""

    def collected(*_: object) -> None:
        sum(number for number in range(50))

    interval, threshold = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(1e-6)
    gc.set_threshold(1)
    gc.callbacks.append(collected)
    yield
    gc.callbacks.remove(collected)
    sys.setswitchinterval(interval)
    gc.set_threshold(*threshold)


@pytest.mark.parametrize("text", ["def", "a = '\0'", "(" * 500 + ")" * 500, "-" * 100_000 + "1"])
def test_what_is_not_python_has_no_tree(text: str) -> None:
    """Neither a wrong form nor a deep one is an error."""
    assert parse_python(text) is None


def test_nothing_is_shown_of_what_python_warns_of(recwarn: pytest.WarningsRecorder) -> None:
    r"""An escape such as \d is the student's."""
    warnings.simplefilter("always")
    assert parse_python("x = '\\d'")
    assert not recwarn.list


@pytest.mark.slow
@pytest.mark.usefixtures("often_switched")
def test_many_threads_parse_at_once() -> None:
    """Each gets the tree of its own text."""
    text = "\n".join(f"x{i} = [a + {{'b': (c, [d, e])}} for f in g(h, i=[j])]" for i in range(60))
    with ThreadPoolExecutor(max_workers=4) as pool:
        trees = list(pool.map(lambda _: parse_python(text), range(40)))
    assert [tree and len(tree.body) for tree in trees] == [60] * 40
