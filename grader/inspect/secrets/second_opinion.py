"""What gitleaks suspects beside us, where it is installed. It costs nobody anything.

It is asked for `grader secrets` only: a score may not depend on what is installed. It reads the
files as they are, without git, with its own rules from a configuration of ours, and verifies
nothing. Comments and an ignore file of the repository can silence it, which they cannot do to us.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from grader import process
from grader.errors import PlatformError
from grader.inspect.secrets.finding import Finding
from grader.inspect.secrets.places import INSTALLED
from grader.text import clean, clip

PROGRAM = "gitleaks"
SECONDS = 30
MAX_REPORT = 16 * 1024 * 1024
CONFIGURATION = """[extend]
useDefault = true
[allowlist]
paths = [{}]
"""


@dataclass(frozen=True, kw_only=True)
class Suspicion:
    """A place that it names and we do not."""

    rule: str
    path: str
    line: int
    """From 1."""


@dataclass(frozen=True, kw_only=True)
class Opinion:
    """Its answer."""

    asked: bool = False
    """Whether it is installed."""
    suspicions: tuple[Suspicion, ...] = field(default=())
    problem: str = ""
    """Why it gave no answer."""

    def beyond(self, findings: Iterable[Finding]) -> Opinion:
        """The same without the places that `findings` name already."""
        known = {(one.path.partition("!/")[0], one.line) for one in findings}
        new = [one for one in self.suspicions if (one.path, one.line) not in known]
        return replace(self, suspicions=tuple(new))


def second_opinion(root: Path, scratch: Path, leave_out: Collection[str] = ()) -> Opinion:
    """What gitleaks suspects in the files under `root`.

    Paths in `leave_out` are passed over as by `scan_tree`. `scratch` is an empty folder.
    """
    program = shutil.which(PROGRAM)
    if program is None:
        return Opinion()
    report, configuration = scratch / "report.json", scratch / "gitleaks.toml"
    passed_over = "|".join(map(re.escape, sorted({".git", *INSTALLED})))
    patterns = [f"(^|/)({passed_over})/", *(f"/{re.escape(one)}" for one in leave_out)]
    paths = ", ".join(json.dumps(one, ensure_ascii=False) for one in patterns)
    configuration.write_text(CONFIGURATION.format(paths), "utf-8")
    arguments = [
        program, "detect", "--no-git", "--redact", "--no-banner", "--exit-code=0",
        f"--source={root.resolve()}", f"--config={configuration}",
        "--report-format=json", f"--report-path={report}",
    ]  # fmt: skip
    try:
        environment = {"PATH": os.defpath, "HOME": str(scratch)}
        process.run(arguments, deadline=SECONDS, env=environment, cwd=scratch)
        named = _read(report, root.resolve())
    except (PlatformError, OSError, ValueError) as error:
        return Opinion(asked=True, problem=clip(clean(str(error)), 200))
    return Opinion(
        asked=True,
        suspicions=tuple(one for one in named if not _is_left_out(one.path, leave_out)),
    )


def _is_left_out(path: str, leave_out: Collection[str]) -> bool:
    parents = [parent.as_posix() for parent in Path(path).parents]
    return (
        path in leave_out
        or not {".git", *INSTALLED}.isdisjoint(Path(path).parts)
        or any(f"{parent}/" in leave_out for parent in parents)
    )


def _read(report: Path, root: Path) -> list[Suspicion]:
    """The places of a report, each once. Raises `ValueError` where it is none."""
    with report.open("rb") as reader:
        raw = reader.read(MAX_REPORT)
    try:
        return sorted(
            {
                Suspicion(
                    rule=clip(clean(str(one["RuleID"])), 80),
                    path=clip(clean(one["File"].removeprefix(f"{root}/")), 300),
                    line=int(one["StartLine"]),
                )
                for one in json.loads(raw) or []
            },
            key=lambda one: (one.path, one.line, one.rule),
        )
    except (KeyError, TypeError, AttributeError) as error:
        msg = "its report has another form than is known"
        raise ValueError(msg) from error
