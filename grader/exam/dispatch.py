"""Calls of operations over the channel: asked for by the suite, done by the grader.

Both sides derive names, arguments and answers from the Protocols of `operations`.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from grader.errors import PlatformError
from grader.exam.operations import (
    AppOperations,
    CommandOperations,
    ComposedOperations,
    ComposeOperations,
    ProbeOperations,
    SubmissionOperations,
    VolumeOperations,
)
from grader.exam.protocol import JSON, Caller
from grader.exam.serialization import MalformedValue, from_json, to_json


class RefusedCall(PlatformError):
    """A suite has asked for what there is not, or with arguments that do not fit."""


@dataclass(frozen=True)
class OperationGroup:
    """Operations that are implemented together."""

    protocol: Any
    """The Protocol whose public methods may be asked for."""
    implementation: Any
    """What does them; a method that it lacks is not there to be asked for."""


class Operations:
    """What the suite of one run may ask for; a group that is None is not there."""

    def __init__(
        self,
        *,
        submission: SubmissionOperations | None = None,
        app: AppOperations | None = None,
        probe: ProbeOperations | None = None,
        compose: ComposeOperations | None = None,
        composed: ComposedOperations | None = None,
        command: CommandOperations | None = None,
        volume: VolumeOperations | None = None,
        services: Mapping[str, Mapping[str, Callable[..., Any]]] | None = None,
    ) -> None:
        """`services`: the operations of each service by their names, by its fixture's name."""
        own = {
            "submission": OperationGroup(SubmissionOperations, submission),
            "app": OperationGroup(AppOperations, app),
            "probe": OperationGroup(ProbeOperations, probe),
            "compose": OperationGroup(ComposeOperations, compose),
            "composed": OperationGroup(ComposedOperations, composed),
            "command": OperationGroup(CommandOperations, command),
            "volume": OperationGroup(VolumeOperations, volume),
        }
        self._groups = own
        self._services = dict(services or {})

    def call(self, name: str, arguments: Mapping[str, JSON]) -> JSON:
        """Do what `name` says and return the answer as JSON has it.

        Raises `RefusedCall`, and what the operation raises.
        """
        group, _, method = name.partition(".")
        if group in self._services:
            return self._of_service(name, self._services[group].get(method), arguments)
        found = self._groups.get(group)
        known = methods(found.protocol) if found else {}
        do = getattr(found.implementation, method, None) if method in known and found else None
        if do is None:
            raise _unknown(name)
        return to_json(do(**known[method].read(name, arguments)))

    def _of_service(
        self, name: str, do: Callable[..., Any] | None, arguments: Mapping[str, JSON]
    ) -> JSON:
        """Do what a service of whatever kind offers: its arguments are JSON's own values."""
        if do is None:
            raise _unknown(name)
        try:
            inspect.signature(do).bind(**arguments)
        except TypeError as error:
            raise _unfit(name, error) from error
        return to_json(do(**arguments))


def _unknown(name: str) -> RefusedCall:
    msg = f"The suite has asked for more than it may: the grader knows no {name!r} here."
    return RefusedCall(msg)


def _unfit(name: str, error: Exception) -> RefusedCall:
    msg = f"The suite has asked for {name} with arguments that do not fit: {error}."
    return RefusedCall(msg)


@dataclass(frozen=True)
class OperationForm:
    """The form of one operation."""

    signature: inspect.Signature
    hints: Mapping[str, Any]

    def read(self, name: str, arguments: Mapping[str, JSON]) -> dict[str, Any]:
        """Return `arguments` as the method takes them. Raises `RefusedCall`."""
        try:
            self.signature.bind(**arguments)
            return {one: from_json(self.hints[one], value, one) for one, value in arguments.items()}
        except (TypeError, MalformedValue) as error:
            raise _unfit(name, error) from error


@cache
def methods(protocol: Any) -> Mapping[str, OperationForm]:
    """Return the public methods of `protocol` by name, those that it inherits included."""
    found = {}
    for name in dir(protocol):
        function = getattr(protocol, name)
        if name.startswith("_") or not inspect.isfunction(function):
            continue
        signature = inspect.signature(function)
        _, *parameters = signature.parameters.values()  # without self
        found[name] = OperationForm(
            signature.replace(parameters=parameters), typing.get_type_hints(function)
        )
    return found


class _Remote:
    """Has the grader do what a Protocol's methods say."""

    def __init__(self, protocol: Any, group: str, caller: Caller) -> None:
        self._methods = methods(protocol)
        self._group = group
        self._caller = caller

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = self._methods.get(name)
        if method is None:
            raise AttributeError(name)

        def call(*given: Any, **named: Any) -> Any:
            arguments = method.signature.bind(*given, **named).arguments
            called = f"{self._group}.{name}"
            answer = self._caller(called, **to_json(arguments))
            return from_json(method.hints["return"], answer, f"the answer to {called}")

        return call


def remote(protocol: Any, group: str, caller: Caller) -> Any:
    """Return an object with the methods of `protocol` that the grader does, called by `caller`.

    They raise `Mismatch` and `PlatformFault` as `Channel.call` does.
    """
    return _Remote(protocol, group, caller)
