"""The ports of a project's gateway."""

from __future__ import annotations

from dataclasses import replace

from grader.app_spec import RoleSpec
from grader.inspect.compose.project import ComposeImage
from grader.model import ServiceSpec
from grader.run.compose.project_roles import AppPort
from grader.run.compose.routes import ProjectRoutes
from grader.service_catalogue import built_in
from grader.testing import a_challenge
from tests.unit.run.test_compose_roles import DB, roles

MAIL = built_in()["mail"].port


def test_an_app_and_its_database() -> None:
    """As ever: the app's own port, MySQL's, and two for probes."""
    spec = ProjectRoutes(roles=roles(), challenge=a_challenge()).spec(2)
    assert spec.routes == (
        (5000, "grader-app:5000"), (3306, "grader-database:3306"),
        (5001, "grader-app-probe-0:5000"), (5002, "grader-app-probe-1:5000"),
    )  # fmt: skip
    assert (spec.services, spec.inside) == ((), 2)
    assert spec.app == "grader-app:5000"


def test_a_postgres_listens_where_postgres_does() -> None:
    postgres = roles(replace(DB, image=ComposeImage(reference="postgres:17")))
    spec = ProjectRoutes(roles=postgres, challenge=a_challenge()).spec(1)
    assert (5432, "grader-database:5432") in spec.routes
    assert 3306 not in dict(spec.routes)


def test_services_of_the_exam_and_roles_with_ports() -> None:
    """No two have one port, whichever the app listens on."""
    asked = (RoleSpec(name="app", port=MAIL), RoleSpec(name="proxy", images=("nginx",), port=80))
    challenge = a_challenge(roles=asked, services=(ServiceSpec(name="mail"),))
    project = replace(
        roles(), listens=AppPort(number=MAIL, said_by=""), named={"app": "web", "proxy": "front"}
    )
    found = ProjectRoutes(roles=project, challenge=challenge)
    spec = found.spec(1)
    ports = [port for port, _ in spec.routes]
    assert len(ports) == len(set(ports))
    assert dict(spec.routes)[MAIL] == f"mail:{MAIL}"
    assert dict(spec.routes)[found.app] == f"grader-app:{MAIL}"
    ours, own = found.others["front"]
    assert own == 80
    assert dict(spec.routes)[ours] == "front:80"


def test_each_container_of_a_role_has_a_way_to_it() -> None:
    """By a name that it shares with none; a worker that serves nothing has no way to it."""
    asked = (
        RoleSpec(name="app", replicas=3), RoleSpec(name="api", built=True, port=7000, replicas=2),
        RoleSpec(name="worker", built=True, replicas=2),
    )  # fmt: skip
    project = replace(
        roles(), named={"app": "web", "api": "rest", "worker": "jobs"},
        replicas={
            "app": ("web", "grader-web-2", "grader-web-3"), "api": ("rest", "grader-rest-2"),
            "worker": ("jobs", "grader-jobs-2"),
        },
    )  # fmt: skip
    found = ProjectRoutes(roles=project, challenge=a_challenge(roles=asked))
    spec, names = found.spec(1), found.names
    ports = [port for port, _ in spec.routes]
    assert len(ports) == len(set(ports))
    assert len(set(names.values())) == 7
    assert set(found.others) == {"grader-web-2", "grader-web-3", "rest", "grader-rest-2"}
    for container, (ours, own) in found.others.items():
        assert own == (5000 if "web" in container else 7000)
        assert dict(spec.routes)[ours] == f"{names[container]}:{own}"
    assert spec.app == "grader-app:5000"
