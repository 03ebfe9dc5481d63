"""docs/performance.md: each benchmark writes its own part of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"


def write_part(name: str, lines: Sequence[str]) -> None:
    """Put `lines` in the place of the part `name`. Raises `ValueError` where the page has none."""
    text = PAGE.read_text("utf-8")
    begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->\n"
    if begin not in text or end not in text:
        msg = f"{PAGE} has no part {name!r}; write `{begin.strip()}` and `{end.strip()}` into it."
        raise ValueError(msg)
    before, rest = text.split(begin, 1)
    after = rest.split(end, 1)[1]
    body = "\n".join(lines)
    PAGE.write_text(f"{before}{begin}{body}\n{end}{after}", "utf-8")
