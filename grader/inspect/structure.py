"""`repo.files`: the files that every submission must hold."""

from __future__ import annotations

from pathlib import Path

from grader.inspect.files import is_file, list_files, read_bytes
from grader.model import CheckResult, Outcome


def check_files(root: Path, required: tuple[str, ...]) -> CheckResult:
    """Whether each of `required` is a file under `root` that is not empty."""
    missing = [path for path in required if not is_file(root, path)]
    empty = [
        path for path in required if path not in missing and not read_bytes(root, path).strip()
    ]
    if not missing and not empty:
        return CheckResult(criterion="repo.files", outcome=Outcome.PASSED)
    reasons = []
    if missing:
        reasons.append(f"Your repository has no {_listed(missing)}{_other_case(root, missing)}.")
    if empty:
        reasons.append(f"{_listed(empty)} {'is' if len(empty) == 1 else 'are'} empty.")
    found = "\n".join(path for path in list_files(root) if "/" not in path)
    return CheckResult(
        criterion="repo.files",
        outcome=Outcome.FAILED,
        rationale=" ".join(reasons),
        evidence=f"Files at the top of your repository:\n{found}",
    )


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _other_case(root: Path, missing: list[str]) -> str:
    wanted = {name.lower() for name in missing}
    near = [path for path in list_files(root) if path.lower() in wanted]
    return f" (there is {_listed(near)}; names are case-sensitive)" if near else ""
