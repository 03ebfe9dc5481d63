"""The commands that a Redis server gets while a suite looks, as its MONITOR tells them."""

from __future__ import annotations

import re
import secrets
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from grader.errors import PlatformError
from grader.services.base import OutOfTime
from grader.services.redis.connection import RedisAdmin, translated_error

if TYPE_CHECKING:
    from grader.deadline.redis import RedisConnection

MOST_COMMANDS = 10_000
MOST_BYTES = 8 * 1024 * 1024
"""Commands of one block that are noted, and the bytes of their words together."""
SHOWN = 1000
"""Characters of each word that are noted."""
BLOCK_SECONDS = 120.0
"""How long commands are noted at most."""
LAST_SECONDS = 3.0
"""How long it may take until the last command of a block was read."""
LINE = re.compile(r"(?P<time>[\d.]+) \[(?P<database>\d+) (?P<who>\S+)\] (?P<words>.*)", re.DOTALL)
WORD = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
ESCAPED = re.compile(r"\\(x[0-9a-f]{2}|.)", re.DOTALL)
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "a": "\a", "b": "\b"}
SESSION = {"AUTH", "HELLO"}
"""Commands of a log-in, which are not noted."""


@dataclass(frozen=True, kw_only=True)
class MonitoredCommand:
    """A command that a server has got."""

    words: tuple[str, ...]
    who: str
    """The address that it came from; `lua` where a script has run it."""
    database: int


def command_in(line: str) -> MonitoredCommand | None:
    """Return the command that a line of MONITOR tells; None where it tells none."""
    found = LINE.fullmatch(line)
    if found is None:
        return None
    words = tuple(_plain(one) for one in WORD.findall(found["words"]))
    if not words:
        return None
    return MonitoredCommand(words=words, who=found["who"], database=int(found["database"]))


def _plain(word: str) -> str:
    """Return a word as it was sent; bytes that are no UTF-8 become U+FFFD."""
    raw = ESCAPED.sub(_unescaped, word).encode("latin-1", "replace")
    return raw.decode("utf-8", "replace")[:SHOWN]


def _unescaped(found: re.Match[str]) -> str:
    kind = found[1]
    return chr(int(kind[1:], 16)) if len(kind) > 1 else ESCAPES.get(kind, kind)


class CommandMonitor:
    """Notes what a server gets from `begin` to `end`; each raises `PlatformError`."""

    def __init__(self, admin: RedisAdmin) -> None:
        self._admin = admin
        self._connection: RedisConnection | None = None
        self._reader: threading.Thread | None = None
        self._mark = ""
        self._lines: list[str] = []
        self._complete = False

    def begin(self) -> None:
        """Note from now on."""
        from grader.deadline.redis import RedisError, ran_out

        self.close()
        self._lines, self._mark, self._complete = [], secrets.token_hex(16), False
        try:
            self._connection = self._admin.open()
            self._connection.ask("MONITOR")
        except RedisError as error:
            self.close()
            raise translated_error(error, late=ran_out(error)) from error
        self._reader = threading.Thread(target=self._read, name="monitor", daemon=True)
        self._reader.start()

    def end(self) -> dict[str, Any]:
        """Return `commands` (words, database and whether a script ran it), and `complete`."""
        if self._reader is None:
            msg = "No commands are being noted; begin first."
            raise PlatformError(msg)
        try:
            ours = _host(self._admin.ask("CLIENT", "INFO").decode("utf-8", "replace"))
            self._admin.ask("ECHO", self._mark)
            self._reader.join(LAST_SECONDS)
            if self._reader.is_alive():
                msg = f"Redis did not tell its last command in {LAST_SECONDS:.0f} s."
                raise OutOfTime(msg)
        finally:
            self.close()
        commands = [one for one in map(command_in, self._lines) if one]
        kept = [one for one in commands if _is_of_the_app(one, ours)]
        return {
            "commands": [
                {"words": one.words, "database": one.database, "script": one.who == "lua"}
                for one in kept
            ],
            "complete": self._complete,
        }

    def close(self) -> None:
        """Note no more."""
        connection, self._connection = self._connection, None
        reader, self._reader = self._reader, None
        if connection:
            connection.close()
        if reader and reader is not threading.current_thread():
            reader.join(LAST_SECONDS)

    def _read(self) -> None:
        """Read lines until the mark comes, the connection ends, or a bound is met."""
        from grader.deadline.redis import RedisError

        connection, room = self._connection, MOST_BYTES
        end = time.monotonic() + BLOCK_SECONDS
        assert connection is not None
        try:
            while time.monotonic() < end:
                # each byte as one character: what is no UTF-8 is written with escapes
                line = connection.next_answer(end - time.monotonic()).decode("latin-1")
                if self._mark in line:
                    self._complete = True
                    return
                room -= len(line)
                if len(self._lines) >= MOST_COMMANDS or room < 0:
                    return
                self._lines.append(line)
        except (RedisError, OSError, AttributeError):
            return  # it was closed, or the server has ended


def _host(client: str) -> str:
    """Return the address in what a server says of a connection, without the port."""
    found = re.search(r"(?:^| )addr=([^ ]{1,100}):\d+", client)
    return found[1] if found else ""


def _is_of_the_app(command: MonitoredCommand, ours: str) -> bool:
    """Return whether a command came neither from the grader nor as a part of a log-in."""
    if command.words[0].upper() in SESSION:
        return False
    return command.who == "lua" or command.who.rpartition(":")[0] != ours
