"""The values that every part of the grader passes around.

Frozen, keyword-only, and without behaviour beyond what their own fields answer. Nothing of ours is
imported but `app_spec`, which is like it, so that the pytest process of a suite starts fast.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from pathlib import Path

from grader.app_spec import AppSpec, Limits, RoleSpec

Points = int | Fraction
"""Points are exact: an `int`, or a `Fraction` where a criterion is partly lost."""


def exact(value: Fraction) -> Points:
    """Return `value` as an `int` where it is whole."""
    return int(value) if value.denominator == 1 else value


class Outcome(StrEnum):
    """What became of one criterion."""

    PASSED = "passed"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    NOT_REACHED = "not_reached"
    """Something that it needs did not hold; the rationale says what."""
    BROKEN = "broken"
    """The grader's fault or the challenge's, never the student's."""


class Visibility(StrEnum):
    """How much of a criterion a student sees."""

    VISIBLE = "visible"
    HIDDEN = "hidden"
    """Title and hint only, always."""
    AFTER_DEADLINE = "after_deadline"
    """Title and hint only, until the challenge's deadline has passed."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """A step of a criterion that earns points of its own."""

    id: str
    title: str
    points: Points
    """The parts of a criterion add up to its points."""


@dataclass(frozen=True, kw_only=True)
class Criterion:
    """One thing that is examined and what it is worth."""

    id: str
    title: str
    points: int
    needs: tuple[str, ...] = ()
    visibility: Visibility = Visibility.VISIBLE
    hint: str = ""
    unkillable: str = ""
    """Why no rejected solution can lose it; empty where one must."""
    required: bool = False
    """Whether the exam is not passed without it, whatever the points."""
    parts: tuple[Part, ...] = ()
    """What it earns in; empty where it is earned as a whole or not at all."""
    shown: bool = False
    """Whether its reasons are shown though it is not visible: see `report.view.for_view`."""


@dataclass(frozen=True, kw_only=True)
class ServiceSpec:
    """A service that the challenge provides alongside the app."""

    name: str
    image: str = ""
    """Empty where the service asks for none."""
    options: tuple[tuple[str, str | int | bool], ...] = ()
    """What else challenge.yml says of it, sorted by name."""
    folder: Path | None = None
    """Where the service stands that a challenge brings itself; None for one of the grader's."""
    reason: str = ""
    """Why the app gets it where no exam names it; empty where one does."""


@dataclass(frozen=True, kw_only=True)
class Challenge:
    """One exam, read from its folder."""

    slug: str
    title: str
    version: str
    summary: str
    level: str
    topics: tuple[str, ...]
    duration: float
    """Seconds that the exam is meant to take."""
    pass_mark: int
    """Per cent of the points at and above which it is passed."""
    mode: str
    """`dockerfile`: one image alongside the exam's services; `compose`: the student's own file."""
    required_files: tuple[str, ...]
    base_images: tuple[str, ...]
    """Patterns of the repositories that a FROM may name."""
    app: AppSpec
    services: tuple[ServiceSpec, ...]
    limits: Limits
    criteria: tuple[Criterion, ...]
    root: Path
    contract: Path | None
    """The OpenAPI document, or None where the challenge has no HTTP contract."""
    digest: str
    """`sha256:…` over every file of the challenge's folder."""
    mysql: str = ""
    """The major version that a Compose file's MySQL image has to name; empty: any will do."""
    roles: tuple[RoleSpec, ...] = ()
    """What services a Compose file must have; none: an app and a MySQL."""
    history: bool = False
    """Whether its suite reads the submission's git history."""
    examined: str = ""
    """`sha256:…` over what a run depends on: all but points, titles, hints and the like."""
    deadline: datetime | None = None
    """When criteria that are hidden until the deadline are shown, with its zone; None: never."""

    @property
    def points(self) -> int:
        """What all criteria together are worth."""
        return sum(criterion.points for criterion in self.criteria)

    @property
    def speaks_tls(self) -> bool:
        """Whether the app, or a service of its project, gets a certificate of the exam's."""
        return bool(self.app.tls or any(one.tls for one in self.roles))

    def criterion(self, criterion_id: str) -> Criterion:
        """Return the criterion of that id; KeyError where there is none."""
        for criterion in self.criteria:
            if criterion.id == criterion_id:
                return criterion
        raise KeyError(criterion_id)


@dataclass(frozen=True, kw_only=True)
class Submission:
    """A private, read-only snapshot of what a student handed in."""

    root: Path
    repository: Path
    """The folder whose `.git`, if it has one, holds the history; nothing of it is executed."""
    origin: str
    """What the caller named: a folder, an archive, or an address without its password."""
    commit: str | None
    """The commit checked out there, where it is a git repository."""
    digest: str
    """`sha256:…` over names, modes and contents of the snapshot."""
    notes: tuple[str, ...] = ()
    """What intake left out, and why."""
    within: str = ""
    """Where in `repository` the snapshot's top stands, with slashes; empty: it is its top."""


@dataclass(frozen=True, kw_only=True)
class SourceLocation:
    """Where in the submission something stands that a criterion was lost for."""

    path: str
    """Relative to the submission, with `/`."""
    line: int = 0
    """From 1; 0 where the whole file is meant."""
    message: str = ""
    """What is wrong there, in a sentence."""
    level: str = "error"
    """`error`, or `warning` for what matters less."""
    commit: str | None = None
    """The first commit that holds it, where it is in the history and not in the files."""


@dataclass(frozen=True, kw_only=True)
class PartResult:
    """What one part of a criterion came to."""

    id: str
    title: str
    points: Points
    """What it is worth."""
    outcome: Outcome
    rationale: str = ""
    """Why it was lost; empty where it passed."""


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """What one criterion's examination came to."""

    criterion: str
    outcome: Outcome
    rationale: str = ""
    """Why it was lost, in a sentence for the student; empty where it passed."""
    evidence: str = ""
    """What was sent and what came back: a curl line, an answer, the last log lines."""
    duration: float = 0.0
    """Seconds."""
    kept: Fraction = Fraction(0)
    """The share of the points, 0 to 1, that a failed criterion earns all the same."""
    locations: tuple[SourceLocation, ...] = ()
    """The places in the submission that it was lost for, where there are such."""
    parts: tuple[PartResult, ...] = ()
    """What each of its parts came to; empty where it has none, or was not examined."""
    hidden_reason: str | None = None
    """What a student reads in the place of reason and evidence; None where they read these.

    The app had met a hidden criterion before, so that it may tell of it in what it answered.
    """
    hinted: bool = True
    """Whether the criterion's own hint fits what was found."""
    need: str = ""
    """Of one that was not reached: the criterion that it needs and that did not hold."""


@dataclass(frozen=True, kw_only=True)
class Substitution:
    """An image that was used in the place of the one asked for."""

    wanted: str
    used: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Timing:
    """When a phase ran, in seconds since the run began."""

    phase: str
    start: float
    end: float


@dataclass(frozen=True, kw_only=True)
class Score:
    """Points earned out of those possible, in exact numbers."""

    earned: Points
    possible: int

    @property
    def percent(self) -> Fraction:
        """Share earned, 0 to 100; 0 where nothing is possible."""
        return Fraction(self.earned) * 100 / self.possible if self.possible else Fraction(0)


@dataclass(frozen=True, kw_only=True)
class BaseImage:
    """What stood for an image that a build or a service started from."""

    reference: str
    """As the Dockerfile or the challenge names it."""
    registry: str | None = None
    """The digest that its registry has it under; None where it was made here, or loaded by hand."""
    packages: str | None = None
    """Digest of the versions of what it was made of here; None where nothing was downloaded."""


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """Where a result comes from: enough to repeat the run and to explain a changed score."""

    run: str
    challenge: str
    challenge_version: str
    challenge_digest: str
    origin: str
    commit: str | None
    tree_digest: str
    seed: int
    grader: str
    """Version of the grader."""
    lock: str | None = None
    """Digest of the lock that the grader's packages are installed from; None where they are not."""
    engine: str
    """Version of the Docker engine; empty where none was reached."""
    images: Mapping[str, str] = field(default_factory=dict)
    """Image names to their digests or ids."""
    bases: tuple[BaseImage, ...] = ()
    substitutions: tuple[Substitution, ...] = ()
    roles: Mapping[str, str] = field(default_factory=dict)
    """The roles of a Compose file that the exam asks for, to the services that play them."""
    notes: tuple[str, ...] = ()
    timings: tuple[Timing, ...] = ()
    started: str = ""
    """UTC, ISO 8601."""


@dataclass(frozen=True, kw_only=True)
class Graded:
    """The submission was examined; `score` is final."""

    challenge: Challenge
    provenance: Provenance
    results: tuple[CheckResult, ...]
    """One for each criterion, in the challenge's order."""
    score: Score
    log_tail: str = ""
    """The last lines that the app printed."""

    @property
    def required_lost(self) -> tuple[CheckResult, ...]:
        """The results of required criteria that did not pass, in the challenge's order."""
        required = {one.id for one in self.challenge.criteria if one.required}
        return tuple(
            one
            for one in self.results
            if one.criterion in required and one.outcome is not Outcome.PASSED
        )

    @property
    def passed(self) -> bool:
        """Whether the score reaches the pass mark, with every required criterion earned."""
        return self.score.percent >= self.challenge.pass_mark and not self.required_lost


@dataclass(frozen=True, kw_only=True)
class Rejected:
    """The submission breaks the exam's policy; nothing of it was run, and it earns nothing."""

    challenge: Challenge
    provenance: Provenance
    reason: str


@dataclass(frozen=True, kw_only=True)
class Ungradable:
    """The platform or the challenge failed. There is no score; the run can be repeated."""

    challenge: Challenge
    provenance: Provenance
    reason: str
    results: tuple[CheckResult, ...] = ()
    """What was found before the failure; for the eyes of whoever fixes it."""


GradeReport = Graded | Rejected | Ungradable
"""What a run comes to; matched exhaustively."""
