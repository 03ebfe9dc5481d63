"""`docker.ignore`: what .dockerignore keeps out of the image."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from grader.inspect.dockerignore import check_ignore
from grader.model import Outcome

PACKAGE = "board/__init__.py"
REST = ".env\nvenv\n.venv\n__pycache__\n"


@pytest.mark.parametrize(
    "text",
    [
        f".git\n{REST}",
        f".git/\n{REST}",
        f"/.git\n{REST}",
        f"./.git\n{REST}",
        f".git/**\n{REST}",
        f".git/*\n{REST}",
        f"**/.git\n{REST}",
        f".git*\n{REST}",
        f"  .git  \n\n# comment\n{REST}",
        f".git\n{REST}".replace("\n", "\r\n"),
        f"\ufeff.git\n{REST}",
        ".git\n.env\nvenv\n.venv\n**/__pycache__\n",
        ".git\n.env\nvenv\n.venv\n**/*.pyc\n",
        ".git\n.env\nvenv\n.venv\n**/*.py[cod]\n",
        ".git\n.env*\n*venv\n__pycache__/\n",
        ".*\nvenv/\n__pycache__\n",
        "*\n!app.py\n",
        "*\n!app\n!requirements.txt\n",
        "**\n!app/**\n",
        "!.git\n*\n!app\n",
        f".g[a-k]t\n{REST}",
        f".gi?\n{REST}",
        f"\\.git\n{REST}",
        f".[^a-f]it\n{REST}",
    ],
)
def test_forms_that_keep_all_of_it_out(tmp_path: Path, text: str) -> None:
    """However it is written, what counts is what the builder makes of it."""
    (tmp_path / ".dockerignore").write_text(text, "utf-8")
    assert check_ignore(tmp_path).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("", ".git, .env, venv, .venv, __pycache__"),
        ("# .git\n", ".git, .env, venv, .venv, __pycache__"),
        (REST, ".git"),
        (".git\nvenv\n.venv\n__pycache__\n", ".env"),
        (f".GIT\n{REST}", ".git"),
        (f".gitignore\n{REST}", ".git"),
        (f"git\n{REST}", ".git"),
        (f".git # history\n{REST}", ".git"),
        (f"app/.git\n{REST}", ".git"),
        (f".git\n{REST}!.git\n", ".git"),
        (f".[^a-k]it\n{REST}", ".git"),
        (f"?\n{REST}", ".git"),
        (f".git\n{REST}!.git/config\n", ".git"),
        (f".git\n{REST}!.env\n", ".env"),
        (f"*\n!.\n!.env\n{REST}!venv\n", "venv"),
        (".git\n.env\nvenv\n.venv\n*.pyc\n", "__pycache__"),
        (".git\n.env\nvenv/bin\n.venv/lib\n__pycache__\n", "venv, .venv"),
        (".git\n.env.*\nvenv\n.venv\n__pycache__\n", ".env"),
    ],
)
def test_forms_that_let_something_in(tmp_path: Path, text: str, kept: str) -> None:
    """What gets in is named; the last pattern that matches decides."""
    (tmp_path / ".dockerignore").write_text(text, "utf-8")
    result = check_ignore(tmp_path)
    assert result.outcome is Outcome.FAILED
    assert result.rationale == f"Your .dockerignore lets these into the image: {kept}."
    assert result.evidence == f".dockerignore:\n{text}"


@pytest.mark.parametrize(
    "text", ["[\n", "[a-\n", "!\n", "\\\n", "/\n", "a**b**c\n", "(\n", "{a\n", "[[a]\n", "[]\n"]
)
def test_patterns_that_are_none_do_no_harm(tmp_path: Path, text: str) -> None:
    """A broken pattern matches nothing."""
    (tmp_path / ".dockerignore").write_text(text, "utf-8")
    assert check_ignore(tmp_path).outcome is Outcome.FAILED


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "**/" * 500 + "*[^x]" * 500 + "x\n" + "*" * 500 + "?x",
        "[" * 64_000, "[^" * 32_000, "[a-z" * 16_000, "**/" * 21_000 + "a", "*a*a*a*a*b\n" * 6000,
        "*a" * 32_000 + "b", "a\n" * 32_000, "!" * 64_000, "\\" * 64_000, "**" * 32_000 + "?x",
    ],
    ids=lambda text: text[:8],
)  # fmt: skip
def test_no_pattern_takes_long(tmp_path: Path, text: str) -> None:
    """What would run for years as a regular expression does not."""
    (tmp_path / ".dockerignore").write_text(text, "utf-8")
    begun = time.process_time()
    assert check_ignore(tmp_path).outcome is Outcome.FAILED
    assert time.process_time() - begun < 4


def test_none_at_all_has_its_sentence(tmp_path: Path) -> None:
    """Neither a folder nor a link is one."""
    assert "has no .dockerignore" in check_ignore(tmp_path).rationale
    (tmp_path / "x").write_text(f".git\n{REST}")
    (tmp_path / ".dockerignore").symlink_to("x")
    assert "has no .dockerignore" in check_ignore(tmp_path).rationale


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        (f".git\n{REST}", False),
        (f".git\n{REST}**/__pycache__\n", True),
        (f".git\n{REST}**/*.pyc\n", True),
        (f".git\n{REST}board/__pycache__\n", True),
        (f".git\n{REST}board\n", True),
        ("*\n!board\n", True),
    ],
)
def test_the_cache_of_a_package_is_one(text: str, passes: bool, tmp_path: Path) -> None:
    """Without `**/` a pattern of .dockerignore is for the top alone, unlike one of .gitignore."""
    package = tmp_path / PACKAGE
    package.parent.mkdir()
    package.write_text("")
    (tmp_path / ".dockerignore").write_text(text)
    found = check_ignore(tmp_path)
    assert (found.outcome is Outcome.PASSED) is passes
    assert passes or "board/__pycache__ (as **/__pycache__)" in found.rationale
