"""The fixtures of every suite, each made when it is first asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.exam.app import App, SecureWay
from grader.exam.channel import Channel
from grader.exam.command import Command
from grader.exam.compose import ComposeFixture
from grader.exam.composed import Reaching
from grader.exam.connection import Waited
from grader.exam.contract import Contract
from grader.exam.contract.document import Operation
from grader.exam.contract.document import read as read_contract
from grader.exam.disclosures import Disclosures, provoke
from grader.exam.draw import Draw
from grader.exam.exchange import Exchange, Execution
from grader.exam.faults import Mismatch, PlatformFault
from grader.exam.protocol import AnswerTime, ExamDescription
from grader.exam.service_fixture import ServiceFixture
from grader.exam.snapshot import Snapshot
from grader.service_catalogue import load_class


class SuiteFixtures:
    """What one suite has of the app, its services and what was handed in."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._begun: ExamDescription | None = None
        self._contract: Contract | None = None
        self.client: App | None = None
        """The client of the app; None before it is asked for."""
        self._command: Command | None = None
        self._compose: ComposeFixture | None = None
        self._waited = Waited(told=self._tell_answered, owed=self._owed)
        """How long the submission has let us wait, its app and its commands together."""
        self.services: dict[str, ServiceFixture] = {}
        """What the suite has of each service so far, by the fixture's name."""
        self.heard = Disclosures({})
        """What the app has given away so far."""

    def begin(self, exam: ExamDescription) -> None:
        """Take in what exam it is."""
        self._begun = exam
        self.heard = Disclosures(exam.injected.secrets)

    @property
    def exam(self) -> ExamDescription:
        """What exam it is; known once the tests are collected."""
        assert self._begun is not None
        return self._begun

    def begin_test(self) -> None:
        """Forget what the test before has done."""
        if self.client is not None:
            self.client.last = None
            self.client.drop_websockets()
        if self._command is not None:
            self._command.last = None
        for service in self.services.values():
            service.begin_test()
        self.restore()

    def restore(self) -> None:
        """Have the services of the project go on that the test has stopped."""
        if self._compose is not None:
            self._compose.restore()

    @property
    def disturbed(self) -> bool:
        """Whether the present test has stopped a service that the app uses."""
        project = self._compose is not None and self._compose.disturbed
        return project or any(one.disturbed for one in self.services.values())

    @property
    def last(self) -> Exchange | Execution | None:
        """What the app was asked last in the present test, else the command that ran last."""
        asked = self.client.last if self.client else None
        return asked or (self._command.last if self._command else None)

    def time(self) -> AnswerTime:
        """Return the seconds that app, commands and services have taken so far."""
        services = sum(one.waited for one in self.services.values())
        waited, answered = self._waited.seconds, self._waited.answered
        return AnswerTime(waited=waited + services, answered=answered + services)

    def _owed(self) -> float:
        """Return the seconds that a request gets because the machine is overloaded."""
        try:
            return float(self._channel.call_if_free("app.owed") or 0.0)
        except (Mismatch, PlatformFault):  # nobody can tell, as where the app has gone
            return 0.0

    def _tell_answered(self) -> None:
        """Have the suite given the time that the app takes, also within a long test."""
        self._channel.send(self.time())

    def service(self, fixture: str) -> ServiceFixture:
        """Return what the suite has of the service with that fixture.

        Made when it is first asked for.
        """
        found = self.exam.service(fixture)
        if found is None:
            msg = f"this challenge declares no service that `{fixture}` is for"
            raise PlatformFault(msg)
        if fixture not in self.services:
            made = load_class(found.target)(self._channel.call, dict(found.access))
            self.services[fixture] = made
        return self.services[fixture]

    @pytest.fixture(scope="session")
    def app(self) -> App:
        """Client bound to the running app."""
        return self._app()

    def _app(self) -> App:
        if self.client is None:
            at = self.exam.app
            self.client = App(
                self._channel.call, (at.host, at.port), shown=at.shown,
                deadline=at.request_seconds, body_cap=at.body_cap,
                heard=self.heard.hear, waited=self._waited, command=self._runner(),
                secure=SecureWay(tls=at.tls, authority=self.exam.injected.authority),
            )  # fmt: skip
        return self.client

    def _runner(self) -> Command:
        """Return what runs commands of the submission's image."""
        if self._command is None:
            at = self.exam.app
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
        view = self.exam.compose
        if view is None:
            pytest.fail("There is no Compose file that could be read; see compose.valid.")
        text = submission.text(view.path)
        self._compose = ComposeFixture(
            self._channel.call, view, text,
            Reaching(plain=lambda at: self._app().at(at), tls=lambda at: self._app().secured(at)),
        )  # fmt: skip
        return self._compose

    @pytest.fixture(scope="session")
    def contract(self, app: App) -> Contract:
        """The challenge's OpenAPI document, with operations that can be tried out."""
        if self._contract is None:
            draw = Draw(f"{self.exam.seed}:contract")
            path = self.exam.files.contract
            if path is None:
                msg = "this challenge has no contract, so its suite has no `contract`"
                raise PlatformFault(msg)
            secrets = self.exam.injected.secrets
            self._contract = Contract.read(Path(path), app, draw, secrets)
        return self._contract

    @pytest.fixture(scope="session")
    def disclosures(self, app: App, operations: tuple[Operation, ...]) -> Disclosures:
        """What the app has given away in its answers so far, and once it was provoked."""
        provoke(app, operations)
        return self.heard

    @pytest.fixture(scope="session")
    def operations(self) -> tuple[Operation, ...]:
        """The operations of the contract; none where the challenge has no contract."""
        path = self.exam.files.contract
        return read_contract(Path(path)) if path else ()

    @pytest.fixture(scope="session")
    def submission(self) -> Snapshot:
        """What was handed in, to be read."""
        files = self.exam.files
        return Snapshot(self._channel.call, Path(files.snapshot), files.dockerfile)

    @pytest.fixture(scope="session")
    def secrets(self) -> dict[str, str]:
        """The values that this run injected, by name."""
        return dict(self.exam.injected.secrets)

    @pytest.fixture(scope="session")
    def environment(self) -> dict[str, str]:
        """The values that this run injected and that are no secrets, by variable name."""
        return dict(self.exam.injected.environment)

    @pytest.fixture
    def draw(self, request: pytest.FixtureRequest) -> Draw:
        """Random data of the run's seed, the same for a test wherever it runs."""
        return Draw(f"{self.exam.seed}:{request.node.path.name}::{request.node.name}")
