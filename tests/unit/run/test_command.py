"""A submission whose answer is a command: what its containers get, and what becomes of them."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from grader.commands import MOST_CALLS, CommandCall, CommandResult
from grader.criteria import DOCKER_NON_ROOT
from grader.model import Outcome
from grader.run import command, commands
from grader.run.command import bring_up
from grader.run.commands import CommandRunner
from grader.run.context import RunContext
from grader.run.deployment import Deployment
from grader.sandbox.build import Built
from grader.sandbox.command import NO_NETWORK, CommandSpec
from grader.sandbox.container import CannotStart
from tests.unit.run.conftest import Begin, HandIn

FILES = {"Dockerfile": "FROM python:3.11\n"}
IMAGE = Built(image="sha256:2", cached=False)


def brought_up(
    context: RunContext, submission: Any, monkeypatch: pytest.MonkeyPatch, *, root: bool = False,
    image: Built | None = IMAGE,
) -> Deployment:  # fmt: skip
    """What comes of it where the image is `image`, whose processes are root's or not."""
    monkeypatch.setattr(command, "build_image", lambda *_: image)
    monkeypatch.setattr(command, "runs_as_root", lambda *_: root)
    with ThreadPoolExecutor() as pool:
        return bring_up(context, submission, pool)


def test_a_command_without_services_has_no_network(
    begin: Begin, hand_in: HandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = begin(mode="command", services=())
    found = brought_up(context, hand_in(FILES), monkeypatch)
    assert isinstance(found.operations.commands, CommandRunner)
    spec = found.operations.commands.spec
    assert (spec.image, spec.network) == ("sha256:2", NO_NETWORK)
    assert set(spec.env) == set(found.injected.secrets) | set(found.injected.environment)
    assert (found.app, found.services, found.essential) == (None, (), {})


@pytest.mark.parametrize("root", [True, False])
def test_who_it_runs_as_is_recorded(
    begin: Begin, hand_in: HandIn, monkeypatch: pytest.MonkeyPatch, root: bool
) -> None:
    context = begin(mode="command", services=())
    brought_up(context, hand_in(FILES), monkeypatch, root=root)
    found = context.recorder.results[DOCKER_NON_ROOT]
    assert found.outcome is (Outcome.FAILED if root else Outcome.PASSED)
    assert ("runs as root" in found.rationale) is root


def test_an_image_that_does_not_build_runs_nothing(
    begin: Begin, hand_in: HandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = begin(mode="command", services=())
    found = brought_up(context, hand_in(FILES), monkeypatch, image=None)
    assert found == Deployment(dockerfile="Dockerfile")


class FakeCommand:
    """A container whose command prints its arguments."""

    made: list[FakeCommand]

    def __init__(
        self, engine: Any, spec: Any, call: CommandCall, confirm: Any, cancel: threading.Event
    ) -> None:
        self.call, self.id, self.removed = call, "c1", False
        self.made.append(self)

    def start(self) -> None:
        if self.call.arguments[:1] == ("absent",):
            msg = 'exec: "absent": executable file not found in $PATH: unknown'
            raise CannotStart(msg)

    def run(self) -> CommandResult:
        said = " ".join(self.call.arguments)
        return CommandResult(exit_code=0, output=said, errors="", seconds=0.1)

    def remove(self) -> None:
        self.removed = True


@pytest.fixture
def runner(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> CommandRunner:
    """A runner whose containers are stand-ins."""
    FakeCommand.made = []
    monkeypatch.setattr(commands, "CommandContainer", FakeCommand)
    monkeypatch.setattr(RunContext, "watch_disk", lambda _: None)
    context = begin(mode="command", services=())
    spec = CommandSpec(image="i", env={}, limits=context.challenge.limits, labels={})
    return CommandRunner(context=context, spec=spec, confirm=lambda: None)


def called(*arguments: str) -> CommandCall:
    return CommandCall(within=1, arguments=arguments)


def test_results_come_in_the_order_of_the_calls(runner: CommandRunner) -> None:
    found = runner.run([called(str(number)) for number in range(5)])
    assert [one.output for one in found] == ["0", "1", "2", "3", "4"]


def test_containers_are_removed_while_the_next_commands_run(runner: CommandRunner) -> None:
    runner.run([called("first")])
    assert [one.removed for one in FakeCommand.made] == [False]
    runner.run([called("second")])
    assert [one.removed for one in FakeCommand.made] == [True, False]


def test_a_command_that_is_not_there_is_a_sentence(runner: CommandRunner) -> None:
    (found,) = runner.run([called("absent")])
    assert found.exit_code is None
    assert "absent" in found.stopped


def test_no_more_run_than_a_suite_may_ask_for(runner: CommandRunner) -> None:
    found = runner.run([called("x")] * (MOST_CALLS + 5))
    assert len(found) == MOST_CALLS
