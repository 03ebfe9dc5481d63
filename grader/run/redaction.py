"""What must not be shown of a run: the secrets that were made for it."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from grader.text import clean, redact


class Redactor:
    """The secrets of one run, blotted out wherever text is shown. Safe from several threads."""

    def __init__(self) -> None:
        self.secrets: dict[str, str] = {}
        """Every value made for the run that may not appear in a report, by name."""
        self.drawn: dict[str, str] = {}
        """Keys and tokens made for the run's apps, by what the challenge calls them."""
        self._parts: dict[str, str] = {}
        """Parts of secrets, each of which is blotted out where it stands alone."""
        self._lock = threading.Lock()

    def hide(self, values: Mapping[str, str]) -> None:
        """From now on, blot out `values`, by name, wherever text is shown."""
        with self._lock:
            self.secrets = {**self.secrets, **values}  # somebody may be going through the old one

    def hide_parts(self, values: Mapping[str, str]) -> None:
        """From now on, blot out `values`, by name; whether an app gives them away nobody asks."""
        with self._lock:
            self._parts = {**self._parts, **values}

    def shown(self, text: str) -> str:
        """Return `text` as anybody may see it: no control characters, secrets blotted out."""
        return redact(clean(text), {**self.secrets, **self._parts})
