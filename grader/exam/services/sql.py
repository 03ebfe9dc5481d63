"""Pieces of SQL: names, and what a statement does."""

from __future__ import annotations

import re

LITERAL = re.compile(r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\"|`(?:[^`]|``)*`", re.DOTALL)
"""A text or a quoted name."""
READS = re.compile(
    r"(?:\s|\(|--\s[^\n]*(?:\n|$)|#[^\n]*(?:\n|$)|/\*[^!].*?\*/)*"
    r"(?:SELECT|SHOW|WITH|TABLE|VALUES|EXPLAIN|DESCRIBE|DESC|DO|SET)\b",
    re.IGNORECASE | re.DOTALL,
)
"""How a statement begins that changes no row. One that begins with WITH may: MySQL then refuses."""


def quoted(name: str) -> str:
    """Return `name` as a MySQL identifier."""
    return f"`{name.replace('`', '``')}`"


def only_reads(sql: str) -> bool:
    """Return whether `sql` changes no row, by the word that it begins with."""
    return READS.match(sql) is not None


def with_names(sql: str) -> str:
    """Return `sql` so that a percent sign in a quoted name stands for itself next to arguments."""

    def doubled(found: re.Match[str]) -> str:
        text = found[0]
        return text.replace("%", "%%") if text.startswith("`") else text

    return LITERAL.sub(doubled, sql)
