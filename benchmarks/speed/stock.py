"""Servers in the containers that testcontainers makes of the usual images.

What a suite asks of one, the grader's own classes do: they are the same servers, made and awaited
in another way.
"""

from __future__ import annotations

import secrets
from abc import abstractmethod
from typing import Any, ClassVar

from testcontainers.community.mysql import MySqlContainer
from testcontainers.community.postgres import PostgresContainer
from testcontainers.community.redis import RedisContainer
from testcontainers.core.network import Network

from grader.deadline.redis import RedisConnection, open_redis
from grader.errors import PlatformError
from grader.sandbox.engine import Engine
from grader.services.base import Account, Address, Hide, Operations, Tenant
from grader.services.container import AwaitedServer
from grader.services.mysql.access import MySqlAccess
from grader.services.mysql.server import MySqlServer
from grader.services.postgres.access import ADMIN, PostgresAccess
from grader.services.postgres.connection import connected, rows
from grader.services.postgres.server import PostgresServer
from grader.services.redis.access import RedisUser
from grader.services.redis.connection import SECONDS, RedisAdmin
from grader.services.redis.observe import CommandMonitor
from grader.services.redis.server import tenant_of

DEFAULT_USER = "default"
"""Redis's own user, who may do everything."""
POSTGRES_COMMAND = (
    "postgres", "-c", "shared_preload_libraries=pg_stat_statements", "-c", "log_connections=on",
    "-c", "log_line_prefix=%m/%p/%l %h %i ",
)  # fmt: skip
"""It counts statements and says who logs in, for suites that ask for that."""


class StockServer(AwaitedServer):
    """A server in such a container; `start` returns when testcontainers takes it for ready."""

    port: ClassVar[int]
    """Where it listens in its container."""
    _container: Any = None

    @abstractmethod
    def made(self, image: str) -> Any:
        """Return its container, not started yet."""

    @property
    def id(self) -> str:
        """The container's id, once it is started."""
        return str(self._container.get_container_id())

    def start(self, image: str, network: Network, name: str, port: int) -> None:
        """Start it on a network, called `name` there, and on a `port` of this machine.

        A fixed one: another is published when a container is started again.
        """
        made = self.made(image).with_network(network).with_network_aliases(name)
        self._container = made.with_bind_ports(self.port, port)
        self._container.start()

    def remove(self) -> None:
        """Remove its container."""
        if self._container is not None:
            self._container.stop()


class StockMySql(StockServer, MySqlServer):
    """A MySQL, with the database and the user that its image makes."""

    port = 3306

    def __init__(self, engine: Engine) -> None:
        MySqlServer.__init__(
            self,
            engine,
            MySqlAccess(
                database="exam", user="student", password=secrets.token_hex(12),
                root_password=secrets.token_hex(12),
            ),
        )  # fmt: skip

    def made(self, image: str) -> Any:
        """Return its container, not started yet."""
        access = self.access
        return MySqlContainer(
            image, username=access.user, password=access.password,
            root_password=access.root_password, dbname=access.database,
        )  # fmt: skip


class StockPostgres(StockServer, PostgresServer):
    """A PostgreSQL, with a database and a role that `prepare` makes."""

    port = 5432

    def __init__(self, engine: Engine) -> None:
        admin = Account(user=ADMIN, password=secrets.token_hex(12))
        PostgresServer.__init__(self, engine, admin, PostgresAccess.draw(reader=True))

    def made(self, image: str) -> Any:
        """Return its container, not started yet."""
        made = PostgresContainer(
            image, username=ADMIN, password=self.admin.password, dbname=ADMIN, driver=None
        )
        return made.with_command(list(POSTGRES_COMMAND))

    def prepare(self, address: Address) -> None:
        """Make what counts statements, and the run's database and roles."""
        with connected(self, address) as connection:
            rows(connection, "CREATE EXTENSION pg_stat_statements SCHEMA public")
        PostgresServer.prepare(self, address)


class DefaultUser(RedisAdmin):
    """What is asked of a Redis as its default user: the usual image makes no other."""

    def open(self, *, seconds: float = SECONDS) -> RedisConnection:
        """Open another connection, which is the caller's to close."""
        return open_redis(
            self._address, user=DEFAULT_USER, password=self.password, login=seconds,
            statement=seconds,
        )  # fmt: skip


class StockRedis(StockServer):
    """A Redis with one user for the app and for the suite."""

    title = "Redis"
    port = 6379

    def __init__(self, engine: Engine) -> None:
        AwaitedServer.__init__(self, engine)
        self.admin = DefaultUser(secrets.token_hex(12))

    def made(self, image: str) -> Any:
        """Return its container, not started yet."""
        return RedisContainer(image, password=self.admin.password)

    @property
    def tenant(self) -> Tenant:
        """Return what the app is told."""
        return tenant_of(RedisUser(name=DEFAULT_USER, password=self.admin.password, rules=()))

    def attempt(self, address: Address) -> str:
        """Send a PING; empty where it is answered, else why it is not."""
        self.admin.at(address)
        try:
            self.admin.ask("PING")
        except PlatformError as error:
            return str(error)
        return ""

    def told(self, address: Address) -> dict[str, Any]:
        """Return what the suite's fixture is given."""
        account = {"user": DEFAULT_USER, "password": self.admin.password}
        return {"host": address[0], "port": address[1], **account, "account": DEFAULT_USER}

    def operations(self, address: Address, hide: Hide) -> Operations:
        """Return what a suite may ask for beyond stop, start and restart, by name."""
        del hide
        self.admin.at(address)
        monitor = CommandMonitor(self.admin)
        account = {"user": DEFAULT_USER, "password": self.admin.password}
        return {
            "writer": lambda: account, "begin_monitor": monitor.begin, "end_monitor": monitor.end,
        }  # fmt: skip


STOCK: dict[str, type[StockMySql | StockPostgres | StockRedis]] = {
    "mysql": StockMySql, "postgres": StockPostgres, "redis": StockRedis,
}  # fmt: skip
"""The class for each service that has a usual image of testcontainers'."""
