"""Making and removing the users of a run on a Redis server."""

from __future__ import annotations

from grader.services.redis.access import RedisUser, draw_writer
from grader.services.redis.administered import AdministeredRedis

SAVE = ("ACL", "SAVE")
"""Keeps the users in the server's file of accounts: they outlast a restart."""


def create(server: AdministeredRedis, *users: RedisUser) -> None:
    """Make `users`. Raises `PlatformError`."""
    server.admin.ask_each([*(one.command for one in users), SAVE])


def remove_all(server: AdministeredRedis) -> None:
    """Remove every user of the run; their sessions end with them. Raises `PlatformError`."""
    access = server.access
    users = [access.app, access.reader, *(one for one, _ in server.guest_servers.users)]
    users += [server.writer] if server.writer else []
    server.admin.ask_each([("ACL", "DELUSER", *(one.name for one in users)), SAVE])


def admit_writer(server: AdministeredRedis) -> RedisUser:
    """Return the grader's user that may change keys; make it if need be.

    Raises `PlatformError`.
    """
    if server.writer is None:
        writer = draw_writer()
        create(server, writer)
        server.writer = writer
    return server.writer
