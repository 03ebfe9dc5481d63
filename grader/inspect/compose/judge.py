"""The policy laid over a Compose file: what is left is known, allowed and of the right type."""

from __future__ import annotations

from typing import Any

from grader.inspect.compose.policy import TABLE, Decision, Kind, Rule, is_set
from grader.inspect.compose.source import Source
from grader.yamldoc import Place

FLAGS = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n"})
TYPES: dict[Kind, Any] = {
    Kind.ANY: object,
    Kind.TEXT: str,
    Kind.NUMBER: (int, float, str),
    Kind.LIST: list,
    Kind.WORDS: (str, list),
    Kind.MAP: dict,
    Kind.PAIRS: (dict, list),
    Kind.NAMES: (dict, list),
    Kind.BUILD: (str, dict),
}


def judge(source: Source, value: dict[str, Any], place: Place = (), scope: str = "file") -> Any:
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


def _decide(source: Source, place: Place, value: object, rule: Rule) -> None:
    applies = rule.when(value)
    if rule.decision is Decision.REJECTED and applies:
        source.reject(place, rule.says)
    elif rule.decision is Decision.REJECTED and rule.otherwise:
        source.note(place, rule.otherwise)
    elif rule.decision is Decision.NEUTRALISED and applies:
        source.note(place, rule.says)


def _inner(source: Source, value: Any, place: Place, rule: Rule) -> Any:
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
        if item is None or _fits(source, here, item, Kind.MAP):
            kept[name] = judge(source, item or {}, here, rule.inner)
    return kept


def _fits(source: Source, place: Place, value: Any, kind: Kind) -> bool:
    if isinstance(value, bool):
        fits = kind in {Kind.FLAG, Kind.ANY}
    elif kind is Kind.FLAG:
        fits = str(value).lower() in FLAGS
    else:
        fits = isinstance(value, TYPES[kind])
    if not fits:
        source.wrong(place, value, kind)
    return fits
