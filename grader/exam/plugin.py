"""The pytest plugin: which tests of a suite run, in which order, and what they came to."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from grader.criteria import APP_STARTS, DOCKER_BUILDS, LAST
from grader.exam.channel import Channel
from grader.exam.dispatch import remote
from grader.exam.endings import EndedTest, ending_of
from grader.exam.faults import AppTimeout, AppUnreachable, Mismatch
from grader.exam.fixtures import SuiteFixtures
from grader.exam.marks import MARK, criterion_of, lateness_of, part_of
from grader.exam.operations import AppOperations
from grader.exam.protocol import Begin, CriterionResult, UnmetNeed
from grader.exam.schedule import Schedule
from grader.exam.secrecy import Secrecy
from grader.model import CheckResult, Outcome
from grader.scoring import not_reached
from grader.text import clean, clip

LIVE = {"app", "contract"}
"""Fixtures that need the running app, as those of services do."""
TEXT_CAP = 6000
LOSSES = {Outcome.FAILED, Outcome.TIMED_OUT}
AFTER_HIDDEN = "It was lost after a hidden criterion was examined, so the reason is not shown."
RATIONALE_AFTER = 500
"""Characters of a reason that is the grader's own and holds a name of the app's at most."""


class LeftOut(pytest.skip.Exception):  # type: ignore[name-defined, misc] # made at run time
    """A test is not run, and its criterion's result is known."""


class ExamPlugin:
    """One suite's run, registered with pytest; what exam it is, it hears after collection."""

    def __init__(self, channel: Channel, fixtures: Sequence[str] = ()) -> None:
        """`fixtures` are the names of those that services have."""
        self._channel = channel
        self._live = LIVE | set(fixtures)
        self._operations: AppOperations = remote(AppOperations, "app", channel.call)
        self._plan = Schedule(needs={}, outcomes={})
        self._secrecy = Secrecy()
        self._part = ""
        """The part of its criterion that the present test is about."""
        self.fixtures = SuiteFixtures(channel)
        """A pytest plugin of its own."""

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
        only = set(self.fixtures.exam.criteria.only)
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
        criteria = message.exam.criteria
        self._plan = Schedule(
            needs=criteria.needs, outcomes=dict(criteria.known), parts=criteria.parts
        )
        self._secrecy = Secrecy(criteria.hidden, criteria.sealed)
        self.fixtures.begin(message.exam)
        return True

    def _rank(self, item: pytest.Item) -> tuple[int, int, int]:
        name = criterion_of(item)
        return lateness_of(item), self._secrecy.of(name), self._group(name)

    def _group(self, criterion: str) -> int:
        """Return the first group of the exam's order that has `criterion`.

        The last one if none has.
        """
        order = self.fixtures.exam.criteria.order
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
            self._report_unmet(name, need)
            raise LeftOut
        self._part = part_of(item)
        self.fixtures.heard.hidden = self._secrecy.is_hidden(name)
        if uses_app:
            if self._secrecy.is_first(name):
                self._operations.keep_tail()
            self._secrecy.meet(name)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        """Run one test and report what its criterion came to."""
        started = time.monotonic()
        self.fixtures.begin_test()
        error: BaseException | None = None
        try:
            yield
        except (Exception, pytest.fail.Exception) as caught:  # noqa: BLE001 - classified below
            error = caught
        self._report(criterion_of(item), self._ending(item, error), time.monotonic() - started)
        disturbed = self.fixtures.disturbed
        if error is not None:
            self.fixtures.restore()  # the app may need it to start
        if isinstance(error, AppTimeout | AppUnreachable):
            self._revive(hung=isinstance(error, AppTimeout))
        elif error is not None and disturbed:
            self._revive(hung=True)  # it may hold on to connections that are dead

    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        """Report a criterion as broken where a fixture fails before its test."""
        if call.when == "setup" and call.excinfo and not call.excinfo.errisinstance(LeftOut):
            ended = self._ending(item, call.excinfo.value)
            self._report(criterion_of(item), replace(ended, hinted=True), call.duration)

    def _ending(self, item: pytest.Item, error: BaseException | None) -> EndedTest:
        hides = self._secrecy.can_be_told(criterion_of(item))
        return ending_of(item, error, self.fixtures.last, None if hides else self._operations)

    def _report(self, name: str, ended: EndedTest, seconds: float = 0.0) -> None:
        hidden_reason = None
        if ended.outcome in LOSSES and self._secrecy.can_be_told(name):
            own = clip(clean(ended.rationale), RATIONALE_AFTER)
            hidden_reason = own if name in LAST else AFTER_HIDDEN
        test = CheckResult(
            criterion=name, outcome=ended.outcome, rationale=clip(clean(ended.rationale), TEXT_CAP),
            evidence=clip(clean(ended.evidence), TEXT_CAP), duration=seconds,
            hidden_reason=hidden_reason, hinted=ended.hinted,
        )  # fmt: skip
        result = self._plan.finish(test, self._part)
        if result is not None:
            bounded = replace(
                result, rationale=clip(result.rationale, TEXT_CAP),
                evidence=clip(result.evidence, TEXT_CAP),
            )  # fmt: skip
            self._channel.send(CriterionResult.of(bounded, self.fixtures.time()))

    def _report_unmet(self, name: str, need: str) -> None:
        result = self._plan.finish(not_reached(name, need))
        if result is not None:
            self._channel.send(
                UnmetNeed(
                    criterion=name, need=need, duration=result.duration, time=self.fixtures.time()
                )
            )

    def _revive(self, *, hung: bool) -> None:
        """Have the app started again: one crash must not take the other criteria with it."""
        try:
            self._operations.revive(hung=hung)
        except Mismatch:
            pass  # it stays down; each criterion that needs it finds so for itself
