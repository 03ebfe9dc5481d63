"""How values are written in each kind of file that is read line by line."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Style:
    """How values are written in a kind of file."""

    bare: bool
    """Whether without quotes."""
    rule: str
    spaces: bool = False
    """Whether a value may hold spaces: where it is no label for people."""
    equals: bool = False
    """Whether only `=` assigns, and `${NAME…` is a reference."""
    comments: str = ""
    """What a comment begins with; nothing in one runs."""
    drawn: bool = False
    """Whether a value without quotes has to look as if a machine drew it."""


CODE = Style(bare=False, rule="code.literal")
PLAIN = Style(bare=True, rule="code.literal", drawn=True)
"""Text of no known kind."""
CONFIG = Style(bare=True, rule="config.literal", comments="#;")
SHELL = Style(bare=True, rule="shell.password", comments="#", spaces=True, equals=True)
DOCS = Style(bare=True, rule="docs.literal")
JSON = Style(bare=False, rule="config.literal", spaces=True)
MARKUP = Style(bare=True, rule="config.literal", comments="#;")
"""Elements and attributes, of which `key` names something."""
