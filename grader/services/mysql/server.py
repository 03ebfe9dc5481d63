"""A MySQL server for one run, through testcontainers, from a pre-initialised image.

The stock `MySqlContainer` publishes a port, waits for two "ready" lines and polls once a second.
Ours has no published port (the gateway leads there), and is ready when it answers a query.
"""

from __future__ import annotations

import re
import secrets
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from grader.deadline import dial
from grader.errors import Cancelled, PlatformError
from grader.sandbox.engine import Engine, translated
from grader.sandbox.labels import DATABASE
from grader.services.base import (
    Account,
    Address,
    Hide,
    NotAnswering,
    Operations,
    Refusal,
    Reusable,
    Server,
    ServerEnded,
    Tenant,
)
from grader.text import last_lines

ALIAS = "mysql"
"""The server's name on its network."""
PORT = 3306
ATTEMPT = 2.0
"""Seconds that one attempt to connect may take, greeting and log-in included."""
POLL = 0.03
"""Seconds between two attempts to connect."""
EARLIEST = 0.3
"""Seconds that no server needs less than to start."""
FIRST_POLL = 0.05
"""Seconds between two attempts until then."""
STATE_POLL = 0.2
"""Seconds between two looks at whether the server still runs."""
READY_SECONDS = 60.0
GONE_POLL = 0.01
"""Seconds between two looks at whether a killed server is gone."""
GONE_SECONDS = 10.0
END_SECONDS = 30
"""Seconds that the engine may take to end a container that it has killed."""
KEPT_LINES = 100_000
"""More than the engine keeps of its log, which is bounded in bytes."""
MEMORY = 1024 * 1024 * 1024
TOO_MANY = 1040
"""MySQL's error for a server that has all the connections that it takes."""
REFUSED = re.compile(
    r"Access denied for user '(?P<user>.{0,400})'@'(?!localhost|127\.|::1)(?P<host>[^']*)' "
    r"\(using password: (?P<given>\w+)"
)
"""A log-in from elsewhere that failed, in MySQL's log."""


@dataclass(frozen=True, kw_only=True)
class MySqlAccess:
    """Random names and passwords that exist for one run only."""

    database: str
    user: str
    password: str
    root_password: str
    admin: str = "root"
    """The server's administrator, with `root_password`: for what touches no student's object."""
    reader: Account | None = None
    """The grader's own account for this run, which may only read the schema."""

    @classmethod
    def draw(cls) -> MySqlAccess:
        """Return new ones. Not from the seed: nobody may foresee a password."""
        return cls(
            database=f"exam_{secrets.token_hex(4)}",
            user=f"student_{secrets.token_hex(4)}",
            password=secrets.token_urlsafe(18),
            root_password=secrets.token_urlsafe(24),
        )


class MySqlServer(Server):
    """A MySQL server in a container, whoever made that."""

    title = "MySQL"
    own = False
    """Whether the submission brought it itself."""

    def __init__(self, engine: Engine, access: MySqlAccess) -> None:
        self._engine = engine
        self._api = engine.client.api
        self.access = access
        self.guest_access: tuple[MySqlAccess, ...] = ()
        """What apps alongside the examined one have of it."""
        self.writer: Account | None = None
        """The grader's account that may also change rows of the run's schema, once one is made."""
        self._before = frozenset[int]()
        """Hashes of the lines of its log that were there before this run."""
        self._address = ("", 0)

    def begin(self, access: MySqlAccess) -> None:
        """From now on it is another run's, with `access`: what it has logged so far is not told."""
        self._before = frozenset(map(hash, self._lines(KEPT_LINES)))
        self.access = access
        self.guest_access = ()
        self.writer = None

    @property
    def tenant(self) -> Tenant:
        """The run's database and account."""
        return _tenant(self.access)

    @property
    def guests(self) -> tuple[Tenant, ...]:  # type: ignore[override]
        """What apps alongside the examined one have of it."""
        return tuple(_tenant(one) for one in self.guest_access)

    def secrets(self) -> dict[str, str]:
        """Return its passwords by names."""
        access = self.access
        found = {"DB_PASSWORD": access.password, "MYSQL_ROOT_PASSWORD": access.root_password}
        return found | ({"READER_PASSWORD": access.reader.password} if access.reader else {})

    def told(self, address: Address) -> dict[str, Any]:
        """Return what the suite's fixture is given: address, account, schema, the app's account."""
        access = self.access
        used = access.reader or Account(user=access.admin, password=access.root_password)
        return {
            "host": address[0], "port": address[1], "user": used.user, "password": used.password,
            "database": access.database, "account": access.user, "own": self.own,
        }  # fmt: skip

    def refusals(self) -> tuple[Refusal, ...]:
        """Return the log-ins that it has refused in this run, its own container's left out."""
        return refusals_in(self.entries())

    def prepare(self, address: Address) -> None:
        """Make the grader's reading account, and bound the app's connections."""
        from grader.services.mysql.accounts import admit_reader

        admit_reader(self, address)

    def admit_guest(self, address: Address) -> Tenant:
        """Make one more schema and account, for an app alongside the examined one."""
        from grader.services.mysql.accounts import admit_guest

        return _tenant(admit_guest(self, address))

    def operations(self, address: Address, hide: Hide) -> Operations:
        """Return what a suite may ask for beyond stop, start and restart, by name."""
        from grader.services.mysql.operations import operations_of

        return operations_of(self, address, hide)

    def notes(self, address: Address) -> tuple[str, ...]:
        """Return what its schema holds alongside tables, as none of it counts as data."""
        from grader.services.mysql.observe import noted_objects

        return noted_objects(self, address, self.access.database)

    def reusable(self, address: Address) -> Reusable:
        """Return what lends it to one run after another."""
        from grader.services.mysql.reuse import ReusedServer

        return ReusedServer(self, address)

    def await_ready(
        self, address: tuple[str, int], cancel: threading.Event, within: float = READY_SECONDS
    ) -> None:
        """Wait until it answers a query at `address`, which leads to it, for `within` seconds.

        From then on it is looked for there.

        Raises `NotAnswering` with its last log lines where it does not, `ServerEnded` where its
        process is gone, `Cancelled`.
        """
        self._address = address
        end = time.monotonic() + within
        failure, container = "it did not answer", self.id
        began = time.monotonic()
        look = began + STATE_POLL
        while time.monotonic() < end:
            if cancel.is_set():
                msg = "The run was cancelled while MySQL started."
                raise Cancelled(msg)
            answer = self._try(address)
            if answer is None:
                return
            failure = answer
            if time.monotonic() > look:
                look = time.monotonic() + STATE_POLL
                self._require_running(container)
            time.sleep(POLL if time.monotonic() - began > EARLIEST else FIRST_POLL)
        msg = f"MySQL did not become ready ({failure}). Its last lines:\n{self.log()}"
        raise NotAnswering(msg)

    def greet(self) -> None:
        """Connect once as the run's reading account, where `await_ready` has found the server.

        Raises `NotAnswering`.
        """
        if failure := self._try(self._address):
            msg = f"MySQL refused an account that the grader has just made: {failure}"
            raise NotAnswering(msg)

    def _require_running(self, container: str) -> None:
        with translated():
            state = self._api.inspect_container(container)["State"]
        if not state["Running"]:
            msg = f"MySQL ended with exit code {state['ExitCode']}. Its last lines:\n{self.log()}"
            raise ServerEnded(msg)

    def log(self, lines: int = 20) -> str:
        """Return the last `lines` lines that the server printed, to be shown."""
        return last_lines("\n".join(self.entries(lines)), lines)

    def entries(self, most: int = KEPT_LINES) -> list[str]:
        """Return the last `most` lines of this run as the server wrote them, to be searched.

        They hold what clients sent: cleaned or cut first, an account's name could hide the rest.
        """
        return [line for line in self._lines(most) if hash(line) not in self._before]

    def _lines(self, most: int) -> list[str]:
        with translated():
            raw = self._api.logs(self.id, tail=most)
        return raw.decode("utf-8", "replace").split("\n")  # the server writes no other line breaks

    def _try(self, address: tuple[str, int]) -> str | None:
        """None where it answers, else why not.

        It is asked as the account that the suite will use: the server then knows the password by
        its hash, and the suite's process need not load what encrypts one.
        """
        import pymysql

        from grader.deadline.mysql import open_mysql

        access = self.access
        known = access.reader or Account(user=access.admin, password=access.root_password)
        try:
            connection = open_mysql(
                address, login=ATTEMPT, statement=ATTEMPT,
                user=known.user, password=known.password,
            )  # fmt: skip
        except (pymysql.err.MySQLError, OSError) as error:
            # connections that the app holds say nothing about the server
            return None if error.args[:1] == (TOO_MANY,) else str(error)
        except Exception as error:  # noqa: BLE001 - the driver takes what comes for well-formed
            return f"what answers is no MySQL server: {error}"
        connection.close()
        return None

    def stop(self) -> None:
        """End the server at once (SIGKILL); what was committed stays.

        An orderly shutdown takes mysqld 1.6 s, and proves less: a crash keeps only what the
        transaction log holds.
        """
        from docker.errors import APIError

        container = self.id
        with translated():
            try:
                self._api.kill(container)
            except APIError as error:
                if error.status_code != 409:  # it has ended by itself already
                    raise
            self._api.wait(container, timeout=END_SECONDS)

    def start_again(self, address: tuple[str, int], cancel: threading.Event) -> None:
        """Start it after a stop and wait until it answers."""
        self._start_server()
        self.await_ready(address, cancel)

    def _start_server(self) -> None:
        with translated():
            self._api.start(self.id)


class MySql(MySqlServer):
    """A MySQL server on a run's network, made from an image through testcontainers."""

    def __init__(
        self,
        engine: Engine,
        image: str,
        access: MySqlAccess,
        *,
        network: str,
        labels: Mapping[str, str],
    ) -> None:
        super().__init__(engine, access)
        self._container = _container(image, access).with_env("GRADER_SIGNALS", "yes")
        self._container.with_kwargs(
            network=network,
            networking_config={network: self._api.create_endpoint_config(aliases=[ALIAS])},
            labels={**labels, DATABASE: "mysql"},
            mem_limit=MEMORY,
            memswap_limit=MEMORY,
            pids_limit=512,
            security_opt=["no-new-privileges"],
            log_config={"type": "json-file", "config": {"max-size": "2m", "max-file": "2"}},
        )

    @property
    def id(self) -> str:
        """The container's id, once it is started."""
        return str(self._container.get_container_id())

    def start(self) -> None:
        """Make the container and start it; `await_ready` tells when it answers."""
        with translated():
            self._container.start()

    def stop(self) -> None:
        """End the server's process at once (SIGKILL); its container stays, and what was committed.

        To start that again would take longer than the server's own start.
        """
        self._signal("SIGUSR1")
        end = time.monotonic() + GONE_SECONDS
        while self._greets():
            if time.monotonic() > end:
                msg = f"MySQL could not be killed. Its last lines:\n{self.log()}"
                raise PlatformError(msg)
            time.sleep(GONE_POLL)

    def _start_server(self) -> None:
        self._signal("SIGUSR2")

    def _signal(self, name: str) -> None:
        """Send what its entrypoint (`mysql-entrypoint.sh`) understands."""
        with translated():
            self._api.kill(self.id, name)

    def _greets(self) -> bool:
        """Return whether something at its address speaks first, as a MySQL server does."""
        try:
            with dial(self._address, ATTEMPT) as connection:
                return bool(connection.recv(1))
        except OSError:
            return False


def refusals_in(lines: Iterable[str]) -> tuple[Refusal, ...]:
    """Return the log-ins that the `lines` of a server's log say it has refused.

    Those of its own container are left out. What stands after an account's name is the server's: no
    client can choose it.
    """
    return tuple(
        Refusal(user=found["user"], host=found["host"], guessed=found["given"] == "YES", line=line)
        for line in lines
        for found in REFUSED.finditer(line)
    )


def _tenant(access: MySqlAccess) -> Tenant:
    return Tenant(
        user=access.user,
        values={
            "host": ALIAS, "port": str(PORT), "database": access.database, "user": access.user,
            "password": access.password,
        },
    )  # fmt: skip


def _container(image: str, access: MySqlAccess) -> Any:
    from testcontainers.community.mysql import MySqlContainer
    from testcontainers.core.config import testcontainers_config

    testcontainers_config.ryuk_disabled = True  # labels and our own reaper do its work

    class OurMySql(MySqlContainer):
        """Neither publishes a port nor waits for log lines."""

        def _configure(self) -> None:
            super()._configure()
            self.ports = {}

        def _connect(self) -> None:
            return None

    return OurMySql(
        image,
        username=access.user,
        password=access.password,
        root_password=access.root_password,
        dbname=access.database,
    )
