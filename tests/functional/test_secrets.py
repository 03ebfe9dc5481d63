"""`grader secrets`, run as students and their CI run it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Command = Callable[..., subprocess.CompletedProcess[str]]


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    subprocess.run(["git", *identity, "-C", str(folder), *arguments], check=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Clean files, a secret in an earlier commit, and a `.env` that git ignores."""
    folder = tmp_path / "answer"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    (folder / ".gitignore").write_text(".env\n")
    for text in ('app.secret_key = "Kestrel_vino77"\n', 'app.secret_key = os.environ["KEY"]\n'):
        (folder / "app.py").write_text(text)
        git(folder, "add", ".")
        git(folder, "commit", "-qm", "work")
    (folder / ".env").write_text("DB_PASSWORD=Tundra_fjord81\n")
    return folder


def test_history_is_read_and_an_ignored_env_file_is_not(grader: Command, repository: Path) -> None:
    """Exit 1 with rule, place, why and what to do; the value is nowhere."""
    done = grader("secrets", str(repository))
    assert done.returncode == 1, done.stderr
    assert "✘ app.py:1, since commit " in done.stdout
    assert "SECRET_KEY" in done.stdout
    assert "make a new one" in done.stdout
    assert ".env: git ignores it and it is not committed" in done.stdout
    assert "Kestrel" not in done.stdout
    assert "Tundra" not in done.stdout


def test_a_clean_tree_ends_with_0(grader: Command, repository: Path) -> None:
    """Without the history there is nothing to find; as a pre-commit check calls it."""
    done = grader("secrets", str(repository), "--no-history")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("No secrets in 2 files.\n")


def test_json_and_sarif_are_written(grader: Command, repository: Path, tmp_path: Path) -> None:
    """Both at once; `-` is standard output, and then nothing else is printed there."""
    sarif = tmp_path / "secrets.sarif"
    done = grader("secrets", str(repository), "--json", "-", "--sarif", str(sarif))
    (finding,) = json.loads(done.stdout)["findings"]
    assert finding["rule"] == "flask.secret-key"
    assert json.loads(sarif.read_text("utf-8"))["version"] == "2.1.0"


@pytest.mark.parametrize("path", ["nowhere", "answer/app.py"])
def test_what_is_no_folder_ends_with_2(
    grader: Command, repository: Path, tmp_path: Path, path: str
) -> None:
    """With a sentence that says what to name."""
    done = grader("secrets", str(tmp_path / path))
    assert done.returncode == 2
    assert "name the folder of your repository" in done.stderr
