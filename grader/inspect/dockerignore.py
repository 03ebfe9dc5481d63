"""`docker.ignore`: what .dockerignore keeps out of the image.

Patterns are matched the way the builder does it (the last one that matches decides, `!` takes
back), by docker-py's matcher, which follows the builder's own.
"""

from __future__ import annotations

from pathlib import Path

from grader.inspect.files import is_file, read_text
from grader.model import CheckResult, Outcome

CRITERION = "docker.ignore"
UNWANTED = {
    ".git/config": ".git",
    ".env": ".env",
    "venv/pyvenv.cfg": "venv",
    ".venv/pyvenv.cfg": ".venv",
    "__pycache__/app.cpython-311.pyc": "__pycache__",
}
"""A file that stands for each thing that has no place in an image, and how to name it there."""


def check_ignore(root: Path) -> CheckResult:
    """Whether .dockerignore keeps history, secrets, virtual environments and caches out."""
    if not is_file(root, ".dockerignore"):
        return CheckResult(
            criterion=CRITERION,
            outcome=Outcome.FAILED,
            rationale="Your repository has no .dockerignore, so `COPY . .` takes everything.",
        )
    text = read_text(root, ".dockerignore")
    kept = [name for path, name in UNWANTED.items() if not _ignored(path, text)]
    if not kept:
        return CheckResult(criterion=CRITERION, outcome=Outcome.PASSED)
    return CheckResult(
        criterion=CRITERION,
        outcome=Outcome.FAILED,
        rationale=f"Your .dockerignore lets these into the image: {', '.join(kept)}.",
        evidence=f".dockerignore:\n{text}",
    )


def _ignored(path: str, text: str) -> bool:
    from docker.utils.build import PatternMatcher

    lines = (line.strip() for line in text.splitlines())
    patterns = [line.rstrip("/") for line in lines if line and not line.startswith("#")]
    matcher = PatternMatcher(patterns)
    folder = path.partition("/")[0]
    return any(matcher.matches(part) for part in (path, folder))  # type: ignore[arg-type]
