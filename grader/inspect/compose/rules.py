"""What a rule for a key of a Compose file says, and how it looks at a value."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto


class Decision(Enum):
    """What becomes of a key."""

    ALLOWED = auto()
    IGNORED = auto()
    """Left out without a word: it changes nothing in an exam."""
    NEUTRALISED = auto()
    """Left out or given another meaning; the report says so."""
    REJECTED = auto()
    """The submission is not run."""


class ValueKind(Enum):
    """What a value must be; each says it for a message."""

    ANY = "anything"
    TEXT = "text in quotes"
    FLAG = "true or false"
    NUMBER = "a number"
    LIST = "a list, each entry after a dash"
    WORDS = "text or a list of texts"
    MAP = "a mapping of keys to values"
    PAIRS = "a mapping of names to values, or a list like `- NAME=value`"
    NAMES = "a list of names, or a mapping of them"
    BUILD = "the path of a folder, or a mapping with `context`"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """The rule for one key."""

    decision: Decision
    says: str = ""
    """How a sentence that begins with the key's place goes on."""
    when: Callable[[object], bool] = bool
    """For which values the decision holds."""
    otherwise: str = ""
    """What is said of other values of a rejected key; nothing where they do no harm."""
    kind: ValueKind = ValueKind.ANY
    inner: str = ""
    """The table for the mappings in it."""
    each: bool = False
    """Whether `inner` is for each of its values, under names of the student's."""


def is_on(value: object) -> bool:
    """Return whether a flag is set; what is neither on nor off counts as set."""
    return is_set(value) and str(value).strip().lower() not in {"", "false", "no", "n", "off"}


def is_set(value: object) -> bool:
    """Return whether there is anything in a value."""
    return value not in (None, "", False, [], {})


def joins(value: object) -> bool:
    """Return whether a value puts a container into the namespace of something else."""
    return bool(re.match(r"\s*(host|container:|service:)", str(value), re.IGNORECASE))


def reaches_host(value: object) -> bool:
    """Return whether a value names the machine itself."""
    return "host-gateway" in str(value).lower()


def weakens(value: object) -> bool:
    """Return whether an option of `security_opt` does more than keep privileges from growing."""
    options = value if isinstance(value, list) else [value]
    return not all(re.fullmatch(r"no-new-privileges([:=]true)?", str(one)) for one in options)


def has_privileges(value: object) -> bool:
    """Return whether one of the hooks runs with all rights."""
    hooks = value if isinstance(value, list) else [value]
    return any(isinstance(one, dict) and is_on(one.get("privileged")) for one in hooks)


def adds_rights(value: object) -> bool:
    """Return whether capabilities other than SYS_NICE are asked for."""
    names = value if isinstance(value, list) else [value]
    return not all(str(one).upper().removeprefix("CAP_") == "SYS_NICE" for one in names)


def is_plugin(value: object) -> bool:
    """Return whether the driver of a volume is a plug-in of the machine's."""
    return value not in ("", "local", "default")


def is_foreign_network(value: object) -> bool:
    """Return whether the driver of a network is another than those of Compose itself."""
    return value not in ("", "bridge", "overlay", "default")


def allow(kind: ValueKind, inner: str = "", *, each: bool = False) -> Rule:
    """Return the rule for a key that is taken over as it is."""
    return Rule(decision=Decision.ALLOWED, kind=kind, inner=inner, each=each)


def note(says: str, when: Callable[[object], bool] = is_set) -> Rule:
    """Return the rule for a key that is left out where `when` holds, which the report says."""
    return Rule(decision=Decision.NEUTRALISED, says=says, when=when)


def reject(says: str, when: Callable[[object], bool] = is_set, otherwise: str = "") -> Rule:
    """Return the rule for a key that is rejected where `when` holds."""
    return Rule(decision=Decision.REJECTED, says=says, when=when, otherwise=otherwise)
