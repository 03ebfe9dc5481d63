"""The end of a run: its results completed, the verdict, and where it all comes from."""

from __future__ import annotations

import errno
import traceback
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from grader import installation, scoring
from grader.criteria import CONTRACT_FUZZ
from grader.model import (
    Challenge,
    CheckResult,
    Graded,
    Outcome,
    Provenance,
    Rejected,
    Submission,
    Ungradable,
)
from grader.run.context import RunContext
from grader.spec.starting import asked_at


@dataclass(frozen=True, kw_only=True)
class VerdictBuilder:
    """What a verdict is made from, alongside what the context holds."""

    context: RunContext
    origin: str
    submission: Submission | None
    """None where intake did not come to its end."""
    started: datetime
    only: frozenset[str]
    """The criteria that were to be examined."""
    port: int = 0
    """Where the app was asked in its container; 0: where the challenge says."""

    @property
    def _challenge(self) -> Challenge:
        """The challenge, told of the port that was asked where it asks for a start alone."""
        challenge = self.context.challenge
        return asked_at(challenge, self.port or challenge.app.port)

    def rejected(self, reason: str) -> Rejected:
        """Return the verdict on a submission that breaks the exam's policy."""
        return Rejected(
            challenge=self._challenge,
            provenance=self.provenance(),
            reason=self.context.redactor.shown(reason),
        )

    def verdict(self, failure: str) -> Graded | Ungradable:
        """Return the score; none where the platform failed (`failure`) or a criterion broke."""
        context, results = self.context, self.results()
        found = scoring.broken(results)
        if not failure and found:
            failure = f"{found[0].criterion}: {found[0].rationale}"
        if failure:
            return Ungradable(
                challenge=self._challenge,
                provenance=self.provenance(),
                reason=context.redactor.shown(failure),
                results=results,
            )
        return Graded(
            challenge=self._challenge,
            provenance=self.provenance(),
            results=results,
            score=scoring.score(context.challenge, results),
            log_tail=context.redactor.shown(context.recorder.log.text),
        )

    def results(self) -> tuple[CheckResult, ...]:
        """One result for each criterion; those that were left out on purpose say so."""
        challenge, recorder = self.context.challenge, self.context.recorder
        said = recorder.spent
        return tuple(
            replace(result, outcome=Outcome.FAILED, rationale=said, evidence="")
            if said and result.outcome is Outcome.BROKEN  # the suite met what the app has ended
            else result
            if result.criterion in self.only
            else replace(
                result, outcome=Outcome.NOT_REACHED, rationale="Left out by --only.", evidence=""
            )
            for result in scoring.complete(challenge, recorder.results.values(), self.only)
        )

    def provenance(self) -> Provenance:
        """Return where the result comes from: enough to repeat the run."""
        context, challenge = self.context, self.context.challenge
        materials = context.recorder.materials
        return Provenance(
            run=context.run,
            challenge=challenge.slug,
            challenge_version=challenge.version,
            challenge_digest=challenge.digest,
            origin=self.origin,
            commit=self.submission.commit if self.submission else None,
            tree_digest=self.submission.digest if self.submission else "",
            seed=context.seed,
            grader=version("practical-exam-grader"),
            lock=installation.lock_digest(self._group()),
            engine=context.resources.engine_version,
            images=dict(sorted(materials.images.items())),
            bases=tuple(materials.bases[name] for name in sorted(materials.bases)),
            substitutions=tuple(materials.substitutions),
            roles=dict(materials.roles),
            notes=tuple(map(context.redactor.shown, context.recorder.notes)),
            timings=tuple(sorted(context.recorder.timings.taken, key=lambda timing: timing.start)),
            started=self.started.isoformat(timespec="seconds"),
        )

    def _group(self) -> str:
        """Return the group of packages that the exam is graded with."""
        return (
            "fuzz"
            if any(one.id == CONTRACT_FUZZ for one in self.context.challenge.criteria)
            else "run"
        )


def unforeseen(error: Exception, folder: Path) -> str:
    """Return the reason for an ungradable run that ended with an error nobody foresaw."""
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return f"The disk that holds {folder.parent} is full; free some space and grade again."
    where = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(where.filename).name}:{where.lineno}"
    return f"A fault in the grader itself ({type(error).__name__}: {error}; {place}); report it."
