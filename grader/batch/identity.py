"""What a submission is now, and whether a report of before is about just that."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from grader.batch.entry import Entry
from grader.errors import SubmissionRejected
from grader.model import Challenge
from grader.run.context import new_run_id
from grader.run.workspace import workspace
from grader.settings import Settings
from grader.submission import reads_history, take
from grader.text import clean


@dataclass(frozen=True, kw_only=True)
class Identity:
    """What a source holds."""

    digest: str = ""
    commit: str | None = None
    rejected: str = ""
    """Why intake refuses it; empty where it does not."""


@dataclass(frozen=True, kw_only=True)
class Key:
    """What a report must have been made with."""

    challenge: str
    """The digest of the challenge's folder."""
    examined: str = ""
    """The digest of what of it outcomes depend on."""
    grader: str
    seed: int | None
    """None: any."""

    @classmethod
    def of(cls, challenge: Challenge, seed: int | None) -> Key:
        """Return the key of a run of `challenge` with this grader."""
        return cls(
            challenge=challenge.digest,
            examined=challenge.examined,
            grader=version("practical-exam-grader"),
            seed=seed,
        )

    def fits(self, report: Mapping[str, Any]) -> bool:
        """Return whether `report` has a verdict that stands, made with what this key says."""
        return report["run"]["challenge"]["digest"] == self.challenge and self._fits_rest(report)

    def fits_rescored(self, report: Mapping[str, Any]) -> bool:
        """Return whether `report` would fit if it were scored again with today's challenge."""
        examined = report["run"]["challenge"].get("examined")
        return bool(self.examined) and examined == self.examined and self._fits_rest(report)

    def _fits_rest(self, report: Mapping[str, Any]) -> bool:
        run = report["run"]
        return (
            "score" in report  # an ungradable one has none
            and run["grader"] == self.grader
            and self.seed in {None, run["seed"]}
        )


def identify(
    entry: Entry, challenge: Challenge, settings: Settings, cancel: threading.Event
) -> Identity:
    """Take the source of `entry` in, see what it is, and drop it again.

    Raises `SourceError` where it cannot be read, `PlatformError` where it takes too long.
    """
    with workspace(settings.state, new_run_id()) as folder:
        try:
            taken = take(
                entry.source,
                folder,
                ref=entry.ref,
                allow_file=settings.git_file,
                history=reads_history(challenge),
                mode=challenge.mode,
                cancel=cancel,
            )
        except SubmissionRejected as error:
            return Identity(rejected=clean(str(error)))
        return Identity(digest=taken.digest, commit=taken.commit)


def is_about(report: Mapping[str, Any], identity: Identity) -> bool:
    """Return whether `report` is about what `identity` says: the same tree at the same commit."""
    submission = report["run"]["submission"]
    if identity.rejected:
        return bool(report.get("reason") == identity.rejected)
    return (submission["digest"], submission["commit"]) == (identity.digest, identity.commit)
