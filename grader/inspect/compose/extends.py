"""`extends` of a service of the same file: what it brings, put in its place."""

from __future__ import annotations

from typing import Any

from grader.inspect.compose.source import ComposeSource, show
from grader.yaml_nodes import MAX_NODES
from grader.yamldoc import Place

MAX_STEPS = 20
"""How many services may extend each other in a row."""
REPLACED = frozenset({"command", "entrypoint", "test"})
"""Lists of which the service's own takes the place of the other's."""
NAMED = frozenset({"environment", "args", "labels", "depends_on", "networks", "annotations"})
"""What may be a list or a mapping."""


def extend(source: ComposeSource) -> None:
    """Put into each service of the document what it extends within the file."""
    services = source.document.value.get("services")
    if isinstance(services, dict):
        extender = _Extender(source, services)
        for name in list(services):
            extender.extend(name, ())


def _base(service: Any) -> str | None:
    """Return the service that `service` extends, where that is one of this file."""
    value = service.get("extends") if isinstance(service, dict) else None
    if isinstance(value, dict) and "file" not in value:
        value = value.get("service")
    return value if isinstance(value, str) else None


class _Extender:
    def __init__(self, source: ComposeSource, services: dict[str, Any]) -> None:
        self._source = source
        self._lines = source.document.lines
        self._services = services
        self._moved = 0

    def extend(self, name: str, seen: tuple[str, ...]) -> Any:
        """Return the service `name` with what it extends, from now on in its place."""
        own = self._services[name]
        base = _base(own)
        if base is None or self._moved > MAX_NODES:
            return own
        place: Place = ("services", name, "extends")
        rest = {key: item for key, item in own.items() if key != "extends"}
        if base in (*seen, name) or len(seen) > MAX_STEPS:
            self._source.fault(place, "goes round in a circle; take one of them out.")
        elif not isinstance(self._services.get(base), dict):
            known = self._source.near(base, self._services)
            said = f"names the service {show(base)}, which is not in this file.{known}"
            self._source.fault(place, said)
        else:
            brought = self.extend(base, (*seen, name))
            rest = self._merge((brought, ("services", base)), (rest, place[:2]))
            if self._moved > MAX_NODES:
                self._source.fault(place, f"brings more than {MAX_NODES} values; shorten it.")
        self._services[name] = rest
        return rest

    def _merge(self, base: tuple[Any, Place], own: tuple[Any, Place]) -> Any:
        """`own` over `base`, each a value with its place; lines go with what is taken over."""
        (under, there), (over, here) = base, own
        if here[-1] in NAMED and isinstance(under, dict) != isinstance(over, dict):
            under, over = self._named(under, there), self._named(over, here)
        if isinstance(under, dict) and isinstance(over, dict):
            result = dict(over)
            for key, item in under.items():
                inner, outer = (*there, key), (*here, key)
                if outer in self._source.document.reset:
                    result.pop(key, None)
                elif outer in self._source.document.override:
                    continue
                elif over.get(key) is None:
                    result[key] = self._move(item, inner, outer)
                else:
                    result[key] = self._merge((item, inner), (over[key], outer))
            return result
        if isinstance(under, list) and isinstance(over, list) and here[-1] not in REPLACED:
            known = {repr(item) for item in under}
            new = [index for index, item in enumerate(over) if repr(item) not in known]
            for to, index in reversed(list(enumerate(new, len(under)))):
                self._move(over[index], (*here, index), (*here, to))
            for index, item in enumerate(under):
                self._move(item, (*there, index), (*here, index))
            return [*under, *(over[index] for index in new)]
        return over

    def _move(self, value: Any, old: Place, new: Place) -> Any:
        """`value`, whose lines are known at `new` as well from now on."""
        self._moved += 1
        if self._moved > MAX_NODES:
            return value
        self._lines[new] = self._source.line(old)
        items = value.items() if isinstance(value, dict) else ()
        for key, item in enumerate(value) if isinstance(value, list) else items:
            self._move(item, (*old, key), (*new, key))
        return value

    def _named(self, value: Any, place: Place) -> Any:
        """Return a list of `NAME=value` or of names as a mapping."""
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            return value
        result = {}
        for index, item in enumerate(value):
            name, equals, rest = item.partition("=")
            result[name] = rest if equals else None
            self._lines[*place, name] = self._source.line((*place, index))
        return result
