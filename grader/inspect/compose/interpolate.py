"""Compose's variables: `$X`, `${X:-default}` and their kin, found in text and filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

MAX_DEPTH = 20
"""How many variables may stand within each other's defaults."""
MAX_TEXT = 256 * 1024
"""Characters that one text may grow to."""
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
BRACE = re.compile(r"[{}]")
OPERATOR = re.compile(r":?[-?+]")


class Malformed(ValueError):
    """A text that Compose cannot fill in. The message is a clause that says what to do."""


@dataclass(frozen=True, kw_only=True)
class VariableUse:
    """One variable in a text."""

    name: str
    operator: str = ""
    """`-`, `?` or `+`, with a colon before it where empty counts as not given; or nothing."""
    rest: str = ""
    """What follows the operator: a default, a message or an alternative."""


@dataclass(frozen=True, kw_only=True)
class VariableReference:
    """One place where a file asks for a variable."""

    name: str
    default: str | None
    """What stands in its place where it is not given, as written; None where nothing does."""
    required: bool
    """Whether Compose refuses the file without it (`${X:?…}`)."""
    line: int
    within: tuple[str, ...] = ()
    """Variables that must be absent before this one is asked for."""
    optional: bool = False
    """Whether only its presence is asked (`${X:+…}`)."""
    structural: bool = False
    """Whether the file itself depends on it: it stands in `ports`, `image` or the like, not in what
    a container is given."""


def references(text: str, line: int, within: tuple[str, ...] = ()) -> list[VariableReference]:
    """Every variable that `text` names, those in defaults as well. Raises `Malformed`."""
    if len(within) > MAX_DEPTH:
        msg = "has too many variables within each other's defaults"
        raise Malformed(msg)
    found = []
    for use in _uses(text):
        kind = use.operator[-1:]
        found.append(
            VariableReference(
                name=use.name,
                default=use.rest if kind == "-" else None,
                required=kind == "?",
                line=line,
                within=within,
                optional=kind == "+",
            )
        )
        if kind in {"-", "+"}:
            found += references(use.rest, line, (*within, use.name))
    return found


def fill(text: str, values: Mapping[str, str], depth: int = 0) -> str:
    """`text` with its variables filled in; what is not given is empty.

    Raises `Malformed` where it cannot be read or grows beyond `MAX_TEXT`.
    """
    if depth > MAX_DEPTH:
        msg = "has too many variables within each other's defaults"
        raise Malformed(msg)
    parts: list[str] = []
    size = 0
    for part in parse(text):
        parts.append(part if isinstance(part, str) else _value(part, values, depth))
        size += len(parts[-1])
        if size > MAX_TEXT:
            msg = f"grows beyond {MAX_TEXT} characters with its variables filled in"
            raise Malformed(msg)
    return "".join(parts)


def _value(use: VariableUse, values: Mapping[str, str], depth: int) -> str:
    value = values.get(use.name)
    given = value is not None and not (use.operator.startswith(":") and not value)
    match use.operator[-1:]:
        case "-":
            return (value or "") if given else fill(use.rest, values, depth + 1)
        case "+":
            return fill(use.rest, values, depth + 1) if given else ""
        case _:
            return value or ""


def _uses(text: str) -> Iterator[VariableUse]:
    return (part for part in parse(text) if isinstance(part, VariableUse))


def parse(text: str) -> Iterator[str | VariableUse]:
    """Yield the parts of `text`: plain text, and variables. Raises `Malformed`."""
    at = 0
    paired = True
    while (dollar := text.find("$", at)) >= 0:
        if dollar > at:
            yield text[at:dollar]
        following = text[dollar + 1 : dollar + 2]
        if following == "$":
            yield "$"
            at = dollar + 2
        elif following == "{":
            end = _closing(text, dollar) if paired else -1
            paired = end >= 0  # what has no pair is not looked for twice
            end = end if paired else text.find("}", dollar)
            if end < 0:
                msg = "has a `${` that is never closed; add the `}`"
                raise Malformed(msg)
            yield _braced(text[dollar + 2 : end])
            at = end + 1
        elif name := NAME.match(text, dollar + 1):
            yield VariableUse(name=name[0])
            at = name.end()
        else:
            yield "$"  # Docker leaves what is no variable as it is
            at = dollar + 1
    if at < len(text):
        yield text[at:]


def _closing(text: str, dollar: int) -> int:
    """Return where the brace after `dollar` is closed, with pairs within it counted.

    -1: nowhere.
    """
    opened = 0
    for found in BRACE.finditer(text, dollar):
        opened += 1 if found[0] == "{" else -1
        if not opened:
            return found.start()
    return -1


def _braced(content: str) -> VariableUse:
    name = NAME.match(content)
    if name is None:
        msg = "has a `${` that no name of a variable follows; write `${NAME}`"
        raise Malformed(msg)
    if name.end() == len(content):
        return VariableUse(name=name[0])
    operator = OPERATOR.match(content, name.end())
    if operator is None:
        msg = (
            f"has a `${{{name[0]}` that something unknown follows; "
            f"write `${{{name[0]}}}` or `${{{name[0]}:-default}}`"
        )
        raise Malformed(msg)
    return VariableUse(name=name[0], operator=operator[0], rest=content[operator.end() :])
