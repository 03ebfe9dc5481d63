"""The scanners that are measured, each asked as its users ask it, with its defaults."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from grader.inspect.secrets import Blob, scan_blobs, scan_tree
from grader.submission.history_blobs import History

Lines = Mapping[str, frozenset[int]]
"""Paths to the lines that a tool reports."""


def ours(folder: Path) -> Lines:
    """`grader secrets --no-history`; what stands in an archive counts for the archive."""
    return _ours(folder, hints=True)


def ours_sure(folder: Path) -> Lines:
    """Return the same without hints: what costs points."""
    return _ours(folder, hints=False)


def _ours(folder: Path, *, hints: bool) -> Lines:
    found: dict[str, set[int]] = {}
    for name, line, sure in _findings(folder):
        if sure or hints:
            found.setdefault(name, set()).add(line)
    return _frozen(found)


@lru_cache(maxsize=1)
def _findings(folder: Path) -> list[tuple[str, int, bool]]:
    """Each file by itself, so that no limit of a scan is met: its path, the line, whether sure."""
    found = []
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        name = path.relative_to(folder).as_posix()
        blob = Blob(path=name.partition("/")[2] or name, content=path.read_bytes())
        found += [(name, one.line, one.sure) for one in scan_blobs([blob]).findings]
    return found


def detect_secrets(folder: Path) -> Lines:
    """`detect-secrets scan --all-files`."""
    program = [sys.executable, "-m", "detect_secrets", "scan", "--all-files", "--no-verify", "."]
    done = subprocess.run(program, cwd=folder, capture_output=True, check=True)
    found: dict[str, set[int]] = {}
    for path, secrets in json.loads(done.stdout)["results"].items():
        found[path] = {secret["line_number"] for secret in secrets}
    return _frozen(found)


def betterleaks(folder: Path) -> Lines:
    """Betterleaks with its default rules, each file by itself."""
    import betterleaks as scanner

    def lines(text: str) -> set[int]:
        found = scanner.scan_string(text.replace("\0", " "))
        return {one.location.start_line for one in found}

    return _each(folder, lines)


def kingfisher(folder: Path) -> Lines:
    """Kingfisher's Python bindings with all the rules that they bring, each file by itself."""
    import kingfisher_sdk

    scanner = kingfisher_sdk.Scanner(kingfisher_sdk.Rules(confidence="low"))
    return _each(
        folder, lambda text: {one.location["line"] for one in scanner.scan(text) if one.visible}
    )


def _each(folder: Path, lines: Callable[[str], set[int]]) -> Lines:
    """Return what `lines` reports in the text of each file under `folder`."""
    return {
        path.relative_to(folder).as_posix(): frozenset(lines(path.read_text("utf-8", "replace")))
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def gitleaks(folder: Path) -> Lines:
    """`gitleaks detect --no-git`."""
    return _frozen(_gitleaks(folder, "--no-git"))


def _gitleaks(folder: Path, *options: str) -> dict[str, set[int]]:
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch, "report.json")
        Path(scratch).chmod(0o777)  # in case it runs as another user
        program = [
            gitleaks_program(), "detect", "--no-banner", "--exit-code=0", f"--source={folder}",
            "--report-format=json", f"--report-path={report}", *options,
        ]  # fmt: skip
        subprocess.run(
            program, cwd=scratch, capture_output=True, check=True, env={"PATH": os.defpath}
        )
        found: dict[str, set[int]] = {}
        for one in json.loads(report.read_text("utf-8") or "[]"):
            path = one["File"].partition("!")[0].removeprefix(f"{folder}/")
            found.setdefault(path, set()).update(range(one["StartLine"], one["EndLine"] + 1))
        return found


def gitleaks_program() -> str:
    """Return where gitleaks is: on the PATH, or where GITLEAKS says; empty where it is not."""
    return os.environ.get("GITLEAKS", "") or shutil.which("gitleaks") or ""


def our_history(folder: Path) -> int:
    """Return how many secrets ours finds in a repository's history."""
    with tempfile.TemporaryDirectory() as scratch:
        history = History(folder, Path(scratch))
        blobs = (
            Blob(path=one.path, content=one.content, commit=one.commit) for one in history.blobs()
        )
        return len(scan_blobs(blobs, known=scan_tree(folder)).findings)


def gitleaks_history(folder: Path) -> int:
    """Return how many gitleaks finds there: `gitleaks detect`, all commits that it is shown."""
    return sum(map(len, _gitleaks(folder, "--log-opts=--all").values()))


def tools() -> dict[str, Callable[[Path], Lines]]:
    """Names to scanners, of those that are installed."""
    found: dict[str, Callable[[Path], Lines]] = {
        "grader secrets": ours,
        "grader secrets, sure ones": ours_sure,
        "Betterleaks": betterleaks,
    }
    if find_spec("kingfisher_sdk"):
        found["Kingfisher"] = kingfisher
    if find_spec("detect_secrets"):
        found["detect-secrets"] = detect_secrets
    if gitleaks_program():
        found["gitleaks"] = gitleaks
    return found


def _frozen(found: Mapping[str, set[int]]) -> Lines:
    return {path: frozenset(lines) for path, lines in found.items()}
