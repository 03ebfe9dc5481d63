"""What an app may sign with: the run's keys, none of its passwords, nothing of the code's."""

from __future__ import annotations

import ast
import re

from grader.exam.signing import Token, verifies
from grader.exam.snapshot import Snapshot

PASSWORD = re.compile("PASSW|PWD", re.IGNORECASE)
"""In the names of secrets that are no keys."""
KEYS = re.compile("key|secret|fallback", re.IGNORECASE)
"""In the names that a program gives to keys."""
MOST = 20
"""Texts of a submission's programs that are taken for keys."""


def injected(token: Token, secrets: dict[str, str]) -> str:
    """Return the name of the run's secret that `token` is signed with; empty where it is none."""
    return next((name for name, value in secrets.items() if verifies(token, value)), "")


def password_of(token: Token, secrets: dict[str, str]) -> str:
    """Return the name of the password that `token` is signed with, where the run has its key."""
    name = injected(token, secrets)
    has_key = any(not PASSWORD.search(one) for one in secrets)
    return name if name and has_key and PASSWORD.search(name) else ""


def literals(submission: Snapshot) -> list[str]:
    """Return the texts that the submission's programs give to names of keys, each once."""
    found: dict[str, None] = {}
    for tree in submission.python_sources().values():
        for node in ast.walk(tree):
            match node:
                case ast.Assign(targets=targets):
                    named = " ".join(map(ast.unparse, targets))
                case ast.keyword(arg=str(named)):
                    pass
                case _:
                    continue
            if KEYS.search(named):
                inside = ast.walk(node.value)
                texts = (one.value for one in inside if isinstance(one, ast.Constant))
                found |= dict.fromkeys(one for one in texts if isinstance(one, str) and one)
    return list(found)[:MOST]
