"""Junk apps."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.inspect.dockerfile import read_dockerfile
from grader.inspect.dockerignore import check_ignore
from grader.inspect.structure import check_files
from grader.model import Outcome
from grader.testing import a_challenge
from grader.verify.junk import KINDS, write_junk


@pytest.mark.parametrize("kind", KINDS)
def test_junk_looks_like_an_answer(tmp_path: Path, kind: str) -> None:
    """All files are there, and the app is Python that listens where it should."""
    required = ("Dockerfile", "docs/notes.md", "README.md")
    root = write_junk(kind, a_challenge(required_files=required), tmp_path / "junk")
    assert check_files(root, required).outcome is Outcome.PASSED
    assert check_ignore(root).outcome is Outcome.PASSED
    assert read_dockerfile(root, "Dockerfile").images == ("python:3.11-slim",)
    code = (root / "app.py").read_text()
    compile(code, "app.py", "exec")
    assert f"KIND, READY = {kind!r}, '/health'" in code
    assert '("0.0.0.0", 5000)' in code
