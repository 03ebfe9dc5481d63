"""Which criteria are hidden, and what an app could tell of them."""

from __future__ import annotations

from collections.abc import Collection


class Secrecy:
    """Whether a criterion is hidden, and whether the app has met one that is."""

    def __init__(self, hidden: Collection[str] = (), sealed: Collection[str] = ()) -> None:
        """`sealed` are those of the hidden ones that no deadline shows."""
        self._hidden = frozenset(hidden)
        self._sealed = frozenset(sealed)
        self._met = 0

    def is_hidden(self, criterion: str) -> bool:
        """Return whether a criterion is hidden now."""
        return criterion in self._hidden

    def of(self, criterion: str) -> int:
        """Return 0 for a visible one, 1 for one hidden until the deadline, 2 for a hidden one."""
        return (criterion in self._hidden) + (criterion in self._sealed)

    def can_be_told(self, criterion: str) -> bool:
        """Return whether the app has met more secret criteria, of which it could tell in this one.

        It may tell in its answers, and in its log, of what it has been asked before.
        """
        return self.of(criterion) < self._met

    def is_first(self, criterion: str) -> bool:
        """Return whether the app has met no hidden criterion yet and this is one."""
        return self._met == 0 < self.of(criterion)

    def meet(self, criterion: str) -> None:
        """Note that the app meets a criterion."""
        self._met = max(self._met, self.of(criterion))
