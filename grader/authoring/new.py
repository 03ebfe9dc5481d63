"""`grader new`: a challenge with its solutions, copied out of the folder `template`."""

from __future__ import annotations

import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from grader.errors import UsageError
from grader.spec.schema import schema_text

TEMPLATE = Path(__file__).with_name("template")
MODES = ("dockerfile", "compose")
STYLES = ("json", "html")
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST = 60
"""Characters of a slug: it becomes a part of names of folders and containers."""


@dataclass(frozen=True, kw_only=True)
class Written:
    """What was written."""

    challenge: Path
    solutions: Path


def write_challenge(slug: str, into: Path, *, mode: str, style: str) -> Written:
    """Write the challenge `slug` into the folder `into`, its solutions into the one alongside it.

    `mode` is one of `MODES`, `style` one of `STYLES`. All of it is written or nothing. Raises
    `UsageError` for a slug that is none, or where something of that name is there already.
    """
    if not SLUG.fullmatch(slug) or len(slug) > LONGEST:
        msg = (
            f"{slug!r} is no name for a challenge; take lower-case words joined by hyphens, like "
            f"library-loans, {LONGEST} characters at most."
        )
        raise UsageError(msg)
    written = Written(
        challenge=into / slug, solutions=into.resolve().parent / "reference_solutions" / slug
    )
    for target in (written.challenge, written.solutions):
        if target.exists() or target.is_symlink():
            msg = f"{target} is there already; nothing was written. Take another name."
            raise UsageError(msg)
    try:
        _write(slug, written, mode, style)
    except OSError as error:
        where = error.filename or written.challenge
        msg = f"{where} cannot be written ({error.strerror}); nothing was left behind."
        raise UsageError(msg) from error
    return written


def layers(mode: str, style: str) -> tuple[Path, ...]:
    """Return the folders of the template that are laid over each other, the last one on top."""
    return tuple(TEMPLATE / name for name in ("every", style, mode, f"{mode}-{style}"))


def _write(slug: str, written: Written, mode: str, style: str) -> None:
    """Write both folders alongside their places, then move them there.

    Raises `OSError` with neither of them left.
    """
    made: list[Path] = []
    values = {"__slug__": slug, "__title__": slug.replace("-", " ").capitalize()}
    parts = {"challenge": written.challenge, "reference": written.solutions}
    try:
        for part, target in parts.items():
            target.parent.mkdir(parents=True, exist_ok=True)
            made.append(Path(tempfile.mkdtemp(prefix=".new-", dir=target.parent)))
            for layer in layers(mode, style):
                if (layer / part).is_dir():
                    _copy(layer / part, made[-1], values)
            made[-1].chmod(0o755)
        (made[0] / "challenge.schema.json").write_text(schema_text(), "utf-8")
        for index, target in enumerate(parts.values()):
            made[index].rename(target)
            made[index] = target
    except BaseException:
        for folder in made:
            shutil.rmtree(folder, ignore_errors=True)
        raise


def _copy(source: Path, target: Path, values: dict[str, str]) -> None:
    """Copy the files below `source` into `target`, each placeholder replaced by its value."""
    for path in sorted(source.rglob("*")):
        if not path.is_file() or "__pycache__" in path.parts:
            continue
        text = path.read_text("utf-8")
        for placeholder, value in values.items():
            text = text.replace(placeholder, value)
        place = target / path.relative_to(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8")
