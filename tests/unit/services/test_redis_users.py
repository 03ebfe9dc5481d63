"""The users of a run on a Redis server: made, kept over a restart, and removed to the last."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from grader.services.redis.access import GuestServers, RedisAccess, draw_app
from grader.services.redis.users import SAVE, admit_writer, create, remove_all


class FakeAdmin:
    """Notes what is asked together."""

    def __init__(self) -> None:
        self.asked: list[list[tuple[str, ...]]] = []

    def ask_each(self, commands: list[tuple[str, ...]]) -> list[str]:
        self.asked.append(commands)
        return ["OK"] * len(commands)


def server() -> Any:
    return SimpleNamespace(
        admin=FakeAdmin(), access=RedisAccess.draw(), guest_servers=GuestServers(), writer=None
    )


def test_users_are_made_and_kept_in_one_go() -> None:
    """A restart between the two would lose them."""
    one = server()
    access = one.access
    create(one, access.app, access.reader)
    assert one.admin.asked == [[access.app.command, access.reader.command, SAVE]]


def test_the_writer_is_made_once() -> None:
    one = server()
    writer = admit_writer(one)
    assert admit_writer(one) is writer
    assert one.writer is writer
    assert one.admin.asked == [[writer.command, SAVE]]


def test_no_user_of_the_run_is_left() -> None:
    """The app's, the grader's two, and those of apps alongside it."""
    one = server()
    guest = draw_app("guest")
    one.guest_servers.users = ((guest, 6380),)
    writer = admit_writer(one)
    remove_all(one)
    *_, ((first, second, *names), saved) = one.admin.asked
    assert (first, second, saved) == ("ACL", "DELUSER", SAVE)
    assert set(names) == {one.access.app.name, one.access.reader.name, guest.name, writer.name}
