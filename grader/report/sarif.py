"""Findings as SARIF 2.1.0 (OASIS), the form that code hosts and editors read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any, Protocol
from urllib.parse import quote

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
LEVELS = {"weak": "warning", "default": "error", "third_party": "error"}
GRAVITY = {"weak": "3.0", "default": "7.0", "third_party": "9.0"}
"""What GitHub orders by: from 0 to 10, as text."""


class Located(Protocol):
    """What was found at a place; `grader.inspect.secrets.Finding` is one."""

    @property
    def rule(self) -> str:
        """Its short name."""

    @property
    def severity(self) -> str:
        """`weak`, `default` or `third_party`."""

    @property
    def path(self) -> str:
        """Relative to the repository."""

    @property
    def line(self) -> int:
        """From 1; 0 where the whole file is meant."""

    @property
    def commit(self) -> str | None:
        """The first commit that holds it."""

    @property
    def why(self) -> str:
        """Why it matters."""

    @property
    def fix(self) -> str:
        """What to do."""

    @property
    def preview(self) -> str:
        """What it is, without its value."""

    @property
    def used_for(self) -> str:
        """What the value is used for; empty where nobody can tell."""

    @property
    def sure(self) -> bool:
        """Whether it is surely a secret; a hint otherwise."""


def to_sarif(findings: Iterable[Located], *, version: str) -> str:
    """Return `findings` as SARIF text that ends in a newline; `version` is the grader's own."""
    found = list(findings)
    rules = sorted({one.rule for one in found})
    log = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": _driver(rules, found, version)},
                "columnKind": "unicodeCodePoints",
                "results": [_result(one, rules) for one in found],
            }
        ],
    }
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _driver(rules: list[str], found: Sequence[Located], version: str) -> dict[str, Any]:
    return {
        "name": "grader secrets",
        "semanticVersion": version,
        "rules": [_rule(rule, [one for one in found if one.rule == rule]) for rule in rules],
    }


def _rule(rule: str, found: Sequence[Located]) -> dict[str, Any]:
    gravest = max((GRAVITY[one.severity] for one in found), key=float)
    return {
        "id": rule,
        "shortDescription": {"text": f"A secret that can be read ({rule})"},
        "fullDescription": {"text": found[0].why},
        "help": {"text": found[0].fix},
        "properties": {"tags": ["security", "secrets"], "security-severity": gravest},
    }


def _result(one: Located, rules: list[str]) -> dict[str, Any]:
    location: dict[str, Any] = {"artifactLocation": {"uri": quote(one.path), "uriBaseId": "ROOT"}}
    if one.line:
        location["region"] = {"startLine": one.line}
    result: dict[str, Any] = {
        "ruleId": one.rule,
        "ruleIndex": rules.index(one.rule),
        "level": LEVELS[one.severity] if one.sure else "note",
        "message": {"text": f"{one.preview}. {one.why} {one.fix}"},
        "locations": [{"physicalLocation": location}],
        "partialFingerprints": {"grader/v1": _fingerprint(one)},
    }
    properties = {"commit": one.commit, "usedFor": one.used_for}
    properties["confidence"] = "sure" if one.sure else "hint"
    result["properties"] = {name: value for name, value in properties.items() if value}
    return result


def _fingerprint(one: Located) -> str:
    """Return what stays the same while lines move; nothing of the value is in it."""
    name = one.preview.partition(" = ")[0]
    return hashlib.sha256(f"{one.rule}\0{one.path}\0{name}".encode()).hexdigest()[:32]
