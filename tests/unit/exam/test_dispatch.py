"""What a suite may ask for: names, arguments and answers as the Protocols have them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from grader.exam import operations
from grader.exam.dispatch import RefusedCall, methods, remote
from grader.exam.leaks import Leak
from grader.exam.operations import (
    AppOperations,
    ComposeOperations,
    EndedProbe,
    ProbeOperations,
    RequestLog,
    StartedProbe,
)
from grader.exam.serialization import MalformedValue, reader
from grader.run.app import DeployedApp
from grader.run.compose.operations import ProjectDatabase, ProjectOperations
from grader.run.probes.sequential import SecretProbe
from grader.run.volumes import AppVolumes
from grader.testing import operations_of


def through(table: dict[str, Callable[..., Any]]) -> Callable[..., Any]:
    """A caller whose arguments and answers go through JSON, as over the channel."""
    offered = operations_of(table)

    def call(name: str, /, **arguments: Any) -> Any:
        return json.loads(json.dumps(offered.call(name, json.loads(json.dumps(arguments)))))

    return call


def test_answers_arrive_as_the_protocol_says() -> None:
    """Dataclasses on both sides, and nothing read by string."""
    log, leak = RequestLog(lines="a", raised="b"), Leak(name="KEY", how="as it is", where="a log")
    caller = through({"app.printed": lambda since, until: log, "app.leaks": lambda: [leak]})
    app: AppOperations = remote(AppOperations, "app", caller)
    assert app.printed(since=1, until=2.5) == log
    assert app.printed(1.0, 2.5) == log
    assert app.leaks() == [leak]


def test_arguments_arrive_as_they_were_given() -> None:
    """By position or by name, with those that have a default left out."""
    asked: list[tuple[list[str], bool]] = []

    def start(names: list[str], *, changed: bool = False) -> StartedProbe:
        asked.append((names, changed))
        return StartedProbe(asked=True, started=False, status=500, reason="why", host="h", port=1)

    caller = through({"probe.start": start, "probe.ended": lambda secret: None})
    probe: ProbeOperations = remote(ProbeOperations, "probe", caller)
    assert probe.start(["KEY"]).reason == "why"
    assert probe.start(["KEY"], changed=True).status == 500
    assert asked == [(["KEY"], False), (["KEY"], True)]
    assert probe.ended("KEY") is None


def test_a_service_answers_by_the_name_of_its_fixture() -> None:
    """It offers what its server does, and arguments that do not fit are refused."""
    caller = through({"cache.count": lambda pattern: {"keys": len(pattern)}})
    assert caller("cache.count", pattern="abc") == {"keys": 3}
    with pytest.raises(RefusedCall, match=r"the grader knows no 'cache\.flush' here"):
        caller("cache.flush")
    with pytest.raises(RefusedCall, match=r"cache\.count with arguments that do not fit: missing"):
        caller("cache.count")


@pytest.mark.parametrize(
    "name",
    [
        "app.fly", "app", "", ".restart", "toy.start", "app.ready", "app.__init__", "app._again",
        "app.restart.x", "compose.kill", "probe.end",
    ],
)  # fmt: skip
def test_what_is_not_offered_is_refused(name: str) -> None:
    """Only public methods of a Protocol are there, of a group that this run has."""
    offered = operations_of({"app.restart": lambda: None, "app.ready": lambda: None})
    with pytest.raises(RefusedCall, match="the grader knows no"):
        offered.call(name, {})


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("app.revive", {}, "missing a required argument: 'hung'"),
        ("app.revive", {"hung": "yes"}, "hung must be true or false, not 'yes'"),
        ("app.revive", {"hung": True, "x": 1}, "unexpected keyword argument 'x'"),
        ("app.printed", {"since": 1, "until": None}, "until must be a number, not None"),
        ("probe.start", {"names": "KEY"}, "names must be a list, not 'KEY'"),
        ("probe.start", {"names": f"{'K' * 90}END"}, r"not 'K+… \(35 .* left out\) …K+END'"),
        ("probe.start", {"names": [1]}, r"names\[0\] must be text, not 1"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(
    name: str, arguments: dict[str, Any], said: str
) -> None:
    """The sentence names the operation and the argument, and nothing is done."""
    done: list[str] = []
    offered = operations_of({name: lambda **given: done.append(name)})
    with pytest.raises(RefusedCall, match=f"{name} with arguments that do not fit: .*{said}"):
        offered.call(name, arguments)
    assert not done


def test_an_answer_that_does_not_fit_is_refused() -> None:
    """The suite believes no more than the Protocol says."""
    probe: ProbeOperations = remote(ProbeOperations, "probe", through({"probe.end": dict}))
    with pytest.raises(MalformedValue, match=r"the answer to probe\.end lacks guessed"):
        probe.end()


def test_an_error_of_an_operation_is_its_own() -> None:
    """A `TypeError` within it is no wrong argument."""

    def restart() -> None:
        raise TypeError("own")  # noqa: EM101

    with pytest.raises(TypeError, match="own"):
        operations_of({"app.restart": restart}).call("app.restart", {})


PROTOCOLS = [
    one
    for one in vars(operations).values()
    if getattr(one, "_is_protocol", False) and one.__module__ == operations.__name__
]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_operation_has_a_form_that_can_be_sent(protocol: Any) -> None:
    """All arguments and answers are of types that JSON has a form for."""
    assert methods(protocol)
    for form in methods(protocol).values():
        for hint in form.hints.values():
            reader(hint)


@pytest.mark.parametrize(
    ("protocol", "implementation"),
    [
        (AppOperations, DeployedApp),
        (ProbeOperations, SecretProbe),
        (ComposeOperations, ProjectOperations),
        (operations.ServiceOperations, ProjectDatabase),
        (operations.VolumeOperations, AppVolumes),
    ],
)
def test_what_the_grader_does_takes_what_the_protocol_says(
    protocol: Any, implementation: Any
) -> None:
    """Names and arguments of both agree."""
    for name, form in methods(protocol).items():
        own = methods(implementation)[name].signature
        assert list(own.parameters) == list(form.signature.parameters), name


def test_an_ended_probe_is_told() -> None:
    """With what it has tried."""
    caller = through({"probe.ended": lambda secret: EndedProbe(guessed=True)})
    assert remote(ProbeOperations, "probe", caller).ended("KEY") == EndedProbe(guessed=True)
