"""All of a RabbitMQ server that outlives a run's virtual hosts and users, to be compared.

What a run has used goes with its virtual hosts. What is compared then tells whether an app has had
rights that it should not have, and whether anything of it is left. The server tells of its settings
every five seconds: what changed them a moment ago is seen by the next look.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from grader.services.rabbitmq.admin import AdminRequest
from grader.services.rabbitmq.administered import AdministeredRabbit

OWN_FILES = ("/var/lib/grader-rabbitmq", "/run", "/var/run", "/proc", "/tmp")  # noqa: S108
"""Where the server's data is, which is compared as such, and what the engine makes."""
OWN_FOLDERS = frozenset({"/var", "/var/lib"})
"""Folders that change with those."""
OF_NODES = (
    "name", "running", "type", "mem_limit", "disk_free_limit", "enabled_plugins", "config_files",
    "exchange_types", "auth_mechanisms", "rates_mode", "being_drained",
)  # fmt: skip
OF_THE_WHOLE = ("cluster_name", "exchange_types", "listeners", "rabbitmq_version")


def _whole(answer: Any) -> Any:
    return answer


def _chosen(*names: str) -> Callable[[Any], Any]:
    """Return what keeps of one object, or of each of a list, what has one of `names`."""

    def kept(answer: Any) -> Any:
        if isinstance(answer, list):
            return [kept(one) for one in answer]
        return {name: answer.get(name) for name in names} if isinstance(answer, dict) else answer

    return kept


@dataclass(frozen=True, kw_only=True)
class BrokerPart:
    """One part of the state: where it is found, and what counts of the answers."""

    paths: tuple[str, ...]
    counts: Callable[[Any], Any] = _whole


PARTS = {
    "accounts": BrokerPart(paths=("users", "user-limits")),
    "virtual hosts": BrokerPart(paths=("vhosts",), counts=_chosen("name", "tags")),
    "permissions": BrokerPart(paths=("permissions", "topic-permissions")),
    "limits": BrokerPart(paths=("vhost-limits",)),
    "policies": BrokerPart(paths=("policies", "operator-policies")),
    "parameters": BrokerPart(paths=("parameters", "global-parameters")),
    "exchanges": BrokerPart(paths=("exchanges?disable_stats=true",)),
    "queues": BrokerPart(paths=("queues?disable_stats=true",)),
    "bindings": BrokerPart(paths=("bindings",)),
    "feature flags": BrokerPart(paths=("feature-flags",), counts=_chosen("name", "state")),
    "settings and plugins": BrokerPart(paths=("nodes",), counts=_chosen(*OF_NODES)),
    "alarms": BrokerPart(paths=("health/checks/alarms",), counts=_chosen("status")),
    "doors": BrokerPart(paths=("overview",), counts=_chosen(*OF_THE_WHOLE)),
}
"""For each part of the state, by what it is called, where the administrator finds it."""
ANSWERED = (200, 204, 503)
"""How the administrator is answered: 503 tells of an alarm."""
SESSIONS = AdminRequest(method="SESSIONS", path="")
"""What the script in the container answers with the number of open connections."""
SESSIONS_PART = "sessions"
FILES = "files"
"""What the part is called that the engine tells: files outside of the server's own folder."""


@dataclass(frozen=True)
class BrokerState:
    """What each part of a server came to."""

    parts: dict[str, str]


def sessions(server: AdministeredRabbit) -> int:
    """Return how many connections it has, whoever's and logged in or not.

    Raises `PlatformError`.
    """
    (found,) = server.ask([SESSIONS])
    return int(found)


def state(server: AdministeredRabbit) -> BrokerState:
    """Return the state of a server. Raises `PlatformError`."""
    paths = [path for one in PARTS.values() for path in one.paths]
    requests = [AdminRequest(method="GET", path=one, fine=ANSWERED) for one in paths]
    answers = iter(server.ask([*requests, SESSIONS]))
    parts = {
        what: _text([one.counts(next(answers)) for _ in one.paths]) for what, one in PARTS.items()
    }
    changed = foreign(server.changed_files())
    return BrokerState({**parts, SESSIONS_PART: _text(next(answers)), FILES: _text(changed)})


def is_known(server: AdministeredRabbit) -> bool:
    """Return whether it tells its limits yet.

    Raises `PlatformError`.
    """
    (nodes,) = server.get("nodes")
    return bool(nodes) and all(one.get("mem_limit") is not None for one in nodes)


def foreign(paths: Collection[str]) -> list[str]:
    """Return those of the changed paths of a container that are not where the server writes."""
    return sorted(one for one in paths if not one.startswith(OWN_FILES) and one not in OWN_FOLDERS)


def difference(before: BrokerState, after: BrokerState) -> str:
    """Return what parts of `after` differ, and no value; empty where none does."""
    return ", ".join(what for what, found in after.parts.items() if before.parts[what] != found)


def _text(value: Any) -> str:
    """Return a value as text, lists sorted: the server lists things in any order."""
    return json.dumps(_ordered(value), sort_keys=True)


def _ordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _ordered(one) for name, one in value.items()}
    if isinstance(value, list):
        return sorted(
            (_ordered(one) for one in value), key=lambda one: json.dumps(one, sort_keys=True)
        )
    return value
