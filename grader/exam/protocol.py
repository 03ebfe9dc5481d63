"""What the grader and the suite's process say to each other over `grader.exam.channel`.

Each message is a frozen dataclass of this module. Its annotations are the form that is checked on
reading; there is no other description. Nothing that a student can write to comes near that channel.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Annotated, Any, Literal

from grader.exam.compose_view import ComposeView
from grader.exam.reached import TlsAddress
from grader.exam.serialization import Length, Range
from grader.model import CheckResult, Outcome, Part, PartResult
from grader.scoring import not_reached

JSON = Any
"""Whatever JSON holds."""
Caller = Callable[..., Any]
"""`call(name, **arguments)`: has the grader do something and gives what it answers."""
Text = Annotated[str, Length(20_000)]
Seconds = Annotated[float, Range(0)]
MOST_PARTS = 100

# -- what the suite is told ----------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class SuiteDescription:
    """What the suite's process has to know to collect tests."""

    root: str
    """The challenge's folder."""
    paths: tuple[str, ...]
    """The folders that hold tests."""
    survey: bool = False
    """Whether the tests are to be listed and not run."""
    fixtures: tuple[str, ...] = ()
    """The names of the fixtures that services have."""


@dataclass(frozen=True, kw_only=True)
class CriteriaToExamine:
    """Which criteria are examined, in which order, and what is known of them."""

    only: tuple[str, ...]
    """The criteria to examine; all others are left out."""
    order: tuple[tuple[str, ...], ...] = ()
    """Groups of criteria, the first examined first."""
    needs: Mapping[str, tuple[str, ...]]
    """Each criterion to those that must hold before it is examined."""
    hidden: tuple[str, ...] = ()
    """The criteria that are not visible now."""
    sealed: tuple[str, ...] = ()
    """Those of `hidden` that no deadline shows."""
    parts: Mapping[str, tuple[Part, ...]]
    """The parts of each criterion that has such."""
    known: Mapping[str, Outcome]
    """What the grader has found before the suite."""


@dataclass(frozen=True, kw_only=True)
class AppAddress:
    """Where the app is reached, and what requests to it may cost."""

    host: str
    """Empty where it did not start."""
    port: int
    """0 where it did not start."""
    shown: str
    """The address that a student reads in its place."""
    request_seconds: Seconds
    body_cap: Annotated[int, Range(0)]
    """Bytes of an answer's body that are read."""
    tls: TlsAddress | None = None
    """Where it speaks TLS; None where the exam does not ask for that."""


@dataclass(frozen=True, kw_only=True)
class ServiceDescription:
    """A service that the app uses, and the fixture that shows it to the suite."""

    name: str
    """The name of the service in challenge.yml."""
    fixture: str
    """The name of the pytest fixture, such as `db`."""
    target: str
    """The class of the fixture, as `module:Class`; it is called as `Class(call, access)`."""
    access: Mapping[str, JSON]
    """What that class is given."""


@dataclass(frozen=True, kw_only=True)
class InjectedValues:
    """What this run has given to the app."""

    secrets: Mapping[str, str] = field(default_factory=dict)
    """By the name of the secret."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """What is no secret, by variable name."""
    authority: str = ""
    """The authority that issued its certificate for TLS, in PEM; empty where it has none."""

    @classmethod
    def of(
        cls, variables: Mapping[str, str], secrets: Mapping[str, str], authority: str = ""
    ) -> InjectedValues:
        """Return those of `variables`, some of which are `secrets`."""
        plain = {name: value for name, value in variables.items() if name not in secrets}
        return cls(secrets=secrets, environment=plain, authority=authority)


@dataclass(frozen=True, kw_only=True)
class ExamFiles:
    """The files that a suite reads."""

    snapshot: str
    """The folder with what was handed in."""
    dockerfile: str | None
    """Its path in the submission; None where there is none."""
    contract: str | None
    """The path of the challenge's OpenAPI document; None where it has none."""


@dataclass(frozen=True, kw_only=True)
class ExamDescription:
    """All that the suite's process is told of one run, once there is an app to examine."""

    criteria: CriteriaToExamine
    app: AppAddress
    seed: int
    injected: InjectedValues
    files: ExamFiles
    services: tuple[ServiceDescription, ...] = ()
    compose: ComposeView | None = None
    """None where there is no Compose file that could be read."""

    def service(self, fixture: str) -> ServiceDescription | None:
        """Return the service that the fixture of that name shows; None where there is none."""
        return next((one for one in self.services if one.fixture == fixture), None)


# -- the messages --------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Collect:
    """Has the tests of a suite collected. From the grader."""

    suite: SuiteDescription


@dataclass(frozen=True, kw_only=True)
class Begin:
    """Has the collected tests run. From the grader."""

    exam: ExamDescription


@dataclass(frozen=True, kw_only=True)
class AnswerTime:
    """How long the app has taken so far. From the suite."""

    waited: Seconds
    """Seconds that it took to answer, or did not."""
    answered: Seconds
    """Seconds of these for answers within their limits."""


@dataclass(frozen=True, kw_only=True)
class CriterionResult:
    """What one criterion came to. From the suite."""

    criterion: Annotated[str, Length(200, least=1)]
    outcome: Outcome
    rationale: Text
    evidence: Text
    duration: Seconds
    time: AnswerTime
    kept: Fraction = Fraction(0)
    """The share of the points that it keeps, where it has parts."""
    parts: Annotated[tuple[PartResult, ...], Length(MOST_PARTS)] = ()
    hidden_reason: Text | None = None
    """What a student reads in the place of both; None where these may be read."""
    hinted: bool = True
    """Whether the criterion's hint fits."""

    def __post_init__(self) -> None:
        """Raise `ValueError` for what no criterion comes to."""
        if self.kept > 1:
            msg = f"kept must be a share of at most 1, not {self.kept}"
            raise ValueError(msg)
        if any(one.outcome is Outcome.BROKEN for one in self.parts):
            msg = "no part can be broken: the criterion is"
            raise ValueError(msg)

    @classmethod
    def of(cls, result: CheckResult, time: AnswerTime) -> CriterionResult:
        """Return the message that tells of `result`."""
        return cls(
            criterion=result.criterion, outcome=result.outcome, rationale=result.rationale,
            evidence=result.evidence, duration=result.duration, time=time, kept=result.kept,
            parts=result.parts, hidden_reason=result.hidden_reason, hinted=result.hinted,
        )  # fmt: skip

    def result(self) -> CheckResult:
        """Return the result that it tells of."""
        return CheckResult(
            criterion=self.criterion, outcome=self.outcome, rationale=self.rationale,
            evidence=self.evidence, duration=self.duration, kept=self.kept, parts=self.parts,
            hidden_reason=self.hidden_reason, hinted=self.hinted,
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class UnmetNeed:
    """Tells that a criterion was not reached, as one that it needs did not hold. From the suite."""

    criterion: Annotated[str, Length(200, least=1)]
    need: Annotated[str, Length(200, least=1)]
    duration: Seconds
    """Seconds that those of its tests took which were over before."""
    time: AnswerTime

    def result(self) -> CheckResult:
        """Return the result that it tells of."""
        return replace(not_reached(self.criterion, self.need), duration=self.duration)


@dataclass(frozen=True, kw_only=True)
class Call:
    """Asks the grader to do something. From the suite, which waits for a `CallResult`."""

    id: int
    name: str
    """The group and the operation, such as `app.restart`."""
    arguments: Mapping[str, JSON]


@dataclass(frozen=True, kw_only=True)
class CallResult:
    """Answers a `Call`. From the grader."""

    id: int
    value: JSON = None
    """What the operation returned; None where it failed."""
    fault: Literal["student", "platform"] | None = None
    """Whose fault it is that it failed; None where it did not."""
    reason: str = ""
    """Why it failed."""


@dataclass(frozen=True, kw_only=True)
class SuiteProblems:
    """Tells what is wrong with the suite itself. From the suite."""

    problems: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class MarkedTest:
    """One test of a suite."""

    name: str
    path: str
    """Its file, seen from the challenge's folder."""
    line: int
    criterion: str
    """What its mark names; empty where it has none."""
    part: str = ""
    """The part of it that the mark names; empty where it names none."""
    draws: bool = False
    """Whether it asks for random data, itself or by way of another fixture."""

    @property
    def where(self) -> str:
        """Its place as `file:line`."""
        return f"{self.path}:{self.line}"


@dataclass(frozen=True, kw_only=True)
class Survey:
    """What collecting a suite found. From the suite, where a survey was asked for."""

    tests: tuple[MarkedTest, ...]
    problems: tuple[str, ...] = ()
    """A sentence for each file that cannot be collected."""


@dataclass(frozen=True, kw_only=True)
class End:
    """Tells that the suite is over. From the suite."""


FromGrader = Collect | Begin | CallResult
FromSuite = CriterionResult | UnmetNeed | AnswerTime | Call | SuiteProblems | Survey | End
Message = FromGrader | FromSuite
MESSAGES: Mapping[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        Collect, Begin, CriterionResult, UnmetNeed, AnswerTime, Call, CallResult, SuiteProblems,
        Survey, End,
    )
}  # fmt: skip
"""Each message by its `kind` on the wire."""
