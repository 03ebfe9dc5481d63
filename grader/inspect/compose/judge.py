"""The policy laid over a Compose file: what is left is known, allowed and of the right type."""

from __future__ import annotations

from typing import Any

from grader.inspect.compose.policy import TABLE
from grader.inspect.compose.rules import Decision, Rule, ValueKind, is_set
from grader.inspect.compose.source import ComposeSource
from grader.yamldoc import Place

FLAGS = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n"})
TYPES: dict[ValueKind, Any] = {
    ValueKind.ANY: object,
    ValueKind.TEXT: str,
    ValueKind.NUMBER: (int, float, str),
    ValueKind.LIST: list,
    ValueKind.WORDS: (str, list),
    ValueKind.MAP: dict,
    ValueKind.PAIRS: (dict, list),
    ValueKind.NAMES: (dict, list),
    ValueKind.BUILD: (str, dict),
}


def judge(
    source: ComposeSource, value: dict[str, Any], place: Place = (), scope: str = "file"
) -> Any:
    """`value` without what is not allowed, unknown, wrong or empty; `source` hears of each."""
    kept: dict[str, Any] = {}
    for key, item in value.items():
        here = (*place, key)
        rule = TABLE[scope].get(key)
        if key.startswith("x-"):
            continue
        if rule is None:
            known = source.near(key, TABLE[scope])
            source.fault(here, f"is not a key that is known here.{known}")
        elif rule.decision is Decision.ALLOWED:
            if item is not None and _fits(source, here, item, rule.kind):
                kept[key] = _inner(source, item, here, rule) if rule.inner else item
        elif is_set(item):
            _decide(source, here, item, rule)
    return kept


def _decide(source: ComposeSource, place: Place, value: object, rule: Rule) -> None:
    applies = rule.when(value)
    if rule.decision is Decision.REJECTED and applies:
        source.reject(place, rule.says)
    elif rule.decision is Decision.REJECTED and rule.otherwise:
        source.note(place, rule.otherwise)
    elif rule.decision is Decision.NEUTRALISED and applies:
        source.note(place, rule.says)


def _inner(source: ComposeSource, value: Any, place: Place, rule: Rule) -> Any:
    if isinstance(value, list):
        return [
            judge(source, item, (*place, index), rule.inner) if isinstance(item, dict) else item
            for index, item in enumerate(value)
        ]
    if not isinstance(value, dict):
        return value
    if not rule.each:
        return judge(source, value, place, rule.inner)
    kept = {}
    for name, item in value.items():
        here = (*place, name)
        if item is None or _fits(source, here, item, ValueKind.MAP):
            kept[name] = judge(source, item or {}, here, rule.inner)
    return kept


def _fits(source: ComposeSource, place: Place, value: Any, kind: ValueKind) -> bool:
    if isinstance(value, bool):
        fits = kind in {ValueKind.FLAG, ValueKind.ANY}
    elif kind is ValueKind.FLAG:
        fits = str(value).lower() in FLAGS
    else:
        fits = isinstance(value, TYPES[kind])
    if not fits:
        source.wrong(place, value, kind)
    return fits
