"""YAML composed into nodes, within bounds, by the rules of YAML 1.1 or of Docker (1.2)."""

from __future__ import annotations

import re
from typing import Any

import yaml

MAX_NODES = 50_000
MAX_DEPTH = 40
TOO_MANY = f"it unfolds to more than {MAX_NODES} values."
TOO_DEEP = f"it is nested more than {MAX_DEPTH} levels deep; flatten it."
TAG = "tag:yaml.org,2002:"
TEXT, SEQUENCE, MAPPING, MERGE = (f"{TAG}{kind}" for kind in ("str", "seq", "map", "merge"))
OWN_TAGS = frozenset({"!reset", "!override"})
"""What Compose has of its own."""
CORE = {
    "null": (r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    "bool": (r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    "int": (r"[-+]?(0b[01_]+|0o[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)", list("-+0123456789")),
    "float": (
        r"[-+]?(\.[0-9]+|[0-9][0-9_]*(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.inf|\.nan",
        list("-+.0123456789"),
    ),
    "merge": (r"<<", ["<"]),
}
"""What a plain scalar is in YAML 1.2, with the characters that it can begin with."""


class Excess(Exception):
    """A document has more levels or values than are read; the message names what."""


class _Loader(yaml.CSafeLoader):
    """Composes no more than is read: composing recurses in C, where an older libyaml has no bound.

    Each node is announced by `descend_resolver`, and its end by `ascend_resolver`.
    """

    depth = nodes = 0

    def descend_resolver(self, node: Any, index: Any) -> None:  # noqa: ARG002 - PyYAML's own
        """Count one node. Raises `Excess`."""
        self.depth += 1
        self.nodes += 1
        if self.depth > MAX_DEPTH + 1:  # the deepest level holds scalars
            raise Excess(TOO_DEEP)
        if self.nodes > 2 * MAX_NODES + 1:  # of two nodes one may be a key, which is no value
            raise Excess(TOO_MANY)

    def resolve(self, kind: Any, value: Any, implicit: Any) -> str:
        """Return the tag of a node. Raises `Excess` where it is one level too many."""
        if kind is not yaml.ScalarNode:
            self.require_shallow()
        return str(super().resolve(kind, value, implicit))  # type: ignore[no-untyped-call]

    def require_shallow(self) -> None:
        """Raise `Excess` where a list or mapping that begins here is one level too many."""
        if self.depth > MAX_DEPTH:
            raise Excess(TOO_DEEP)

    def ascend_resolver(self) -> None:
        """Note that the node is complete."""
        self.depth -= 1


class _CoreLoader(_Loader):
    """Plain scalars as in YAML 1.2: `22:22`, `yes` and dates are text."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML declares it like this

    def resolve(self, kind: Any, value: Any, implicit: Any) -> str:
        """Return the tag of a node; of most, their first character says that they are text."""
        if kind is not yaml.ScalarNode:
            self.require_shallow()
            return MAPPING if kind is yaml.MappingNode else SEQUENCE
        if implicit[0]:
            for tag, pattern in self.yaml_implicit_resolvers.get(value[:1], ()):
                if pattern.match(value):
                    return str(tag)
        return TEXT


for _kind, (_pattern, _first) in CORE.items():
    _CoreLoader.add_implicit_resolver(TAG + _kind, re.compile(rf"(?:{_pattern})\Z"), _first)


def compose(raw: bytes | str, *, core: bool) -> yaml.Node | None:
    """Return the node of the one document in `raw`; None where it is empty.

    Raises `Excess`, `yaml.YAMLError` or `UnicodeError`.
    """
    node: yaml.Node | None = yaml.compose(raw, Loader=_CoreLoader if core else _Loader)
    return node


def excess_of(raw: bytes | str) -> str:
    """Return what a document has too much of, without composing it; empty where it has not.

    Raises `yaml.YAMLError`.
    """
    depth = nodes = 0
    for event in yaml.parse(raw, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        nodes += isinstance(event, yaml.NodeEvent)
        if depth > MAX_DEPTH:
            return TOO_DEEP
        if nodes > 2 * MAX_NODES + 1:  # of two nodes one may be a key, which is no value
            return TOO_MANY
    return ""
