"""The `db` fixture, whichever server stands behind it: what a suite can do, in one interface.

It reads with an account that may read the submission's database and nothing else, and changes rows
with another one, which is made when it is first asked for. What takes an administrator (restarts,
counters, rights) the grader's own process does.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from grader.exam.protocol import Caller
from grader.exam.service_fixture import ServiceFixture
from grader.exam.services.sql_limits import Clock


@dataclass
class Counter:
    """Statements that the server ran within a block."""

    count: int = 0
    """Filled in at the block's end."""


@dataclass
class Logins:
    """The accounts that were used within a block, over the network or not."""

    users: set[str] = field(default_factory=set)
    """Filled in at the block's end: names without their hosts."""


class SqlDatabase(ServiceFixture):
    """The submission's database; what is read is what any other connection sees.

    Only base tables count as what an app keeps: a view can show what is stored nowhere. MySQL and
    PostgreSQL have the same interface; the SQL that a suite writes is the server's own.
    """

    fixture = "db"

    def __init__(self, caller: Caller, told: dict[str, Any]) -> None:
        """`told` says how the grader's reader connects, and names the app's `account`."""
        super().__init__(caller, told)
        self._clock = Clock()

    def begin_test(self) -> None:
        """Forget what the test before has done, and how long its statements took."""
        super().begin_test()
        self._clock.begin_test()

    @property
    def waited(self) -> float:
        """Seconds that the database has taken to answer, so far."""
        return self._clock.waited

    @property
    @abstractmethod
    def name(self) -> str:
        """The name of the submission's database.

        The one that was made for it; where that is none, or is empty while another holds tables,
        the other.
        """

    @property
    def account(self) -> str:
        """The name of the app's account; empty where the submission makes it itself."""
        return str(self._told["account"])

    # -- reading ---------------------------------------------------------------------------

    @abstractmethod
    def rows(self, sql: str, args: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Run `sql` and return its rows, each a dict by column; `%s` stands for one of `args`.

        A statement that the server refuses (no such table, say) fails the criterion, and so does
        one that the student's tables hold up. Rows are changed with `write`; a statement that
        begins with another word than those that read is run as if by it.
        """

    def value(self, sql: str, args: Sequence[Any] = ()) -> Any:
        """Return the first column of the first row; None where there is no row."""
        found = self.rows(sql, args)
        return next(iter(found[0].values())) if found else None

    @abstractmethod
    def tables(self) -> list[str]:
        """Return the names of the submission's tables, sorted; views are none."""

    @abstractmethod
    def column(self, table: str, name: str) -> list[Any]:
        """Return every value of a column."""

    @abstractmethod
    def records(self, table: str) -> list[dict[str, Any]]:
        """Return every row of a table with all of its columns, those marked INVISIBLE as well."""

    @abstractmethod
    def find(self, value: str) -> list[tuple[str, str]]:
        """Return every `(table, column)` that holds exactly the text `value`, to the letter."""

    # -- changing --------------------------------------------------------------------------

    @abstractmethod
    def write(self, sql: str, args: Sequence[Any] = ()) -> int:
        """Change rows: INSERT, UPDATE, DELETE, REPLACE; nothing else is the grader's to change.

        Returns the number that a new row was given (AUTO_INCREMENT; with PostgreSQL, a serial or
        identity column), 0 where it was given none.
        """

    @contextmanager
    def restricted(self, *rights: str) -> Iterator[None]:
        """Leave the app's account no rights on its database but `rights` within the block.

        Such as `"SELECT", "INSERT"`. Not with Compose, where the account is the student's.
        """
        self._call("db.restrict", rights=list(rights))
        try:
            yield
        finally:
            self._call("db.restrict", rights=["ALL"])

    # -- the app's connections -------------------------------------------------------------

    def connections(self) -> int:
        """Return how many connections the app's account has now. Not with Compose."""
        return int(self._call("db.connections"))

    def disconnect(self) -> int:
        """End the connections that the app's account has now; return how many there were.

        As a server does with those that were idle for too long (`wait_timeout`): the app learns
        of it when it uses them next. Not with Compose.
        """
        return int(self._call("db.disconnect"))

    # -- watching --------------------------------------------------------------------------

    @contextmanager
    def queries(self) -> Iterator[Counter]:
        """Count the statements that the server runs within the block, ours left out.

        Those that begin and end transactions count, too. Not on a PostgreSQL of a Compose file.
        With PostgreSQL the criterion is lost where the app runs more than 10,000 different
        statements, and where the server ends within the block: counts are gone then.
        """
        counter = Counter()
        self._call("db.alone")
        self._call("db.begin_count")
        yield counter
        counter.count = int(self._call("db.end_count"))

    @contextmanager
    def logins(self) -> Iterator[Logins]:
        """Note which accounts log in within the block, the grader's own left out.

        Not on a PostgreSQL of a Compose file.
        """
        found = Logins()
        self._call("db.alone")
        self._call("db.begin_logins")
        try:
            yield found
        finally:
            users = self._call("db.end_logins")
        found.users = set(users)
