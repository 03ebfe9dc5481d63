"""The `draw` fixture: random data from the run's seed, so that no hard-coded answer passes."""

from __future__ import annotations

import random
import string
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

FIRST = ("Ada", "Grace", "Linus", "Margaret", "Ken", "Radia", "Edsger", "Barbara", "Alan", "Hedy")
LAST = ("Lovelace", "Hopper", "Torvalds", "Hamilton", "Thompson", "Perlman", "Liskov", "Turing")
VERBS = ("Buy", "Call", "Clean", "Plan", "Read", "Repair", "Send", "Visit", "Write", "Water")
THINGS = ("the bicycle", "a letter", "green apples", "the garden", "old photographs", "the report",
          "fresh bread", "two tickets", "the kitchen", "a long novel")  # fmt: skip
SCRIPTS = ("äöüßéñ", "жщыюя", "λμπσω", "日本語漢字", "한국어", "שלום", "नमस्ते", "😀🎉🐍🚀")


class Draw:
    """Seeded random data; each call gives something new.

    A test draws the same in every run of one seed, whatever other tests run, and other data than
    every other test: what it draws depends on the seed, its file, its name and its parameters, and
    on the order of its calls. Fixtures of a test share its `draw`.
    """

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)  # noqa: S311 - repeatable is what it must be

    def word(self, length: int = 10) -> str:
        """Lower-case letters that form no word of any language."""
        return "".join(self._random.choices(string.ascii_lowercase, k=length))

    def name(self) -> str:
        """A person's name that is not drawn twice."""
        return f"{self.choice(FIRST)} {self.choice(LAST)} {self.word(5)}"

    def sentence(self) -> str:
        """A short sentence that is not drawn twice."""
        return f"{self.choice(VERBS)} {self.choice(THINGS)} {self.word(8)}"

    def unicode(self) -> str:
        """Letters of several scripts and emoji beyond the basic plane."""
        parts = [self.choice(script) + self.choice(script) for script in SCRIPTS]
        self._random.shuffle(parts)
        return f"{self.word(6)} {' '.join(parts)}"

    def text(self, length: int) -> str:
        """Exactly `length` letters."""
        return self.word(length)

    def integer(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return self._random.randint(low, high)

    def choice(self, options: Sequence[T]) -> T:
        """One of `options`."""
        return self._random.choice(options)

    def sample(self, options: Sequence[T], count: int) -> list[T]:
        """`count` different ones of `options`, in random order."""
        return self._random.sample(options, count)

    def injections(self) -> list[str]:
        """Strings that end a quoted SQL literal, or widen a condition, where input is pasted in."""
        tag = self.word(6)
        return [
            f"{tag}' OR '1'='1",
            f"{tag}' OR 1=1 -- ",
            f'{tag}" OR "1"="1',
            f"{tag}%' OR 1=1 #",
            f"{tag}'; DROP TABLE todos; -- ",
            f"{tag}') UNION SELECT 1,2,3,4,5,6 -- ",
            f"{tag}\\' OR 1=1 -- ",
        ]

    def markup(self) -> str:
        """HTML that runs a script where it is shown unescaped."""
        tag = self.word(6)
        return f"<script>alert('{tag}')</script><img src=x onerror=alert(1)> & \"{tag}\""
