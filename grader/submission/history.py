"""The git log of a submission, taken so that nothing of its repository's configuration acts.

A repository can name programs (`core.fsmonitor`, `filter.*`, `diff.external`, textconv, hooks)
that git runs for whoever looks at it. A bare clone copies objects and refs and none of those.
"""

from __future__ import annotations

import os
from pathlib import Path

from grader import process
from grader.errors import PlatformError
from grader.text import clean, clip

CLONE_SECONDS = 60
SAFE = (
    "-c", "core.hooksPath=/dev/null",
    "-c", "core.fsmonitor=false",
    "-c", "protocol.allow=never",
    "-c", "protocol.file.allow=always",
    "-c", "safe.directory=*",
)  # fmt: skip


def history_of(origin: Path, scratch: Path) -> list[dict[str, str]]:
    """The commits reachable in the repository at `origin`, newest first.

    Each has `commit`, `author`, `email`, `date` (ISO 8601), `parents` (separated by spaces) and
    `subject`. Empty where `origin` is no git repository or cannot be cloned. `scratch` is an
    existing folder for the clone.
    """
    if (origin / ".git").is_symlink() or not (origin / ".git").is_dir():
        return []
    clone = scratch / "history.git"
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(scratch),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C.UTF-8",
    }
    lines: list[str] = []
    try:
        process.run(
            ["git", *SAFE, "clone", "--quiet", "--bare", "--no-local", "--no-hardlinks",
             "--template=", "--", f"file://{(origin / '.git').resolve()}", str(clone)],
            deadline=CLONE_SECONDS, env=environment,
        )  # fmt: skip
        process.run(
            ["git", *SAFE, f"--git-dir={clone}", "log", "--all", "--no-textconv", "--no-ext-diff",
             "--format=%H%x1f%an%x1f%ae%x1f%aI%x1f%P%x1f%s"],
            deadline=CLONE_SECONDS, env=environment, on_line=lines.append,
        )  # fmt: skip
    except PlatformError:
        return []
    fields = ("commit", "author", "email", "date", "parents", "subject")
    rows = (line.split("\x1f") for line in lines)
    return [
        {name: clip(clean(value), 500) for name, value in zip(fields, row, strict=True)}
        for row in rows
        if len(row) == len(fields)
    ]
