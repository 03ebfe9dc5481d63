"""How long texts may become once BuildKit has filled in their variables: it sets no bound itself.

`ENV A=$A$A` thirty times makes eight characters eight gigabytes, in the engine. The bound counts
every mention of a variable, also in quotes and in defaults that are not taken: never too low.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from grader.inspect.buildkit.grammar import Instruction, parse
from grader.inspect.buildkit.words import pairs

MAX_TEXT = 256 * 1024
"""Characters that one instruction may grow to."""
MAX_FILLED = 8 * 1024 * 1024
"""Characters that the variables of all instructions together may put in."""
UNKNOWN = 256
"""Characters that count for a variable that the file does not set."""
VARIABLE = re.compile(r"\$(?:\{(\w+)(:?/)?|(\w+))")
QUOTES = re.compile(r"[\\`'\"]")
ONBUILD = re.compile(r"^\s*ONBUILD\s*", re.IGNORECASE)
"""What stands before an instruction that is triggered."""
FILLED = frozenset(
    {"ADD", "ARG", "COPY", "ENV", "EXPOSE", "FROM", "LABEL", "STOPSIGNAL", "USER", "VOLUME",
     "WORKDIR"}
)  # fmt: skip
"""Instructions whose text BuildKit fills in; of RUN only the options."""


class Growth:
    """The longest that each variable can be by now, `args` being the given ones."""

    def __init__(self, args: Mapping[str, str]) -> None:
        self._sizes = {name: len(value) for name, value in args.items()}
        self._unknown = UNKNOWN
        self._filled = 0

    def exceeds(self, one: Instruction) -> bool:
        """Take in `one`; whether it, or all so far, may grow beyond the bounds."""
        if one.name == "ONBUILD":
            triggered, _ = parse(ONBUILD.sub("", one.original))
            return any(self.exceeds(each) for each in triggered if each.name != "ONBUILD")
        texts = [*one.flags, one.rest] if one.name in FILLED else list(one.flags)
        if one.name in {"ADD", "COPY"}:
            texts += [heredoc.content for heredoc in one.heredocs]
        filled = sum(map(self._filled_in, texts))
        self._filled += filled
        if filled > MAX_TEXT or self._filled > MAX_FILLED:
            return True
        if one.name in {"ARG", "ENV"}:
            self._assign(one)
        return False

    def _assign(self, one: Instruction) -> None:
        for escape in "\\`":
            for name, value in pairs(one, escape):
                size = len(value or "") + self._filled_in(value or "")
                if "$" in name:
                    self._unknown = max(self._unknown, size)
                bare = QUOTES.sub("", name)
                self._sizes[bare] = max(self._sizes.get(bare, 0), size)

    def _filled_in(self, text: str) -> int:
        """Return the most characters that variables put into `text`."""
        total = 0
        for found in VARIABLE.finditer(text):
            size = self._sizes.get(found[1] or found[3], self._unknown)
            # what replaces each match of a pattern may be as long as the text itself
            total += size * len(text) if found[2] else size
        return total
