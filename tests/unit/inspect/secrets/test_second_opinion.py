"""gitleaks beside us: asked where it is installed, and never counted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grader.inspect.secrets import Blob, scan_blobs, second_opinion

ASKED = """#!/bin/sh
# Stands in for gitleaks: notes how it was asked, and reports what stands beside it.
here=$(dirname "$0")
printf '%s\\n' "$@" > "$here/arguments"
env > "$here/environment"
for argument; do
    case $argument in --report-path=*) cp "$here/report" "${argument#*=}" ;; esac
done
exit "$(cat "$here/code")"
"""
FOUND = scan_blobs([Blob(path="app.py", content=b'app.secret_key = "Kestrel_vino77"\n')]).findings


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a program of that name, which is alone on the PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "gitleaks").write_text(ASKED)
    (folder / "gitleaks").chmod(0o755)
    (folder / "code").write_text("0")
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("GITLEAKS_CONFIG", "/of/the/host")
    return folder


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


def report(root: Path, *places: tuple[str, int]) -> str:
    return json.dumps(
        [{"RuleID": "generic", "File": f"{root}/{path}", "StartLine": line, "Secret": "REDACTED"}
         for path, line in places]
    )  # fmt: skip


def test_it_is_not_asked_where_it_is_not_installed(
    tmp_path: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is said then."""
    monkeypatch.setenv("PATH", str(tmp_path))
    opinion = second_opinion(tmp_path, scratch)
    assert (opinion.asked, opinion.suspicions, opinion.problem) == (False, (), "")


def test_only_what_it_names_beyond_ours_is_told(
    program: Path, tmp_path: Path, scratch: Path
) -> None:
    """Places that we name, `.git`, and what is not handed in are passed over; each once."""
    root = tmp_path / "answer"
    root.mkdir()
    places = [("app.py", 1), ("b.py", 7), ("b.py", 7), (".git/config", 1), ("old/x.py", 2),
              ("lib/site-packages/y.py", 3), (".env", 1)]  # fmt: skip
    (program / "report").write_text(report(root, *places))
    opinion = second_opinion(root, scratch, {"old/", ".env"}).beyond(FOUND)
    assert [(one.path, one.line, one.rule) for one in opinion.suspicions] == [
        ("b.py", 7, "generic")
    ]


def test_it_gets_our_configuration_and_no_git(program: Path, tmp_path: Path, scratch: Path) -> None:
    """Nothing of the repository or of the host configures it, and no value is in its report."""
    (program / "report").write_text("[]")
    assert second_opinion(tmp_path, scratch).problem == ""
    arguments = (program / "arguments").read_text().splitlines()
    assert {"--no-git", "--redact", f"--config={scratch}/gitleaks.toml"} <= set(arguments)
    assert "GITLEAKS_CONFIG" not in (program / "environment").read_text()


@pytest.mark.parametrize(
    ("code", "text", "said"),
    [
        ("1", "[]", "ended with status 1"),
        ("0", "no json", "Expecting value"),
        ("0", '{"a": 1}', "its report has another form than is known"),
    ],
)
def test_a_failure_of_its_is_told(
    program: Path, tmp_path: Path, scratch: Path, code: str, text: str, said: str
) -> None:
    """And is none of ours."""
    (program / "code").write_text(code)
    (program / "report").write_text(text)
    opinion = second_opinion(tmp_path, scratch)
    assert opinion.asked
    assert said in opinion.problem
