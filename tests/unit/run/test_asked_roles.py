"""A Compose file for an exam that names roles: who is who, what is started, what is lost."""

from __future__ import annotations

import shutil
from typing import Any

import pytest

from grader.app_spec import RoleSpec
from grader.criteria import COMPOSE_VALID
from grader.inspect.compose.read import read_compose
from grader.model import Outcome, ServiceSpec
from grader.run.compose import asked_roles, clues
from grader.run.compose.project_roles import ComposeChoice, ComposeRoles
from grader.run.compose.resolve import resolve_roles
from grader.run.context import RunContext
from tests.unit.run.conftest import Begin, HandIn

ASKED = (
    RoleSpec(name="app", built=True),
    RoleSpec(name="worker", built=True),
    RoleSpec(name="cache", images=("redis", "valkey")),
)
WITH_DATABASE = (*ASKED, RoleSpec(name="database", images=("mysql", "mariadb")))
SEVERAL = (RoleSpec(name="app", built=True, replicas=2), *ASKED[1:])
WEB = "  web:\n    build: .\n    ports: ['5000:5000']\n"
JOBS = "  jobs:\n    build: .\n    command: python jobs.py\n"
REDIS = "  store:\n    image: redis:7\n"
MARIADB = "  db:\n    image: mariadb:11\n"
ADMIN = "  admin:\n    image: dpage/pgadmin4\n"


def resolved(
    context: RunContext, hand_in: HandIn, services: str, **chosen: Any
) -> ComposeRoles | None:
    """The roles of a Compose file with these services."""
    files = {"Dockerfile": "FROM python:3.11-slim\n", "compose.yml": f"services:\n{services}"}
    return resolve_roles(context, hand_in(files), ComposeChoice(**chosen), {})


def lost(context: RunContext) -> str:
    result = context.recorder.results[COMPOSE_VALID]
    return "" if result.outcome is Outcome.PASSED else result.rationale


def test_roles_are_named_and_all_is_started(begin: Begin, hand_in: HandIn) -> None:
    """No MySQL is needed where none is asked for; an admin page may turn out not to be had."""
    context = begin(roles=ASKED)
    found = resolved(context, hand_in, WEB + JOBS + REDIS + ADMIN)
    assert found is not None
    assert found.named == {"app": "web", "worker": "jobs", "cache": "store"}
    assert found.started == ("web", "jobs", "store", "admin")
    assert found.database is None
    assert context.recorder.materials.roles == found.named
    assert lost(context) == ""
    assert not found.may_be_left_out("jobs")
    assert found.may_be_left_out("admin")


def test_the_database_of_a_role_is_the_one_that_a_suite_looks_into(
    begin: Begin, hand_in: HandIn
) -> None:
    other = "  archive:\n    image: mysql:8.4\n"
    role = "    x-role: database\n"
    found = resolved(
        begin(roles=WITH_DATABASE), hand_in, WEB + JOBS + REDIS + other + MARIADB + role
    )
    assert found is not None
    assert found.database_name == "db"
    assert found.is_mariadb
    assert found.started[-2:] == ("archive", "db")


POSTGRES = "  db:\n    image: postgres:17\n"


def test_a_postgres_is_looked_into_where_a_role_asks_for_it_alone(
    begin: Begin, hand_in: HandIn
) -> None:
    """Its port and its name in messages are PostgreSQL's."""
    asked = (*ASKED, RoleSpec(name="database", images=("postgres",)))
    context = begin(roles=asked)
    found = resolved(context, hand_in, WEB + JOBS + REDIS + POSTGRES)
    assert found is not None
    assert lost(context) == ""
    assert (found.database_name, found.database_kind) == ("db", "postgres")
    assert (found.product, found.database_port) == ("PostgreSQL", 5432)


def test_a_postgres_that_may_be_a_queue_is_not_looked_into(begin: Begin, hand_in: HandIn) -> None:
    """Nor one that a MySQL could stand in the place of: the suite's SQL would not fit both."""
    for images in (("rabbitmq", "postgres"), ("mysql", "mariadb", "postgres")):
        context = begin(roles=(*ASKED, RoleSpec(name="store", images=images)))
        found = resolved(context, hand_in, WEB + JOBS + REDIS + POSTGRES)
        assert found is not None
        assert (found.database, found.named["store"]) == (None, "db")
        shutil.rmtree(context.folder)
        shutil.rmtree(context.folder.parent / "submission")


def test_without_the_postgres_that_a_suite_looks_into_nothing_goes_on(
    begin: Begin, hand_in: HandIn
) -> None:
    context = begin(roles=(*ASKED, RoleSpec(name="database", images=("postgres",))))
    assert resolved(context, hand_in, WEB + JOBS + REDIS) is None
    assert "no service is the `database` (postgres)" in lost(context)


def test_an_absent_role_costs_its_criterion_and_the_rest_goes_on(
    begin: Begin, hand_in: HandIn
) -> None:
    context = begin(roles=ASKED)
    found = resolved(context, hand_in, WEB + REDIS)
    assert found is not None
    assert found.named == {"app": "web", "cache": "store"}
    assert "no service is the `worker`, built from your code" in lost(context)


def test_without_the_database_that_a_suite_looks_into_nothing_goes_on(
    begin: Begin, hand_in: HandIn
) -> None:
    context = begin(roles=WITH_DATABASE)
    assert resolved(context, hand_in, WEB + JOBS + REDIS) is None
    assert "no service is the `database` (mysql or mariadb)" in lost(context)


@pytest.mark.parametrize("how", ["file", "caller", "service"])
def test_the_app_may_be_said(begin: Begin, hand_in: HandIn, how: str) -> None:
    """By the file, or by either option of the caller."""
    said = "    x-role: app\n" if how == "file" else ""
    chosen: dict[str, Any] = {"caller": {"roles": {"app": "jobs"}}, "service": {"service": "jobs"}}
    found = resolved(begin(roles=ASKED), hand_in, WEB + JOBS + said + REDIS, **chosen.get(how, {}))
    assert found is not None
    assert found.named == {"app": "jobs", "worker": "web", "cache": "store"}


def test_who_is_said_to_be_the_worker_is_not_the_app(begin: Begin, hand_in: HandIn) -> None:
    services = WEB.replace("build: .", "build: .\n    x-role: worker") + JOBS + REDIS
    found = resolved(begin(roles=ASKED), hand_in, services)
    assert found is not None
    assert found.named == {"app": "jobs", "worker": "web", "cache": "store"}


def test_the_exams_own_service_takes_the_place_of_one_that_runs_an_image(
    begin: Begin, hand_in: HandIn
) -> None:
    """With a note; a service that is built cannot have its name."""
    mail = "  mail:\n    image: axllent/mailpit\n"
    context = begin(roles=ASKED, services=(ServiceSpec(name="mail"),))
    found = resolved(context, hand_in, WEB + JOBS + REDIS + mail)
    assert found is not None
    assert "mail" not in found.started
    assert any("the exam provides mail itself" in one for one in context.recorder.notes)


def test_a_built_service_cannot_have_the_name_of_one_of_the_exams(
    begin: Begin, hand_in: HandIn
) -> None:
    context = begin(roles=ASKED, services=(ServiceSpec(name="jobs"),))
    assert resolved(context, hand_in, WEB + JOBS + REDIS) is None
    assert "`jobs` is the name of a service that the exam provides" in lost(context)


TWO = WEB.replace("    ports: ['5000:5000']\n", "    deploy: {replicas: 2}\n")


def test_an_app_with_several_containers(begin: Begin, hand_in: HandIn) -> None:
    """Each of them is started, and the file that is brought up has a service for each."""
    context = begin(roles=SEVERAL)
    found = resolved(context, hand_in, TWO + JOBS + REDIS)
    assert found is not None
    assert lost(context) == ""
    assert found.replicas == {"app": ("web", "grader-web-2")}
    assert found.copies == {"grader-web-2": "web"}
    assert list(found.expanded(found.fresh).services) == ["web", "jobs", "store", "grader-web-2"]
    assert list(found.project(found.fresh).services) == ["web", "jobs", "store"]
    assert found.without("web").copies == {}


def test_too_few_containers_cost_a_criterion_and_the_rest_goes_on(
    begin: Begin, hand_in: HandIn
) -> None:
    context = begin(roles=SEVERAL)
    found = resolved(context, hand_in, WEB + JOBS + REDIS)
    assert found is not None
    assert found.replicas == {"app": ("web",)}
    assert "the `app` has one container, and the exam asks for 2" in lost(context)


def test_an_exam_that_does_not_ask_for_several_runs_one(begin: Begin, hand_in: HandIn) -> None:
    """Which the report says."""
    context = begin(roles=ASKED)
    found = resolved(context, hand_in, TWO + JOBS + REDIS)
    assert found is not None
    assert (found.replicas, found.copies, lost(context)) == ({}, {}, "")
    said = "compose.yml, line 4: services.web.deploy.replicas is left out: the exam runs one"
    assert any(one.startswith(said) for one in context.recorder.notes)


PROXY = "  front:\n    image: nginx:1\n    volumes: ['./nginx.conf:/etc/nginx/conf.d/x.conf']\n"
UPSTREAM = "upstream app {\n  server web:5000;\n  server again:5000;\n}\n"


def test_services_that_one_proxy_forwards_to_are_the_apps_containers(
    begin: Begin, hand_in: HandIn
) -> None:
    """Where they are built and run alike; none of them is taken for the worker then."""
    again = WEB.replace("web:", "again:").replace("'5000:5000'", "'5001:5000'")
    services = WEB + again + REDIS + JOBS + PROXY
    files = {
        "Dockerfile": "FROM python:3.11-slim\n", "nginx.conf": UPSTREAM,
        "compose.yml": f"services:\n{services}",
    }  # fmt: skip
    context = begin(roles=SEVERAL)
    found = resolve_roles(context, hand_in(files), ComposeChoice(), {})
    assert found is not None
    assert lost(context) == ""
    assert set(found.replicas["app"]) == {"web", "again"}
    assert found.replicas["app"][0] == found.app.name
    assert found.copies == {}
    assert found.named["worker"] == "jobs"


def test_services_that_say_so_are_one_role_with_several_containers(
    begin: Begin, hand_in: HandIn
) -> None:
    """Only where the exam asks for them, and they run the same."""
    asked = (*ASKED[:1], RoleSpec(name="worker", built=True, replicas=2), ASKED[2])
    two = JOBS + JOBS.replace("jobs:", "more:")
    said = two.replace("build: .", "build: .\n    x-role: worker")
    for services in (two, said):
        context = begin(roles=asked)
        found = resolved(context, hand_in, WEB + services + REDIS)
        assert found is not None
        assert lost(context) == ""
        assert found.replicas == {"worker": ("jobs", "more")}
        shutil.rmtree(context.folder)
        shutil.rmtree(context.folder.parent / "submission")
    context = begin(roles=ASKED)
    resolved(context, hand_in, WEB + said + REDIS)
    assert "have the same `x-role: worker`; leave it in one of them" in lost(context)


def test_parts_and_clues_are_found_by_file(begin: Begin, hand_in: HandIn) -> None:
    """What is built on Python may be the app; what is asked for becomes the project's parts."""
    services = WEB + REDIS
    submission = hand_in(
        {"Dockerfile": "FROM python:3.11-slim\n", "compose.yml": f"services:\n{services}"}
    )
    reading = read_compose(submission.root, "compose.yml", injected={}, fresh=True)
    assert reading.project is not None
    dockerfiles = clues.dockerfiles_of(submission, reading.project)
    assert set(dockerfiles) == {"web"}
    found = clues.clues_of(submission, reading.project, dockerfiles)
    assert found.python == {"web"}
    context = begin(roles=(RoleSpec(name="app", built=True),))
    parts = asked_roles.asked_parts(context, reading.project, dockerfiles, found, ComposeChoice())
    assert parts is not None
    assert (parts.app.name, parts.database) == ("web", None)
