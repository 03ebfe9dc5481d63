"""`repo.files`: the files that every submission must hold."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grader.inspect.structure import check_files
from grader.model import Outcome


def test_what_is_there_passes(tmp_path: Path) -> None:
    """At the top or further down."""
    (tmp_path / "app").mkdir()
    for name in ("README.md", "app/main.py"):
        (tmp_path / name).write_text("x")
    assert check_files(tmp_path, ("README.md", "app/main.py")).outcome is Outcome.PASSED
    assert check_files(tmp_path, ()).outcome is Outcome.PASSED


def test_what_is_missing_is_listed(tmp_path: Path) -> None:
    """With the files there are, those at the top."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "b").write_text("x")
    (tmp_path / "main.py").write_text("x")
    result = check_files(tmp_path, ("a", "b", "c"))
    assert result.outcome is Outcome.FAILED
    assert result.rationale == "Your repository has no a, b and c (there is app/b)."
    assert result.evidence == "Files at the top of your repository:\nmain.py"


def test_another_case_is_pointed_out(tmp_path: Path) -> None:
    """The usual slip of those who work on a file system that does not tell the two apart."""
    (tmp_path / "Readme.md").write_text("x")
    result = check_files(tmp_path, ("README.md",))
    assert result.rationale == (
        "Your repository has no README.md (there is Readme.md; names are case-sensitive)."
    )


def test_an_empty_file_is_no_answer(tmp_path: Path) -> None:
    """White space is empty, too; what is missing is said alongside it."""
    (tmp_path / "a").write_text("")
    (tmp_path / "b").write_text(" \n\t\n")
    result = check_files(tmp_path, ("a", "b", "c"))
    assert result.rationale == "Your repository has no c. a and b are empty."
    assert check_files(tmp_path, ("a",)).rationale == "a is empty."


def test_what_is_no_file_is_missing(tmp_path: Path) -> None:
    """A folder, a link and a pipe have a name, and nothing that could be read."""
    (tmp_path / "a").mkdir()
    (tmp_path / "x").write_text("x")
    (tmp_path / "b").symlink_to("x")
    os.mkfifo(tmp_path / "c")
    assert "has no a, b and c" in check_files(tmp_path, ("a", "b", "c")).rationale


@pytest.mark.parametrize("name", ["Dockerfile.txt", "dockerfile.TXT", "Dockerfile (1)"])
def test_an_ending_that_windows_hides_is_told(tmp_path: Path, name: str) -> None:
    """Notepad adds one, and Explorer does not show it."""
    (tmp_path / name).write_text("FROM python:3.11-slim\n")
    said = check_files(tmp_path, ("Dockerfile",)).rationale
    assert f"there is {name}" in said
    assert "Rename it to Dockerfile" in said


@pytest.mark.parametrize("name", ["Dockerfiles", "docs.txt"])
def test_another_name_is_no_mistake(tmp_path: Path, name: str) -> None:
    """Only what an editor adds is taken for one."""
    (tmp_path / name).write_text("x")
    assert check_files(tmp_path, ("Dockerfile",)).rationale == "Your repository has no Dockerfile."


@pytest.mark.parametrize("path", ["Dockerfile.prod", "flask/Dockerfile", "prod.Dockerfile"])
def test_what_may_be_meant_is_named(tmp_path: Path, path: str) -> None:
    """The same name elsewhere, or one with another part: it may be there for something else."""
    (tmp_path / path).parent.mkdir(exist_ok=True)
    (tmp_path / path).write_text("x")
    said = f"Your repository has no Dockerfile (there is {path})."
    assert check_files(tmp_path, ("Dockerfile",)).rationale == said
