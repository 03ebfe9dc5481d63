"""The pytest plugin: the fixtures of a suite, the `criterion` mark, and a result for each."""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import pytest

from grader.criteria import APP_STARTS, DOCKER_BUILDS, LAST
from grader.exam.app import App
from grader.exam.client import Waited
from grader.exam.command import Command
from grader.exam.compose import ComposeFixture
from grader.exam.contract import Contract
from grader.exam.contract.document import Operation
from grader.exam.contract.document import read as read_contract
from grader.exam.disclosures import Disclosures, provoke
from grader.exam.dispatch import remote
from grader.exam.draw import Draw
from grader.exam.exchange import Exchange, Execution
from grader.exam.faults import (
    AppTimeout,
    AppUnreachable,
    CommandTimeout,
    Mismatch,
    NotReached,
    PlatformFault,
)
from grader.exam.operations import AppOperations
from grader.exam.protocol import (
    AnswerTime,
    Begin,
    Channel,
    CriterionResult,
    ExamDescription,
)
from grader.exam.schedule import Schedule
from grader.exam.service_fixture import ServiceFixture
from grader.exam.snapshot import Snapshot
from grader.model import CheckResult, Outcome
from grader.service_catalogue import load_class
from grader.text import clean, clip

LIVE = {"app", "contract"}
"""Fixtures that need the running app, as those of services do."""
MARK = "criterion(id, part=None): the criterion that a test examines, and the part of it"
TEXT_CAP = 6000
LOG_SECONDS = 0.25
"""How much later than its answer an app may print what it failed over."""
LOSSES = {Outcome.FAILED, Outcome.TIMED_OUT}
AFTER_HIDDEN = "It was lost after a hidden criterion was examined, so the reason is not shown."
RATIONALE_AFTER = 500
"""Characters of a reason that is the grader's own and holds a name of the app's at most."""


class LeftOut(pytest.skip.Exception):  # type: ignore[name-defined, misc] # made at run time
    """A test is not run, and its criterion's result is known."""


class ServiceClient(Protocol):
    """The suite's side of a service, as `ServiceDescription.target` names it."""

    disturbed: bool
    """Whether the service was stopped during the present test."""

    @property
    def waited(self) -> float:
        """Seconds that the service has taken to answer, so far."""

    def begin_test(self) -> None:
        """Forget what the test before has done."""

    def close(self) -> None:
        """Close the connections."""


class ExamPlugin:
    """One suite's run, registered with pytest; what exam it is, it hears after collection."""

    def __init__(self, channel: Channel, fixtures: Sequence[str] = ()) -> None:
        """`fixtures` are the names of those that services have."""
        self._channel = channel
        self._live = LIVE | set(fixtures)
        self._operations: AppOperations = remote(AppOperations, "app", channel.call)
        self._begun: ExamDescription | None = None
        self._plan = Schedule(needs={}, outcomes={})
        self._app: App | None = None
        self._command: Command | None = None
        self._waited = Waited(told=self._tell_answered)
        """How long the submission has let us wait, its app and its commands together."""
        self._services: dict[str, ServiceFixture] = {}
        """What the suite has of each service so far, by the fixture's name."""
        self._contract: Contract | None = None
        self._disclosures = Disclosures({})
        self._hidden = frozenset[str]()
        self._sealed = frozenset[str]()
        """Those of the hidden ones that no deadline shows."""
        self._part = ""
        """The part of its criterion that the present test is about."""
        self._met = 0
        """The highest secrecy of the criteria that the app has met: it could tell of them."""

    # -- collection ------------------------------------------------------------------------

    def pytest_configure(self, config: pytest.Config) -> None:
        """Make the mark known."""
        config.addinivalue_line("markers", MARK)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Hear what is asked for; leave out what is not, and put needed criteria first.

        Hidden criteria come after the others, those that no deadline shows last: what an app could
        tell of them, it can tell nobody.
        """
        if not self._begin():
            items.clear()
            return
        only = set(self._exam.criteria.only)
        items[:] = [item for item in items if criterion_of(item) in only]
        items.sort(key=self._rank)
        names = [criterion_of(item) for item in items]
        items[:] = [items[index] for index in self._plan.order(names)]
        self._plan.expect(names)

    def _begin(self) -> bool:
        """Wait for the exam's description; False where none comes any more."""
        message = self._channel.receive()
        if not isinstance(message, Begin):
            return False
        exam = self._begun = message.exam
        criteria = exam.criteria
        self._plan = Schedule(
            needs=criteria.needs, outcomes=dict(criteria.known), parts=criteria.parts
        )
        self._disclosures = Disclosures(exam.injected.secrets)
        self._hidden = frozenset(criteria.hidden)
        self._sealed = frozenset(criteria.sealed)
        return True

    @property
    def _exam(self) -> ExamDescription:
        """What exam it is; known once the tests are collected."""
        assert self._begun is not None
        return self._begun

    def _rank(self, item: pytest.Item) -> tuple[int, int, int]:
        name = criterion_of(item)
        return _lateness(item), self._secrecy(name), self._group(name)

    @property
    def _hidden_begun(self) -> bool:
        """Whether the app has met a hidden criterion, of which it could tell from then on."""
        return self._met > 0

    def _secrecy(self, criterion: str) -> int:
        """0 for a visible one, 1 for one that is hidden until the deadline, 2 for a hidden one."""
        return (criterion in self._hidden) + (criterion in self._sealed)

    def _group(self, criterion: str) -> int:
        """The first group of the exam's order that has `criterion`; the last one if none has."""
        order = self._exam.criteria.order
        return next((at for at, group in enumerate(order) if criterion in group), len(order))

    # -- running ---------------------------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Do not run what cannot hold, nor what is lost already.

        Both are skipped within pytest's protocol: an item left out of it would have the one
        before keep its module's fixtures, and the next one fail over them.
        """
        name = criterion_of(item)
        self._part = ""
        if self._plan.over(name):
            raise LeftOut
        uses_app = bool(self._live & set(getattr(item, "fixturenames", ())))
        runs = "run" in getattr(item, "fixturenames", ())
        rests_on = APP_STARTS if uses_app else DOCKER_BUILDS if runs else ""
        if need := self._plan.blocked(name, rests_on=rests_on):
            self._report(name, Outcome.NOT_REACHED, f"It needs {need}, which did not hold.")
            raise LeftOut
        self._part = part_of(item)
        self._disclosures.hidden = name in self._hidden
        if uses_app and self._secrecy(name) > self._met:
            if not self._hidden_begun:
                self._operations.keep_tail()
            self._met = self._secrecy(name)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        """Run one test and report what its criterion came to."""
        started = time.monotonic()
        if self._app is not None:
            self._app.last = None
        if self._command is not None:
            self._command.last = None
        for service in self._services.values():
            service.begin_test()
        error: BaseException | None = None
        try:
            yield
        except (Exception, pytest.fail.Exception) as caught:  # noqa: BLE001 - classified below
            error = caught
        self._report(
            criterion_of(item), *self._verdict(item, error), time.monotonic() - started,
            hinted=self._hinted(error),
        )  # fmt: skip
        if isinstance(error, AppTimeout | AppUnreachable):
            self._revive(hung=isinstance(error, AppTimeout))
        elif error is not None and any(one.disturbed for one in self._services.values()):
            self._revive(hung=True)  # it may hold on to connections that are dead

    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        """A fixture that fails before its test breaks the criterion."""
        if call.when == "setup" and call.excinfo and not call.excinfo.errisinstance(LeftOut):
            verdict = self._verdict(item, call.excinfo.value)
            self._report(criterion_of(item), *verdict, call.duration)

    def _verdict(self, item: pytest.Item, error: BaseException | None) -> tuple[Outcome, str, str]:
        """Outcome, rationale and evidence of one test that ended with `error`."""
        if error is None:
            return Outcome.PASSED, "", ""
        if isinstance(error, NotReached):
            return Outcome.NOT_REACHED, str(error), ""
        if isinstance(error, PlatformFault):
            return Outcome.BROKEN, str(error), ""
        if isinstance(error, AssertionError | pytest.fail.Exception):
            late = isinstance(error, AppTimeout | CommandTimeout)
            outcome = Outcome.TIMED_OUT if late else Outcome.FAILED
            evidence, raised = self._evidence(error, criterion_of(item))
            return outcome, f"{rationale_of(error)}{raised}", evidence
        frames = traceback.extract_tb(error.__traceback__)
        own = [frame for frame in frames if frame.filename == str(item.path)] or frames[-1:]
        where = f"{Path(own[-1].filename).name}:{own[-1].lineno}" if own else item.nodeid
        said = f"{type(error).__name__}: {error}"
        return (
            Outcome.BROKEN,
            f"The suite failed at {where} ({item.name}): {said}",
            self._evidence(error, criterion_of(item))[0],
        )

    def _evidence(self, error: BaseException, name: str) -> tuple[str, str]:
        """The exchange with what the app printed over it, and a sentence on what it raised."""
        exchange = self._exchange(error)
        if exchange is None:
            return "", ""
        if not (exchange.broke and exchange.began) or self._secrecy(name) < self._met:
            return str(exchange), ""
        end = exchange.began + exchange.seconds + LOG_SECONDS
        try:
            said = self._operations.printed(since=exchange.began, until=end)
        except (Mismatch, PlatformFault):
            return str(exchange), ""
        if not said.lines:
            return str(exchange), ""
        raised = f" Its log says: {said.raised}" if said.raised else ""
        return f"{exchange}\nThe app's log of that request:\n{said.lines}", raised

    def _exchange(self, error: BaseException) -> Exchange | Execution | None:
        """What the app was asked last, or the command that ran last."""
        asked = self._app.last if self._app else None
        ran = self._command.last if self._command else None
        return getattr(error, "exchange", None) or asked or ran

    def _hinted(self, error: BaseException | None) -> bool:
        """Whether the criterion's hint fits how its test ended."""
        if isinstance(error, Mismatch):
            return error.hinted
        exchange = self._exchange(error) if error else None
        return exchange is None or not exchange.broke

    def _report(
        self, name: str, outcome: Outcome, rationale: str, evidence: str = "", seconds: float = 0.0,
        *, hinted: bool = True,
    ) -> None:  # fmt: skip
        withheld = None
        if outcome in LOSSES and self._secrecy(name) < self._met:
            # the app may tell in its answers of what it has been asked before
            withheld = clip(clean(rationale), RATIONALE_AFTER) if name in LAST else AFTER_HIDDEN
        test = CheckResult(
            criterion=name, outcome=outcome, rationale=clip(clean(rationale), TEXT_CAP),
            evidence=clip(clean(evidence), TEXT_CAP), duration=seconds, withheld=withheld,
            hinted=hinted,
        )  # fmt: skip
        result = self._plan.finish(test, self._part)
        if result is not None:
            bounded = replace(
                result, rationale=clip(result.rationale, TEXT_CAP),
                evidence=clip(result.evidence, TEXT_CAP),
            )  # fmt: skip
            self._channel.send(CriterionResult.of(bounded, self._time()))

    def _time(self) -> AnswerTime:
        """Return the seconds that app and services have taken so far."""
        services = sum(one.waited for one in self._services.values())
        waited, answered = self._waited.seconds, self._waited.answered
        return AnswerTime(waited=waited + services, answered=answered + services)

    def _tell_answered(self) -> None:
        """Have the suite given the time that the app takes, also within a long test."""
        self._channel.send(self._time())

    def _revive(self, *, hung: bool) -> None:
        """Have the app started again: one crash must not take the other criteria with it."""
        try:
            self._operations.revive(hung=hung)
        except Mismatch:
            pass  # it stays down; each criterion that needs it finds so for itself

    # -- fixtures --------------------------------------------------------------------------

    def service(self, fixture: str) -> ServiceFixture:
        """What the suite has of the service with that fixture; made when it is first asked for."""
        found = self._exam.service(fixture)
        if found is None:
            msg = f"this challenge declares no service that `{fixture}` is for"
            raise PlatformFault(msg)
        if fixture not in self._services:
            made = load_class(found.target)(self._channel.call, dict(found.access))
            self._services[fixture] = made
        return self._services[fixture]

    @pytest.fixture(scope="session")
    def app(self) -> App:
        """Client bound to the running app."""
        if self._app is None:
            at = self._exam.app
            self._app = App(
                self._channel.call, (at.host, at.port), shown=at.shown,
                deadline=at.request_seconds, body_cap=at.body_cap,
                heard=self._disclosures.hear, waited=self._waited, command=self._runner(),
            )  # fmt: skip
        return self._app

    def _runner(self) -> Command:
        """What runs commands of the submission's image."""
        if self._command is None:
            at = self._exam.app
            self._command = Command(
                self._channel.call, within=at.request_seconds, cap=at.body_cap, waited=self._waited
            )
        return self._command

    @pytest.fixture(scope="session")
    def run(self) -> Command:
        """Runs the command of the submission's image, each time in a container of its own."""
        return self._runner()

    @pytest.fixture(scope="session")
    def compose(self, submission: Snapshot) -> ComposeFixture:
        """The submission's Compose file and the project that was brought up from it."""
        view = self._exam.compose
        if view is None:
            pytest.fail("There is no Compose file that could be read; see compose.valid.")
        return ComposeFixture(self._channel.call, view, submission.text(view.path))

    @pytest.fixture(scope="session")
    def contract(self, app: App) -> Contract:
        """The challenge's OpenAPI document, with operations that can be tried out."""
        if self._contract is None:
            draw = Draw(f"{self._exam.seed}:contract")
            path = self._exam.files.contract
            if path is None:
                msg = "this challenge has no contract, so its suite has no `contract`"
                raise PlatformFault(msg)
            secrets = self._exam.injected.secrets
            self._contract = Contract.read(Path(path), app, draw, secrets)
        return self._contract

    @pytest.fixture(scope="session")
    def disclosures(self, app: App, operations: tuple[Operation, ...]) -> Disclosures:
        """What the app has given away in its answers so far, and once it was provoked."""
        provoke(app, operations)
        return self._disclosures

    @pytest.fixture(scope="session")
    def operations(self) -> tuple[Operation, ...]:
        """The operations of the contract; none where the challenge has no contract."""
        path = self._exam.files.contract
        return read_contract(Path(path)) if path else ()

    @pytest.fixture(scope="session")
    def submission(self) -> Snapshot:
        """What was handed in, to be read."""
        files = self._exam.files
        return Snapshot(self._channel.call, Path(files.snapshot), files.dockerfile)

    @pytest.fixture(scope="session")
    def secrets(self) -> dict[str, str]:
        """The values that this run injected, by name."""
        return dict(self._exam.injected.secrets)

    @pytest.fixture(scope="session")
    def environment(self) -> dict[str, str]:
        """The values that this run injected and that are no secrets, by variable name."""
        return dict(self._exam.injected.environment)

    @pytest.fixture
    def draw(self, request: pytest.FixtureRequest) -> Draw:
        """Random data of the run's seed, the same for a test wherever it runs."""
        return Draw(f"{self._exam.seed}:{request.node.path.name}::{request.node.name}")


def criterion_of(item: pytest.Item) -> str:
    """The criterion that a test is marked with; empty where it has no mark."""
    mark = item.get_closest_marker("criterion")
    return str(mark.args[0]) if mark and mark.args else ""


def part_of(item: pytest.Item) -> str:
    """The part that a test's mark names; empty where it names none."""
    mark = item.get_closest_marker("criterion")
    return str(mark.kwargs.get("part") or "") if mark else ""


def _lateness(item: pytest.Item) -> int:
    """0 for a test that may run at once, more for those of `LAST`."""
    name = criterion_of(item)
    return LAST.index(name) + 1 if name in LAST else 0


def rationale_of(error: BaseException) -> str:
    """The message of an assertion, without what pytest adds to it."""
    message, added, _ = f"\n{error}".partition("\nassert ")
    if added:
        message = message.replace("\n  ", "\n")  # pytest indents what follows the first line
    return message.strip() or "An assertion of the suite does not hold."
