"""What a client of the mail server may say: bounds on lines, commands, bytes, and the time of all.

aiosmtpd asks its reader for line after line, and goes on for as long as there are some: this is
that reader. It gives each client its turn, and ends who says too much. It imports nothing of the
grader but what stands before it in the program.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NoReturn

from grader.services.double.admission import Pace

LONGEST_LINE = 64 * 1024
"""Bytes without an end of line; what is longer than SMTP allows is refused from 1001 bytes on."""
COMMANDS = 10_000
"""Commands in one conversation."""
MAIL_BYTES = 4 * 1024 * 1024
"""Bytes that are read of one mail, whether it is taken or too large."""
UNFINISHED_BYTES = 64 * 1024 * 1024
"""Bytes of memory that all mails take together that have begun and not ended."""
LINE_BYTES = 120
"""Bytes of memory that a line of such a mail takes besides its own."""
UNITS = 4000.0
"""Units of work that the clients of one host may ask for in a second."""
UNITS_AT_ONCE = 4000.0
COMMAND_UNITS = 1.0
"""What a command costs, and every sixteen bytes of it: addresses are slow to read."""
COMMAND_BYTES = 16
LINE_UNITS = 1 / 64
"""What a line of a mail costs."""
TURN_LINES = 32
"""Lines of a mail that are read in one turn; commands are read one by one."""


class WorkPace(Pace):
    """The work that the clients of one host may ask for together."""

    def __init__(self) -> None:
        super().__init__(UNITS, UNITS_AT_ONCE)


@dataclass
class Unfinished:
    """What all mails take together that have begun and not ended."""

    size: int = 0


class MeteredReader:
    """What one client says, until it has said too much."""

    def __init__(
        self, reader: asyncio.StreamReader, pace: WorkPace, unfinished: Unfinished,
        end: Callable[[str], None],
    ) -> None:  # fmt: skip
        """`end` ends the conversation with a sentence; the task that reads is cancelled then."""
        self._reader = reader
        self._pace = pace
        self._unfinished = unfinished
        self._end = end
        self._in_mail = False
        self._line = self._lines = self._commands = self._mail = self._held = 0

    @contextmanager
    def mail(self) -> Iterator[None]:
        """Take what is read within the block for a mail."""
        self._in_mail, self._mail = True, 0
        try:
            yield
        finally:
            self._in_mail = False
            self.hold(0)

    def hold(self, size: int) -> None:
        """Count `size` bytes for the mail that is read, in place of its lines."""
        self._unfinished.size += size - self._held
        self._held = size

    # -- what aiosmtpd asks of a reader --------------------------------------------------------

    async def readuntil(self, separator: bytes = b"\n") -> bytes:
        """Return a line, with what ends it."""
        line = await self._reader.readuntil(separator)
        self._line += len(line)
        await self._count(len(line))
        self._line = 0
        return line

    async def readline(self) -> bytes:
        """Return a line."""
        return await self.readuntil()

    async def read(self, most: int = -1) -> bytes:
        """Return a part of a line that is too long for one."""
        some = await self._reader.read(most)
        self._line += len(some)
        await self._count(len(some))
        return some

    # -- the bounds ----------------------------------------------------------------------------

    async def _count(self, size: int) -> None:
        if self._line > LONGEST_LINE:
            await self._give_up("The line is too long.")
        if self._in_mail:
            wait = await self._count_mail(size)
        else:
            self._commands += 1
            if self._commands > COMMANDS:
                await self._give_up("There are too many commands; connect again.")
            wait = self._pace.take(COMMAND_UNITS + size / COMMAND_BYTES)
        self._lines += 1
        if wait > 0 or not self._in_mail or self._lines % TURN_LINES == 0:
            await asyncio.sleep(wait)

    async def _count_mail(self, size: int) -> float:
        self._mail += size
        self.hold(self._held + size + LINE_BYTES)
        if self._mail > MAIL_BYTES:
            await self._give_up("The mail is too large.")
        if self._unfinished.size > UNFINISHED_BYTES:
            await self._give_up("There are too many mails at once.")
        return self._pace.take(LINE_UNITS)

    async def _give_up(self, said: str) -> NoReturn:
        self.hold(0)
        self._end(said)
        await asyncio.get_running_loop().create_future()  # until the lost connection cancels it
        raise AssertionError
