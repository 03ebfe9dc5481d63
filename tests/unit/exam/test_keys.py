"""Which keys of its own a submission may sign with, and which secrets are no keys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from grader.exam.keys import literals, password_of
from grader.exam.signing import Token, signed_anew
from grader.exam.snapshot import Snapshot

CODE = """
import os
SECRET_KEYS = ["old-one", "older-one"]
app.config.update(SECRET_KEY=os.environ["SECRET_KEY"], SECRET_KEY_FALLBACKS=["dev-2023"])
title = "no key"
app.secret_key = os.environ.get("SECRET_KEY", "a-fallback")
"""
SESSION = Token(value="eyJhIjoxfQ.aSlZsg.Jx6tvYlVHYAFZfLbEYuJbNqYQ2s", cookie="session")


def test_what_is_given_to_names_of_keys_is_tried(tmp_path: Path) -> None:
    """In assignments and in calls; nothing else that stands in the code."""
    (tmp_path / "app.py").write_text(CODE)

    def call(_: str, **__: Any) -> Any:
        pytest.fail("What stands in the code is read without asking the grader for anything.")

    found = literals(Snapshot(call, tmp_path, None))
    assert {"old-one", "older-one", "dev-2023", "a-fallback"} <= set(found)
    assert "no key" not in found


def test_a_password_is_no_key() -> None:
    """Where the run has a key; else it has to do."""
    token = signed_anew(SESSION, "", "p4ssword")
    secrets = {"ADMIN_PASSWORD": "p4ssword", "SECRET_KEY": "k3y"}
    assert password_of(token, secrets) == "ADMIN_PASSWORD"
    assert not password_of(signed_anew(SESSION, "", "k3y"), secrets)
    assert not password_of(token, {"ADMIN_PASSWORD": "p4ssword"})
