"""A Compose file whose roles are known: what a suite sees of it, and its credentials."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from grader.app_spec import RoleSpec
from grader.criteria import COMPOSE_COMPLETE, COMPOSE_FRESH_CREDENTIALS
from grader.exam.compose_view import ReachedAt, RoleContainer
from grader.inspect.compose.project import (
    Build,
    ComposeImage,
    ComposeService,
    Condition,
    Dependency,
    Lack,
    Project,
    Reading,
    ServiceEnvironment,
    ServiceLifecycle,
    ServiceLines,
    ServiceProcess,
)
from grader.model import Outcome
from grader.run.compose import credentials
from grader.run.compose.project import ComposeProject
from grader.run.compose.project_roles import AppPort, ComposeRoles
from grader.run.compose.view import view
from grader.run.context import RunContext
from grader.sandbox.launch import NotReady
from tests.unit.run.conftest import Begin

DRAWN = "drawn-for-this-run"
WEB = ComposeService(
    name="web",
    lines=ServiceLines(own=2),
    build=Build(context=".", dockerfile="Dockerfile"),
    lifecycle=ServiceLifecycle(depends_on=(Dependency(service="db", condition=Condition.HEALTHY),)),
)
DB = ComposeService(
    name="db",
    lines=ServiceLines(own=7, keys={"environment": 9}),
    image=ComposeImage(reference="mysql:8.4"),
    environment=ServiceEnvironment(
        values={"MYSQL_PASSWORD": DRAWN}, written={"MYSQL_PASSWORD": "${DB_PASSWORD}"}
    ),
)
REFUSED = SimpleNamespace(user="board", address="172.18.0.3", when=0.0)


def roles(db: ComposeService = DB, **reading: Any) -> ComposeRoles:
    """A file with an app and its database."""

    def project(database: ComposeService) -> Project:
        return Project(path="compose.yml", services={"web": WEB, "db": database}, volumes=("data",))

    fresh = Reading(
        path="compose.yml", project=project(db), secrets={"DB_PASSWORD": DRAWN}, **reading
    )
    handed_in = replace(db, environment=ServiceEnvironment(values={"MYSQL_PASSWORD": "handed-in"}))
    return ComposeRoles(
        fresh=fresh, submitted=replace(fresh, project=project(handed_in)), app=WEB, database=db,
        started=("web", "db"), listens=AppPort(number=5000, said_by="the challenge"),
        dockerfiles={},
    )  # fmt: skip


def test_a_suite_sees_each_container_of_a_role() -> None:
    """With the service that it is one of, which is in the file; the copy is not."""
    several = replace(roles(), named={"app": "web"}, replicas={"app": ("web", "grader-web-2")})
    asked = (RoleSpec(name="app", replicas=2), RoleSpec(name="worker", built=True, replicas=3))
    found = view(several, asked, {"grader-web-2": ReachedAt(host="127.0.0.1", port=1)})
    assert found.roles.replicas == {
        "app": (
            RoleContainer(name="web", service="web"),
            RoleContainer(name="grader-web-2", service="web"),
        )
    }
    assert found.roles.several == {"app": 2, "worker": 3}
    assert found.roles.absent == ("worker",)
    assert set(found.roles.reached) == {"grader-web-2"}
    assert set(found.services) == {"web", "db"}


def test_a_suite_sees_the_services_as_they_are_written() -> None:
    """Values that were drawn for the run are not among them."""
    found = view(roles(lacks=(Lack(name="DB_PASSWORD", line=3),)))
    assert (found.path, found.app, found.database) == ("compose.yml", "web", "db")
    assert found.missing == ("DB_PASSWORD",)
    assert found.services["web"]["built"] is True
    assert found.services["web"]["depends_on"] == {"db": "service_healthy"}
    assert found.services["db"]["environment"] == {"MYSQL_PASSWORD": "${DB_PASSWORD}"}
    assert found.services["db"]["networks"] == ["default"]
    assert DRAWN not in str(found)


@pytest.mark.parametrize(
    ("process", "line"),
    [
        (ServiceProcess(), ""),
        (ServiceProcess(command="--datadir=/data"), "--datadir=/data"),
        (
            ServiceProcess(entrypoint=("mysqld",), command=("--datadir", "/d")),
            "mysqld --datadir /d",
        ),
        (ServiceProcess(entrypoint="", command=()), ""),
    ],
)
def test_a_suite_sees_what_a_service_runs(process: ServiceProcess, line: str) -> None:
    found = view(roles(replace(DB, process=process)))
    assert found.services["db"]["command"] == line


def recorded(
    context: RunContext, found: ComposeRoles, **how: Any
) -> dict[str, tuple[Outcome, str]]:
    known: dict[str, Any] = {"reading": found.fresh, "refused": "", "failure": None} | how
    credentials.record(context, found, **known)
    results = context.recorder.results.items()
    return {name: (one.outcome, one.rationale) for name, one in results}


def test_an_app_that_takes_the_runs_credentials(begin: Begin) -> None:
    found = recorded(begin(), roles())
    assert found == {
        COMPOSE_FRESH_CREDENTIALS: (Outcome.PASSED, ""),
        COMPOSE_COMPLETE: (Outcome.PASSED, ""),
    }


def test_an_app_that_starts_with_those_that_were_handed_in(begin: Begin) -> None:
    both = roles()
    found = recorded(begin(), both, reading=both.submitted)
    outcome, said = found[COMPOSE_FRESH_CREDENTIALS]
    assert outcome is Outcome.FAILED
    assert said.startswith("The app works only with the credentials as you handed them in")


def test_a_password_in_the_file_itself_is_named_with_its_line(begin: Begin) -> None:
    """None can be drawn in its place, whatever the app takes."""
    given = {"MYSQL_PASSWORD": "board"}
    literal = replace(DB, environment=ServiceEnvironment(written=given, values=given))
    context = begin()
    _, said = recorded(context, roles(literal))[COMPOSE_FRESH_CREDENTIALS]
    assert "MYSQL_PASSWORD of `db` is a literal" in said
    (place,) = context.recorder.results[COMPOSE_FRESH_CREDENTIALS].locations
    assert (place.path, place.line) == ("compose.yml", 9)


def test_what_the_file_asks_for_and_the_submission_lacks(begin: Begin) -> None:
    lack = Lack(name="DB_PASSWORD", line=3)
    outcome, said = recorded(begin(), roles(lacks=(lack,)))[COMPOSE_COMPLETE]
    assert outcome is Outcome.FAILED
    assert "DB_PASSWORD" in said


def test_an_app_that_does_not_start_says_nothing_of_credentials(begin: Begin) -> None:
    failure = NotReady(rationale="It ended.", evidence="")
    assert recorded(begin(), roles(), failure=failure) == {}


def project(*refused: Any) -> ComposeProject:
    """One that is up, whose MySQL has refused these log-ins."""
    database = SimpleNamespace(refusals=lambda: refused, title="MySQL")
    environment = SimpleNamespace(address=("127.0.0.1", 1), database=database, roles=roles())
    return cast("ComposeProject", SimpleNamespace(environment=environment))


@pytest.mark.parametrize(
    ("cause", "said"), [("", "It ended."), ("wrong-port", "")], ids=["perhaps", "surely not"]
)
def test_credentials_may_be_why_it_does_not_start(begin: Begin, cause: str, said: str) -> None:
    """Unless what keeps it from starting is known to be something else."""
    failure = NotReady(rationale="It ended.", evidence="", cause=cause)
    assert credentials.refusal(begin(), project(), failure) == said


@pytest.fixture
def answered(monkeypatch: Any) -> Iterator[list[int | None]]:
    """What the app answers to its one plain page, which is asked for."""
    answers: list[int | None] = []
    asked: list[str] = []

    def get(address: tuple[str, int], path: str) -> int | None:
        asked.append(path)
        return answers[-1]

    monkeypatch.setattr(credentials, "plain_reads", lambda contract: ["/notes"])
    monkeypatch.setattr(credentials, "get", get)
    monkeypatch.setattr(credentials, "refused_users", lambda found: [one.user for one in found])
    yield answers
    assert asked == ["/notes"]


@pytest.mark.parametrize("answer", [200, 500, None])
def test_an_app_that_is_refused_at_its_first_query(
    begin: Begin, answered: list[int | None], answer: int | None
) -> None:
    """It starts with any password; MySQL says whom it has refused."""
    answered.append(answer)
    assert "'board'" in credentials.refusal(begin(), project(REFUSED), None)


def test_an_app_that_is_refused_nothing(begin: Begin, answered: list[int | None]) -> None:
    answered.append(200)
    assert credentials.refusal(begin(), project(), None) == ""


@pytest.mark.parametrize("answer", [500, None])
def test_the_log_of_the_database_may_come_late(
    begin: Begin, answered: list[int | None], answer: int | None
) -> None:
    """A failed answer makes the grader look for the refusal for a while, and no longer."""
    answered.append(answer)
    looks: Any = iter([(), (), (REFUSED,)])
    late = project()
    late.environment.database.refusals = lambda: next(looks)  # type: ignore[method-assign]
    assert "'board'" in credentials.refusal(begin(), late, None)


def test_it_does_not_wait_for_ever(
    begin: Begin, answered: list[int | None], monkeypatch: Any
) -> None:
    answered.append(500)
    monkeypatch.setattr(credentials, "REFUSAL_SECONDS", 0.1)
    assert credentials.refusal(begin(), project(), None) == ""
