"""The tree of an expression."""
from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Union


@dataclass(frozen=True, eq=False)
class Number:
    value: Fraction


@dataclass(frozen=True, eq=False)
class Sign:
    operator: str
    operand: Node
    column: int


@dataclass(frozen=True, eq=False)
class Binary:
    operator: str
    left: Node
    right: Node
    column: int


Node = Union[Number, Sign, Binary]
