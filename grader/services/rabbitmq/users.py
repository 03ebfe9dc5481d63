"""Making and removing the virtual hosts and the users of a run on a RabbitMQ server."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Iterable, Iterator

from grader.services.rabbitmq.access import (
    MOST_QUEUES,
    QUEUE_BYTES,
    QUEUE_MESSAGES,
    RabbitAccess,
    RabbitUser,
    draw_writer,
)
from grader.services.rabbitmq.admin import AdminRequest, path_of
from grader.services.rabbitmq.administered import AdministeredRabbit

GONE = (204, 404)
"""How the removal of something is answered that may not be there."""
HASHING = "rabbit_password_hashing_sha256"


def password_hash(password: str, salt: bytes) -> str:
    """Return the hash of a password as RabbitMQ keeps it; `salt` has four bytes."""
    digest = hashlib.sha256(salt + password.encode()).digest()
    return base64.b64encode(salt + digest).decode()


def create(server: AdministeredRabbit, access: RabbitAccess) -> None:
    """Make a virtual host and its users. Raises `PlatformError`."""
    server.ask([*_vhost(access.vhost), *_users(access.vhost, access.users)])


def remove(
    server: AdministeredRabbit, accesses: Iterable[RabbitAccess], also: RabbitUser | None
) -> None:
    """Remove users, whose connections end with them, then all that is in their virtual hosts.

    Raises `PlatformError`.
    """
    gone = tuple(accesses)
    users = [user.name for one in gone for user in one.users] + ([also.name] if also else [])
    paths = [path_of("users", one) for one in users]
    paths += [path_of("vhosts", one.vhost) for one in gone]
    server.ask([AdminRequest(method="DELETE", path=one, fine=GONE) for one in paths])


def admit_writer(server: AdministeredRabbit) -> RabbitUser:
    """Return the grader's user that publishes and takes; make it if need be.

    Raises `PlatformError`.
    """
    if server.writer is None:
        writer = draw_writer()
        server.ask(_users(server.access.vhost, [writer]))
        server.writer = writer
    return server.writer


def _vhost(name: str) -> Iterator[AdminRequest]:
    """Yield what makes a virtual host that holds no more than it may."""
    bounds = {"max-length": QUEUE_MESSAGES, "max-length-bytes": QUEUE_BYTES}
    policy = {"pattern": ".*", "definition": bounds, "apply-to": "queues", "priority": 1}
    yield AdminRequest(method="PUT", path=path_of("vhosts", name), body={})
    yield AdminRequest(
        method="PUT", path=path_of("vhost-limits", name, "max-queues"), body={"value": MOST_QUEUES}
    )
    yield AdminRequest(method="PUT", path=path_of("operator-policies", name, "bounds"), body=policy)


def _users(vhost: str, users: Iterable[RabbitUser]) -> list[AdminRequest]:
    """Return what makes `users`, with their rights in `vhost`; no password stands there."""
    asked = list[AdminRequest]()
    for one in users:
        hashed = password_hash(one.password, secrets.token_bytes(4))
        account = {"password_hash": hashed, "hashing_algorithm": HASHING, "tags": ""}
        rights = {"configure": one.configure, "write": one.write, "read": one.read}
        asked += [
            AdminRequest(method="PUT", path=path_of("users", one.name), body=account),
            AdminRequest(method="PUT", path=path_of("permissions", vhost, one.name), body=rights),
        ]
        asked += [
            AdminRequest(
                method="PUT", path=path_of("user-limits", one.name, name), body={"value": most}
            )
            for name, most in one.limits
        ]
    return asked
