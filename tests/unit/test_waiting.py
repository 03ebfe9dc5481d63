"""Waiting, by looking again and again."""

from __future__ import annotations

import ast
import math
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import grader
from grader.errors import Cancelled
from grader.waiting import wait_until

PACKAGE = Path(grader.__file__).parent
SLEEPS: dict[str, str] = {
    "waiting.py": "waits for everybody else",
    "authoring/template/every/reference/accepted/pymysql/notes/database.py": (
        "an example of a student's app, which has nothing of the grader's"
    ),
}
"""The modules that may sleep, each with the reason."""


def in_turn(*values: object) -> Callable[[], object]:
    """A condition that gives these values, then fails the test."""
    left: Iterator[object] = iter(values)
    return lambda: next(left)


def test_the_first_true_value_is_returned() -> None:
    assert wait_until(in_turn(0, "", "ready", "again"), within=5, poll=0.001) == "ready"


def test_it_looks_once_where_there_is_no_time() -> None:
    assert wait_until(in_turn("there"), within=0) == "there"
    assert wait_until(in_turn(0), within=0) == 0
    assert wait_until(in_turn(None), within=-1) is None


def test_what_it_gave_last_says_how_it_ended() -> None:
    began, looks = time.monotonic(), list[float]()

    def condition() -> list[object]:
        looks.append(time.monotonic() - began)
        return []

    assert wait_until(condition, within=0.1, poll=0.03) == []
    assert 0.1 <= looks[-1] < 1  # a last look, once the time is over
    assert 2 <= len(looks) <= 6


def test_a_long_pause_does_not_outlast_the_time() -> None:
    began = time.monotonic()
    assert not wait_until(lambda: False, within=0.05, poll=60)
    assert time.monotonic() - began < 5


def test_without_an_end_it_goes_on_until_it_is_so() -> None:
    assert wait_until(in_turn(*[False] * 20, True), within=math.inf, poll=0.001) is True


def test_a_cancellation_ends_it() -> None:
    cancel = threading.Event()

    def condition() -> bool:
        cancel.set()
        return False

    with pytest.raises(Cancelled):
        wait_until(condition, within=math.inf, poll=0.001, cancel=cancel)
    with pytest.raises(Cancelled):  # it does not look any more
        wait_until(in_turn(), within=5, cancel=cancel)


def test_what_the_condition_raises_goes_through() -> None:
    def condition() -> bool:
        msg = "gone"
        raise OSError(msg)

    with pytest.raises(OSError, match="gone"):
        wait_until(condition, within=5)


def sleeps(text: str) -> bool:
    """Whether a module uses `time.sleep`, under whatever name; what asyncio has blocks nobody."""
    if "sleep" not in text:
        return False  # which spares most modules the parser
    nodes = list(ast.walk(ast.parse(text)))
    clocks = {
        one.asname or one.name
        for node in nodes
        if isinstance(node, ast.Import)
        for one in node.names
        if one.name == "time"
    }
    return any(
        (isinstance(node, ast.ImportFrom) and node.module == "time"
         and any(one.name == "sleep" for one in node.names))
        or (isinstance(node, ast.Attribute) and node.attr == "sleep"
            and isinstance(node.value, ast.Name) and node.value.id in clocks)
        for node in nodes
    )  # fmt: skip


def test_nobody_else_sleeps() -> None:
    """A loop of one's own has an end, a pace and a cancellation that nobody looks after."""
    found = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if sleeps(path.read_text("utf-8"))
    }
    assert found == set(SLEEPS)


def test_what_counts_as_sleeping() -> None:
    assert sleeps("import time\ntime.sleep(1)\n")
    assert sleeps("import time as clock\nclock.sleep(1)\n")
    assert sleeps("from time import monotonic, sleep\n")
    assert not sleeps("import time\ntime.monotonic()\n")
    assert not sleeps("import asyncio\nasyncio.sleep(1)\n")
