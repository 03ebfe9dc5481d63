"""Submissions that are alike, and those that only have the starter in common."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import grader.text
from grader.batch import Entry
from grader.batch.similar import fingerprints, similar
from grader.settings import Settings
from grader.testing import a_challenge

STARTER = Path(grader.text.__file__).read_text("utf-8")
FIRST = """
def total(rows):
    amount = 0
    for row in rows:
        if row["done"] and row["price"] > 0:
            amount += row["price"] * row["count"]
    return {"total": amount, "rows": len(rows)}

class Basket:
    def __init__(self, owner):
        self.owner, self.items = owner, []
    def add(self, item, count=1):
        while count > 0:
            self.items.append((item, self.owner))
            count -= 1
        return self
"""
SECOND = """
import operator, functools
PRICES = {"apple": 3, "pear": 4, "plum": 7, "fig": 11, "date": 13}
handlers = [lambda event: event.name, lambda event: event.time, lambda event: event.place]
try:
    best = max(PRICES.items(), key=operator.itemgetter(1))
except (ValueError, TypeError) as error:
    best = None
assert best is not None and best[0] in PRICES, "there is no best one"
async def main(queue):
    async with queue as stream:
        async for message in stream:
            yield functools.reduce(operator.add, message, 0) ** 2 // 3 % 7
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.from_env({"GRADER_STATE": str(tmp_path / "state")})


def hand_in(root: Path, **code: str) -> list[Entry]:
    for name, text in code.items():
        (root / name).mkdir()
        (root / name / "app.py").write_text(text)
    return [Entry(student=name, source=str(root / name)) for name in code]


def test_a_copy_with_other_names_is_found(tmp_path: Path, settings: Settings) -> None:
    """Renamed and laid out again it is the same; the starter is nobody's; what is broken is not."""
    (tmp_path / "exam" / "starter").mkdir(parents=True)
    (tmp_path / "exam" / "starter" / "app.py").write_text(STARTER)
    challenge = replace(a_challenge(), root=tmp_path / "exam")
    renamed = FIRST.replace("amount", "x").replace("rows", "r").replace("Basket", "Trolley")
    entries = hand_in(
        tmp_path,
        ada=STARTER + FIRST,
        bob=STARTER + SECOND,
        eve=STARTER + renamed,
        zoe=STARTER,
    )
    entries.append(Entry(student="dan", source=str(tmp_path / "none")))
    (pair,) = similar(entries, challenge, settings)
    assert {pair.first, pair.second} == {"ada", "eve"}
    assert pair.share > 0.9
    assert list((tmp_path / "state").glob("runs/*")) == []


@pytest.mark.slow
def test_what_is_no_python_is_read_as_far_as_it_goes() -> None:
    """Broken or hostile code stops nothing, and costs no time to speak of."""
    whole = fingerprints([FIRST])
    assert fingerprints([FIRST + "\n'''never closed"]) >= frozenset(list(whole)[:1])
    for text in ("(" * 50_000, "\\\n" * 50_000, "\0", "\ud800 = 1", " x\n  y\n z", "'" * 99_999):
        fingerprints([text])
    assert fingerprints([]) == fingerprints(["x = 1"]) == frozenset()
