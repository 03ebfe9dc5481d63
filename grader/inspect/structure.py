"""`repo.files`: the files that every submission must hold."""

from __future__ import annotations

import re
from pathlib import Path

from grader.criteria import REPO_FILES
from grader.inspect.files import is_file, list_files, read_bytes
from grader.inspect.near_files import listed, near_files
from grader.model import CheckResult, Outcome
from grader.text import clean, clip

HIDDEN = re.compile(
    r"(?:\s*\(\d+\))?(?:\.(?:txt|text|docx?|rtf|md|dockerfile|yml|bak|old))+|\s+|\s*\(\d+\)"
)
"""What editors and browsers add to a name."""


def check_files(root: Path, required: tuple[str, ...]) -> CheckResult:
    """Return whether each of `required` is a file under `root` that is not empty."""
    missing = [path for path in required if not is_file(root, path)]
    empty = [
        path for path in required if path not in missing and not read_bytes(root, path).strip()
    ]
    if not missing and not empty:
        return CheckResult(criterion=REPO_FILES, outcome=Outcome.PASSED)
    reasons = []
    if missing:
        reasons.append(f"Your repository has no {listed(missing)}{_other_name(root, missing)}.")
    if empty:
        reasons.append(f"{listed(empty)} {'is' if len(empty) == 1 else 'are'} empty.")
    found = "\n".join(path for path in list_files(root) if "/" not in path)
    return CheckResult(
        criterion=REPO_FILES,
        outcome=Outcome.FAILED,
        rationale=" ".join(reasons),
        evidence=f"Files at the top of your repository:\n{found}",
    )


def _other_name(root: Path, missing: list[str]) -> str:
    """Return a clause on files of another case, with an ending that Windows hides, or elsewhere."""
    wanted = {name.lower() for name in missing}
    near = [path for path in list_files(root) if path.lower() in wanted]
    if near:
        return f" (there is {listed(near)}; names are case-sensitive)"
    found = [one for name in missing if (one := with_hidden_ending(root, name))]
    if found:
        return f" ({' '.join(found)})"
    elsewhere = [one for name in missing for group in near_files(root, name) for one in group]
    return f" (there is {listed(elsewhere)})" if elsewhere else ""


def with_hidden_ending(root: Path, name: str) -> str:
    """Return a clause on a file that was to be `name`, and has an ending that Windows may hide.

    Or empty.

    Notepad adds `.txt`, a browser that saves a file, too.
    """
    folder, _, last = name.lower().rpartition("/")
    for path in list_files(root):
        above, _, own = path.lower().rpartition("/")
        if above == folder and own.startswith(last) and HIDDEN.fullmatch(own[len(last) :]):
            shown = clip(clean(path), 100)
            ending = own[len(last) :].strip() or own
            return (
                f"there is {shown}: the ending {ending}, which Windows may hide, is a part of its "
                f"name. Rename it to {name.rpartition('/')[2]}"
            )
    return ""
