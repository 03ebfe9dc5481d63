"""A Compose file while it is judged: its values, and all that is found to say of it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any

from grader.inspect.compose.project import Note
from grader.inspect.compose.rules import ValueKind
from grader.text import LocatedSentence, clean, clip, nearest
from grader.yamldoc import Document, Place, dotted

MAX_KNOWN = 200
"""Names among which one is looked for that is near to another."""
MAX_SAID = 40
"""Sentences of a kind; nobody reads more."""


class ComposeSource:
    """What is being read; collects faults, violations and notes."""

    def __init__(self, root: Path, document: Document, given: Collection[str] = ()) -> None:
        """`given` are the paths of files that the exam puts into the submission."""
        self.given = frozenset(given)
        self.root = root
        self.document = document
        self.path = document.name
        folder = str(PurePosixPath(self.path).parent)
        self.folder = "" if folder == "." else folder
        self._faults: dict[str, int] = {}
        self._violations: dict[str, int] = {}
        self._notes: dict[str, Note] = {}
        self._refused: set[str] = set()

    def line(self, place: Place) -> int:
        """Return the line of `place` in the file."""
        return self.document.line(place)

    def fault(self, place: Place, says: str) -> None:
        """`place` is wrong; `says` goes on with a sentence that begins with it."""
        self._faults.setdefault(self._sentence(place, says), self.line(place))

    def refuse_file(self, place: Place, path: str, says: str) -> None:
        """`place` uses the file at `path`, which Compose refuses; of several uses one is told."""
        if path not in self._refused:
            self._refused.add(path)
            self.fault(place, says)

    def reject(self, place: Place, says: str) -> None:
        """`place` breaks the policy."""
        self._violations.setdefault(self._sentence(place, says), self.line(place))

    def note(self, place: Place, says: str) -> None:
        """`place` is given another meaning; of several words on it the first is kept."""
        where = dotted(place)
        text = _plain(f"{clip(where, 200)} {says}")
        self._notes.setdefault(where or text, Note(line=self.line(place), text=text))

    @property
    def faults(self) -> tuple[str, ...]:
        """Sentences, in the order of their lines."""
        return _capped(self._faults)

    @property
    def violations(self) -> tuple[str, ...]:
        """Sentences, in the order of their lines."""
        return _capped(self._violations)

    @property
    def notes(self) -> tuple[Note, ...]:
        """In the order of their lines."""
        return tuple(sorted(self._notes.values(), key=lambda note: note.line)[:MAX_SAID])

    def near(self, word: str, known: Iterable[str]) -> str:
        """Return a clause that names what `word` may have been meant for.

        None once much is wrong.
        """
        if len(self._faults) > MAX_SAID:
            return ""
        return nearest(word[:100], list(islice(known, MAX_KNOWN)))

    def text(self, place: Place, value: object) -> str | None:
        """`value` if it is text; else a fault and None."""
        if isinstance(value, str):
            return value
        self.wrong(place, value, ValueKind.TEXT)
        return None

    def word(self, place: Place, value: object) -> str | None:
        """`value` as text if it is text or a number; else a fault and None."""
        if isinstance(value, int | float) and not isinstance(value, bool):
            return scalar(value)
        return self.text(place, value)

    def wrong(self, place: Place, value: object, kind: ValueKind) -> None:
        """`value` is not of `kind`."""
        self.fault(place, f"is {show(value)}; it should be {kind.value}.")

    def _sentence(self, place: Place, says: str) -> str:
        where = clip(dotted(place), 200) or "the document"
        return LocatedSentence(_plain(self.path), self.line(place), _plain(f"{where} {says}"))


def scalar(value: object) -> str:
    """Return a scalar as Compose writes it into an environment: `true`, `5000`, `1.1`."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case float() if value.is_integer() and abs(value) < 1e21:
            return str(int(value))
        case _:
            return str(value)


def show(value: Any) -> str:
    """`value` for a message, on one line and cut."""
    return clip(json.dumps(value, ensure_ascii=False, default=str), 80)


def _plain(text: str) -> str:
    return " ".join(clean(text).split())


def _capped(sentences: dict[str, int]) -> tuple[str, ...]:
    ordered = sorted(sentences, key=lambda sentence: sentences[sentence])
    rest = len(ordered) - MAX_SAID
    return (*ordered[:MAX_SAID], *([f"There are {rest} more like these."] if rest > 0 else ()))
