"""What runs of a batch share is as new for each of them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pymysql
import pytest

from grader.errors import PlatformError
from grader.model import Graded, ServiceSpec
from grader.run.environment.layout import Environment, EnvironmentSpec
from grader.run.environment.pool import MOST_READY, EnvironmentPool
from grader.run.environment.provision import EnvironmentBuilder
from grader.sandbox.engine import Engine
from grader.sandbox.images import tools_image
from grader.sandbox.labels import OWNER, RUN, owner, run_labels
from grader.services.mysql.access import MySqlAccess
from grader.services.mysql.accounts import admit_guest
from grader.services.mysql.server import PORT, MySqlServer
from grader.settings import Settings
from tests.docker.expectations import run

pytestmark = pytest.mark.alone

ROUTES = ((5000, "app:5000"), (PORT, f"mysql:{PORT}"))
PLAN = EnvironmentSpec(routes=ROUTES, services=(ServiceSpec(name="mysql", image="mysql:8.4"),))
HEALTHY = Path(__file__).parent.parent / "submissions" / "compose-healthy"


def mysql_of(place: Environment) -> MySqlServer:
    """The MySQL server that the environment has."""
    server = place.service("mysql").server
    assert isinstance(server, MySqlServer)
    return server


def connect(place: Environment, user: str, password: str) -> pymysql.Connection[Any]:
    host, port = place.address(PORT)
    return pymysql.connect(
        host=host, port=port, user=user, password=password, autocommit=True, ssl_disabled=True
    )


def access_of(place: Environment) -> MySqlAccess:
    return mysql_of(place).access


@contextmanager
def as_student(place: Environment) -> Iterator[Any]:
    access = access_of(place)
    with connect(place, access.user, access.password) as connection:
        connection.select_db(access.database)
        with connection.cursor() as cursor:
            yield cursor


@contextmanager
def as_root(place: Environment) -> Iterator[Any]:
    access = access_of(place)
    root = connect(place, access.admin, access.root_password)
    with root as connection, connection.cursor() as cursor:
        yield cursor


def logs_soon(place: Environment, text: str) -> None:
    """The engine copies what a server prints a moment after it was printed."""
    end = time.monotonic() + 10
    while text not in "\n".join(mysql_of(place).entries()):
        assert time.monotonic() < end, "\n".join(mysql_of(place).entries())
        time.sleep(0.02)


def test_a_place_is_used_again_and_holds_nothing_of_before(environments: EnvironmentPool) -> None:
    """No schema, no account, no line in the log, for one run after another; nor any of a guest."""
    places, students = [], list[MySqlAccess]()
    for _ in range(3):
        place = environments.take(PLAN)
        places.append(place.gateway.container)
        assert "Access denied" not in "\n".join(mysql_of(place).entries())
        with as_student(place) as cursor:
            cursor.execute("SHOW TABLES")
            assert cursor.fetchall() == ()
            cursor.execute("CREATE TABLE notes (text TEXT)")
            cursor.execute("SHOW DATABASES")
            assert not {one.database for one in students} & {name for (name,) in cursor.fetchall()}
        for old in students:
            with pytest.raises(pymysql.err.OperationalError, match="Access denied"):
                connect(place, old.user, old.password)
        with pytest.raises(pymysql.err.OperationalError, match="Access denied"):
            connect(place, access_of(place).user, "another password")
        logs_soon(place, "Access denied")
        said = "\n".join(mysql_of(place).entries())
        assert "buffer pool" not in said, "said at its start, before this run"
        guest = admit_guest(mysql_of(place), place.address(PORT))
        denied = pytest.raises(pymysql.err.OperationalError, match="Access denied")
        with as_student(place) as cursor, denied:
            cursor.execute(f"USE `{guest.database}`")
        students += [access_of(place), guest]
        environments.give_back(place, sound=True)
    assert len(set(places)) == 1


CHANGES = {
    "a variable": "SET GLOBAL max_connections = 17",
    "an account": "CREATE USER 'stranger'@'%' IDENTIFIED BY 'let me in'",
    "a schema": "CREATE DATABASE left_behind",
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_server_that_was_changed_is_not_used_again(
    environments: EnvironmentPool, what: str
) -> None:
    place = environments.take(PLAN)
    with as_root(place) as cursor:
        cursor.execute(CHANGES[what])
    environments.give_back(place, sound=True)
    another = environments.take(PLAN)
    assert another.gateway.container != place.gateway.container
    environments.give_back(another, sound=True)


def test_a_transaction_that_waits_for_its_end_holds_nobody_up(
    environments: EnvironmentPool,
) -> None:
    """One that a submission has prepared outlives its connection, and locks its table."""
    place = environments.take(PLAN)
    with as_student(place) as cursor:
        for statement in (
            "CREATE TABLE notes (text INT)", "XA START 'x'", "INSERT INTO notes VALUES (1)",
            "XA END 'x'", "XA PREPARE 'x'",
        ):  # fmt: skip
            cursor.execute(statement)
    environments.give_back(place, sound=True)
    another = environments.take(PLAN)
    assert another.gateway.container != place.gateway.container
    environments.give_back(another, sound=True)


def test_sessions_that_go_on_are_ended(environments: EnvironmentPool) -> None:
    """A connection of the last submission's is closed before the next one comes."""
    place = environments.take(PLAN)
    with closing(connect(place, access_of(place).user, access_of(place).password)) as left:
        environments.give_back(place, sound=True)
        again = environments.take(PLAN)
        with pytest.raises(pymysql.err.MySQLError):
            left.ping(reconnect=False)
        environments.give_back(again, sound=True)


def test_what_did_not_end_as_it_should_is_not_used_again(environments: EnvironmentPool) -> None:
    place = environments.take(PLAN)
    environments.give_back(place, sound=False)
    another = environments.take(PLAN)
    assert another.gateway.container != place.gateway.container
    environments.give_back(another, sound=True)


def test_one_that_something_was_left_in_is_not_used_again(
    environments: EnvironmentPool, engine: Engine
) -> None:
    """Its names would lead to what a run before has left."""
    place = environments.take(PLAN)
    left = engine.client.containers.run(
        tools_image(engine, settings=environments._settings), ["sleep", "60"], detach=True,
        network=place.networks.inside[0], labels=run_labels("0123456789ab"), init=True,
    )  # fmt: skip
    try:
        environments.give_back(place, sound=True)
        following = environments.take(PLAN)
        assert following.gateway.container != place.gateway.container
        environments.give_back(following, sound=True)
    finally:
        left.remove(force=True)


def test_projects_stand_on_one_place_after_another(
    settings: Settings, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Networks and gateway are made once; what is on them is each project's own."""
    made: list[str] = []
    create = engine.client.api.__class__.create_network

    def noted(self: object, name: str, **more: Any) -> Any:
        made.append(name)
        return create(self, name, **more)  # type: ignore[arg-type]  # it is the client itself

    monkeypatch.setattr(engine.client.api.__class__, "create_network", noted)
    with EnvironmentPool(settings) as pool:
        reports = [run(HEALTHY, settings, pool) for _ in range(2)]
    for report in reports:
        assert isinstance(report, Graded)
        assert report.score.earned == report.score.possible - 1  # the late trial is left out
    assert len(made) == 2


def test_few_places_wait(settings: Settings, engine: Engine) -> None:
    """Each kind of exam has places of its own, and an engine has so many networks only."""
    api = engine.client.api
    with EnvironmentPool(settings) as pool:
        before = {one["Id"] for one in api.networks()}
        for port in range(6000, 6000 + MOST_READY + 2):
            pool.give_back(pool.take(EnvironmentSpec(routes=((port, f"app:{port}"),))), sound=True)
        last = pool.take(
            EnvironmentSpec(routes=((port, f"app:{port}"),))
        )  # once the last one is renewed
        made = {one["Id"] for one in api.networks()} - before
        assert len(made) <= 2 * (MOST_READY + 1)
        pool.give_back(last, sound=True)


def test_places_that_wait_go_where_the_engine_has_no_more_to_give(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is asked for is worth more than one that waits."""
    with EnvironmentPool(settings) as pool:
        waiting = pool.take(PLAN)
        pool.give_back(waiting, sound=True)
        end = time.monotonic() + 30
        while not pool._ready and time.monotonic() < end:  # it is renewed in the background
            time.sleep(0.02)
        make, failures = EnvironmentBuilder.make, iter([PlatformError("no address pool is left")])

        def short(self: EnvironmentBuilder, plan: EnvironmentSpec) -> Environment:
            for failure in failures:
                raise failure
            return make(self, plan)

        monkeypatch.setattr(EnvironmentBuilder, "make", short)
        other = pool.take(EnvironmentSpec(routes=((6000, "app:6000"),)))
        assert other.gateway.container != waiting.gateway.container
        again = pool.take(PLAN)
        assert again.gateway.container != waiting.gateway.container
        pool.give_back(other, sound=True)
        pool.give_back(again, sound=True)


def test_nothing_is_left(settings: Settings, engine: Engine) -> None:
    """Neither what waits nor what a run still has."""
    api, mine = engine.client.api, {"label": f"{OWNER}={owner()}"}
    before = {row["Id"] for row in api.containers(all=True, filters=mine)}
    with EnvironmentPool(settings) as pool:
        waiting = pool.take(PLAN)
        pool.take(PLAN)
        pool.give_back(waiting, sound=True)
        made = {row["Id"]: row for row in api.containers(all=True, filters=mine)}
        runs = {row["Labels"][RUN] for name, row in made.items() if name not in before}
        assert len(runs) == 2
    for one in runs:
        only = {"label": f"{RUN}={one}"}
        assert api.containers(all=True, filters=only) == []
        assert api.networks(filters=only) == []
