"""What `contract.*` and `persist.*` ask of an app, tried out operation by operation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import fastjsonschema
import yaml

from grader.exam.client import Client
from grader.exam.contract.document import METHODS, Operation, Schema, read
from grader.exam.contract.values import bad_bodies, good, samples
from grader.exam.draw import Draw
from grader.exam.reply import Reply

UNKNOWN_ID = "2147483600"
"""An id that no app has given out, and that fits a signed integer of 32 bits."""
TRACES = ("Traceback (most recent call last)", "werkzeug.debug", 'File "/')


@dataclass(frozen=True, kw_only=True)
class Created:
    """A resource that was made through the app."""

    path: str
    """Where it is read."""
    sent: Mapping[str, Any]
    """The JSON that it was made of."""
    body: Mapping[str, Any]
    """What reading it answered."""

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts that were sent: what must be found in the database."""
        return tuple(value for value in self.sent.values() if isinstance(value, str))


def _free_flags(schema: Schema) -> set[str]:
    """Return the properties of an object that may be true as well as false."""
    return {
        name
        for name, one in schema.get("properties", {}).items()
        if one.get("type") == "boolean" and not {"const", "enum"} & one.keys()
    }


class Contract:
    """A challenge's contract, bound to one app."""

    def __init__(
        self,
        operations: tuple[Operation, ...],
        app: Client,
        draw: Draw,
        secrets: Mapping[str, str] | None = None,
        document: Mapping[str, Any] | None = None,
    ) -> None:
        """`secrets` are the injected values, by variable name: tokens are taken from them."""
        self.operations = operations
        """Those of openapi.yml in its order, without those that are `x-suite-only`."""
        self.document = dict(document or {})
        """The OpenAPI document that they are from."""
        self._app = app
        self._draw = draw
        self._secrets = secrets or {}
        self._validators: dict[tuple[str, int], Any] = {}

    @classmethod
    def read(
        cls, path: Path, app: Client, draw: Draw, secrets: Mapping[str, str] | None = None
    ) -> Contract:
        """Return the contract in the OpenAPI document at `path`; the rest as for the class."""
        document = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
        return cls(read(path), app, draw, secrets, document)

    @cached_property
    def paths(self) -> dict[str, tuple[Operation, ...]]:
        """Each path to its operations."""
        names = dict.fromkeys(operation.path for operation in self.operations)
        return {name: tuple(one for one in self.operations if one.path == name) for name in names}

    # -- contract.routes -------------------------------------------------------------------

    def check_route(self, operation: Operation) -> None:
        """Good input gets the declared success, of the declared type and form."""
        path = self._existing(operation)
        reply = self.send(operation, path)
        if reply.status in {404, 405, 501}:
            reply.fail(f"{operation.name} is not there: it answered {reply.status}.")
        good_ones = [status for status in operation.responses if status < 400]
        if operation.responses:  # none where the contract declares a `default` alone
            reply.expect(*(good_ones or operation.responses))
        self._conforms(operation, reply)

    # -- contract.methods ------------------------------------------------------------------

    def check_methods(self, path: str) -> None:
        """Methods that are not declared answer 405 and say in Allow which are."""
        operations = self.paths[path]
        declared = {operation.method for operation in operations} | operations[0].siblings
        target = self._existing(operations[0])
        # with the token: whether 401 or 405 comes first without it is up to the app
        token = next((self._token(one) for one in operations if one.token), {})
        for method in sorted({name.upper() for name in METHODS} - declared):
            body = {"title": self._draw.sentence()} if method in {"POST", "PUT", "PATCH"} else None
            reply = self._app.request(method, target, json=body, headers=token)
            if reply.status != 405:
                reply.fail(
                    f"{method} {path} is not declared; it should answer 405, not {reply.status}."
                )
            allowed = {name.strip().upper() for name in reply.headers.get("Allow", "").split(",")}
            if not declared <= allowed:
                reply.fail(
                    f"The 405 of {path} should have an Allow header with {_names(declared)}."
                )

    # -- contract.errors -------------------------------------------------------------------

    def check_bad_bodies(self, operation: Operation) -> None:
        """Each body that the contract forbids gets a declared 4xx of the declared form."""
        assert operation.body is not None
        target = self._existing(operation)
        for bad in bad_bodies(operation.body, self._draw):
            typed = {"Content-Type": "application/json"} if bad.raw is not None else {}
            reply = self._app.request(
                operation.method, target, json=bad.json, body=bad.raw,
                headers=typed | self._token(operation),
            )  # fmt: skip
            self._is_declared_error(operation, reply, f"with {bad.what}")

    def check_unknown_id(self, operation: Operation) -> None:
        """Check that an id that does not exist gets a 404 of the declared form."""
        reply = self.send(operation, _fill(operation, UNKNOWN_ID))
        if reply.status != 404:
            reply.fail(f"{operation.name} of an unknown id should answer 404, not {reply.status}.")
        self._conforms(operation, reply)

    def _is_declared_error(self, operation: Operation, reply: Reply, when: str) -> None:
        declared = [status for status in operation.responses if 400 <= status < 500]
        if reply.status not in declared:
            wanted = " or ".join(map(str, declared))
            reply.fail(f"{operation.name} {when} should answer {wanted}, not {reply.status}.")
        self._conforms(operation, reply)

    # -- persist.* -------------------------------------------------------------------------

    def create(self) -> Created:
        """Make a resource by the first POST that has a path to read what it made.

        Any 2xx will do: a wrong status costs `contract.routes`, and not what rests on a resource.
        """
        operation, _ = self._maker()
        return self._create(good(operation.body or {}, self._draw))

    def create_each(self) -> list[Created]:
        """Make one, and where it holds a yes or a no that is free a second one with the other."""
        first = self.create()
        operation, _ = self._maker()
        free = _free_flags(operation.body or {})
        flags = {name: not on for name, on in first.sent.items() if name in free}
        if not flags:
            return [first]
        return [first, self._create(good(operation.body or {}, self._draw) | flags)]

    def _create(self, body: dict[str, Any]) -> Created:
        operation, reading = self._maker()
        token = self._token(operation)
        reply = self._app.request("POST", operation.path, json=body, headers=token)
        if not 200 <= reply.status < 300:
            reply.fail(f"{operation.name} takes this input; it should not answer {reply.status}.")
        path = self._made_at(reply, reading)
        return Created(path=path, sent=body, body=self._app.get(path).expect(200).json(dict))

    @property
    def creates(self) -> bool:
        """Whether the contract has what `create` needs."""
        try:
            return bool(self._maker())
        except LookupError:
            return False

    def check_kept(self, made: Created, after: str, advice: str = "") -> None:
        """Check that what was made is still answered as it was, `after` something.

        `advice` is for an app that fails instead: what it may have failed over.
        """
        reply = self._app.get(made.path)
        if reply.status >= 500:
            reply.fail(
                f"{after} the app fails where it is asked for what had been stored: it answered "
                f"{reply.status}.{advice and f' {advice}'}"
            )
        if reply.status != 200:
            reply.fail(f"{after} what had been stored is gone: it answered {reply.status}.")
        if reply.json(dict) != made.body:
            reply.fail(f"{after} it answers something else than before.")

    # -- contract.fuzz ---------------------------------------------------------------------

    def check_answer(self, operation: Operation, reply: Reply) -> None:
        """Any answer: no stack trace, and a success is as declared; errors have other criteria."""
        if any(trace in reply.text for trace in TRACES):
            reply.fail(f"{operation.name} shows a stack trace.")
        if reply.status < 300:
            self._conforms(operation, reply)

    # -- the rest --------------------------------------------------------------------------

    def send(self, operation: Operation, path: str) -> Reply:
        """One request of `operation` with good input, and with the token where it asks for one."""
        body = None if operation.body is None else good(operation.body, self._draw)
        form = None if operation.form is None else good(operation.form, self._draw)
        return self._app.request(
            operation.method, path, json=body, data=form, headers=self._token(operation)
        )

    def _token(self, operation: Operation) -> dict[str, str]:
        """Return the header with the token that `operation` asks for.

        Empty where it asks for none.
        """
        if not operation.token:
            return {}
        return {"Authorization": f"Bearer {self._secrets[operation.token]}"}

    def _existing(self, operation: Operation) -> str:
        """Return the path of `operation`, filled in so that it exists.

        The id of a resource is that of one made for the purpose; any other parameter is the
        document's example, or drawn from its schema.
        """
        if not self._is_resource(operation):
            return operation.filled(samples(operation.samples, self._draw))
        made = self.create()
        return operation.filled({operation.parameters[0]: unquote(made.path.rsplit("/", 1)[-1])})

    def _is_resource(self, operation: Operation) -> bool:
        """Return whether its path leads to what `create` makes."""
        return self.creates and operation.path.startswith(f"{self._maker()[0].path}/{{")

    def _maker(self) -> tuple[Operation, Operation]:
        for operation in self.operations:
            for reading in self.operations:
                one = reading.method == "GET" and len(reading.parameters) == 1
                if (
                    operation.method == "POST"
                    and operation.form is None  # a form leads to a page, not to what it made
                    and one
                    and reading.path.startswith(f"{operation.path}/")
                ):
                    return operation, reading
        msg = "the contract declares no POST with a GET /…/{id}, which this criterion needs"
        raise LookupError(msg)

    def _made_at(self, reply: Reply, reading: Operation) -> str:
        """Return where the new resource is read: by the id in the answer, else by Location."""
        body = reply.json(dict)
        name = reading.parameters[0]
        identity = body.get(name, body.get("id"))
        if isinstance(identity, int | str) and not isinstance(identity, bool) and str(identity):
            return _fill(reading, str(identity))
        location = reply.headers.get("Location", "")
        if not location:
            reply.fail("The answer names neither an id nor a Location, so it cannot be read again.")
        return "/" + location.split("://", 1)[-1].split("/", 1)[-1]

    def _conforms(self, operation: Operation, reply: Reply) -> None:
        """Check that the answer has no stack trace, and the declared type and form."""
        if any(trace in reply.text for trace in TRACES):
            reply.fail(f"{operation.name} shows a stack trace.")
        schema = operation.responses.get(reply.status)
        if schema is None:
            return
        value = reply.json()
        try:
            self._validator(operation, reply.status, schema)(value)
        except fastjsonschema.JsonSchemaException as error:
            said = str(error).replace("data", "the answer", 1)
            reply.fail(
                f"The body of {operation.name} ({reply.status}) breaks the contract: {said}."
            )

    def _validator(self, operation: Operation, status: int, schema: Schema) -> Any:
        key = (operation.name, status)
        if key not in self._validators:
            self._validators[key] = fastjsonschema.compile(dict(schema), use_default=False)
        return self._validators[key]


def _fill(operation: Operation, identity: str) -> str:
    return operation.filled(dict.fromkeys(operation.parameters, identity))


def _names(methods: set[str]) -> str:
    return ", ".join(sorted(methods))
