"""What one bring-up of a Compose project stands on, with an engine that is a stand-in."""

from __future__ import annotations

import threading
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
import yaml

from grader.exam.compose_view import ReachedAt
from grader.inspect.compose.project import ComposeImage, ServiceEnvironment
from grader.model import ServiceSpec
from grader.run.compose import environment as module
from grader.run.compose import stores
from grader.run.compose.environment import ComposeEnvironment
from grader.run.compose.operations import ProjectDatabase, ProjectOperations
from grader.run.compose.project import ComposeProject
from grader.run.compose.stand_ins import StandIns
from grader.run.context import RunContext
from grader.sandbox import images
from grader.sandbox.compose import Compose
from grader.sandbox.gateway import Gateway
from grader.sandbox.launch import NotReady
from grader.sandbox.network import Networks
from grader.service_catalogue import built_in
from grader.services.base import ServerEnded
from grader.testing import FakeApi
from tests.unit.run.conftest import Begin
from tests.unit.run.test_compose_roles import DB, roles

NETWORKS = Networks(inside=("inside-0",), edge="edge")
GATEWAY = Gateway(
    container="gateway", addresses={port: ("127.0.0.1", port) for port in (3306, 5000, 5001, 5002)}
)


NOTHING: dict[str, Any] = {
    "containers": [], "volumes": {"Volumes": []}, "networks": [], "images": [],
}  # fmt: skip
"""What the engine lists of a project that is not there."""


def environment(context: RunContext) -> ComposeEnvironment:
    found = roles()
    return ComposeEnvironment(context, found, found.fresh, cancel=threading.Event())


@pytest.fixture(autouse=True)
def _twins(monkeypatch: pytest.MonkeyPatch) -> None:
    """The image of MySQL is there."""
    twin = SimpleNamespace(image="grader/mysql:8.4", substitution=None, base=None)
    monkeypatch.setattr(images.ServerImage, "obtain", lambda *_, **__: twin)
    monkeypatch.setattr(images, "tools_image", lambda *_, **__: "grader/tools")
    monkeypatch.setattr(stores, "image_id", lambda *_: "sha256:mysql")


def provided(begin: Begin, monkeypatch: pytest.MonkeyPatch, api: FakeApi) -> ComposeEnvironment:
    """One with networks of its own, whose app's image is built."""
    made: list[int] = []

    def create(*_: Any, inside: int) -> Networks:
        made.append(inside)
        return NETWORKS

    monkeypatch.setattr(module, "create_networks", create)
    monkeypatch.setattr(module, "start_gateway", lambda *_: GATEWAY)
    found = environment(begin(api))
    found.provide()
    found.start_gateway()
    assert made == [1]
    found.use({"web": "sha256:web"})
    found.write()
    return found


def written(context: RunContext, name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((context.folder / name / "compose.yml").read_text())
    return loaded


def test_our_own_file_is_written_for_what_is_known(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The images that stand for those that are named, our networks, our accounts."""
    found = provided(begin, monkeypatch, FakeApi())
    document = written(found._context, "composer1")
    assert document["services"]["web"]["image"] == "sha256:web"
    assert document["services"]["db"]["image"] == "grader/mysql:8.4"
    assert document["networks"]["default"]["name"] == "inside-0"
    password = document["services"]["db"]["environment"]["GRADER_PASSWORD"]
    assert found._context.redactor.shown(password) != password
    assert found.address == ("127.0.0.1", 5000)
    assert found.database_address == ("127.0.0.1", 3306)
    assert found._context.recorder.materials.images == {"mysql:8.4": "sha256:mysql"}


def test_every_container_of_the_app_is_reached_by_itself(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It runs the image of its service, and has an address of its own."""
    monkeypatch.setattr(module, "create_networks", lambda *_, **__: NETWORKS)
    gateway = replace(GATEWAY, addresses={**GATEWAY.addresses, 5003: ("127.0.0.1", 5003)})
    monkeypatch.setattr(module, "start_gateway", lambda *_: gateway)
    several = replace(roles(), named={"app": "web"}, replicas={"app": ("web", "grader-web-2")})
    context = begin(FakeApi(containers=[{"Id": "c2"}]))
    found = ComposeEnvironment(context, several, several.fresh, cancel=threading.Event())
    found.provide()
    found.start_gateway()
    found.use({"web": "sha256:web"})
    found.write()
    services = written(context, "composer1")["services"]
    assert services["grader-web-2"]["image"] == services["web"]["image"] == "sha256:web"
    assert found.reached == {
        "web": ReachedAt(host="127.0.0.1", port=5000),
        "grader-web-2": ReachedAt(host="127.0.0.1", port=5003),
    }
    other = found.other_app("grader-web-2")
    assert (other.address, other.container.id) == (("127.0.0.1", 5003), "c2")


def test_a_probe_is_a_project_with_the_app_alone(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It gets what it is given, a name of its own, and a port of its own."""
    found = provided(begin, monkeypatch, FakeApi())
    app = found.probe({"DB_PASSWORD": ""}, number=1)
    assert app.address == ("127.0.0.1", 5002)
    document = written(found._context, "grader-r1-probe1")
    assert list(document["services"]) == ["web"]
    assert document["services"]["web"]["environment"] == {"DB_PASSWORD": ""}
    (aliases,) = (one["aliases"] for one in document["services"]["web"]["networks"].values())
    assert "grader-app-probe-1" in aliases


def test_a_mariadb_stands_as_itself(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its image, its server and its options are MariaDB's."""
    asked: list[images.ServerImage] = []

    def obtain(image: images.ServerImage, *_: Any, **__: Any) -> SimpleNamespace:
        asked.append(image)
        return SimpleNamespace(image="grader/mariadb:11.8", substitution=None, base=None)

    monkeypatch.setattr(images.ServerImage, "obtain", obtain)
    context = begin()
    mariadb = roles(replace(DB, image=ComposeImage(reference="mariadb:11.4")))
    found = ComposeEnvironment(context, mariadb, mariadb.fresh, cancel=threading.Event())
    found.find_images()
    assert asked == [images.mariadb_server("mariadb:11.4")]
    assert found._images == {"db": "grader/mariadb:11.8"}
    assert found.stands_in_for == ""
    found._compose = cast("Compose", SimpleNamespace())
    assert (found.database.title, found.database.own) == ("MariaDB", True)
    assert found.settings.app_settings().product == "MariaDB"


def test_a_postgres_is_let_the_grader_in(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    """By accounts of its own; it is reached where PostgreSQL listens."""
    ready = SimpleNamespace(image="grader/postgres:17", substitution=None, base=None)
    monkeypatch.setattr(images.ServerImage, "obtain", lambda *_, **__: ready)
    monkeypatch.setattr(module, "create_networks", lambda *_, **__: NETWORKS)
    gateway = replace(GATEWAY, addresses={5432: ("127.0.0.1", 5432)})
    monkeypatch.setattr(module, "start_gateway", lambda *_: gateway)
    context = begin(FakeApi())
    postgres = roles(replace(DB, image=ComposeImage(reference="postgres:17")))
    found = ComposeEnvironment(context, postgres, postgres.fresh, cancel=threading.Event())
    found.provide()
    found.start_gateway()
    found.use({"web": "sha256:web"})
    found.write()
    entry = written(context, "composer1")["services"]["db"]
    assert entry["image"] == "grader/postgres:17"
    told = found.database.told(found.database_address)
    assert told["password"] == entry["environment"]["GRADER_PASSWORD"]
    assert (told["port"], told["database"]) == (5432, "postgres")
    assert context.redactor.shown(told["password"]) != told["password"]
    assert (found.database.title, found.stands_in_for) == ("PostgreSQL", "")


def test_what_the_exam_provides_is_filled_in(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stood for its values in the file that was read, in ours; it goes with the project."""
    drawn = StandIns.draw([ServiceSpec(name="mail")])
    server = SimpleNamespace(
        id="mail-1", secrets=lambda: {"MAIL_PASSWORD": "of-this-run"},
        tenant=SimpleNamespace(values={"url": "smtp://app:of-this-run@mail:1025"}),
    )  # fmt: skip
    running = SimpleNamespace(
        manifest=built_in()["mail"], server=server, image_id="sha256:mail",
        image=SimpleNamespace(substitution=None, base=None, wanted="mail"),
    )  # fmt: skip
    own = SimpleNamespace(networks=NETWORKS, gateway=GATEWAY, services=(running,))
    monkeypatch.setattr(module, "make_environment", lambda *_, **__: own)
    api = FakeApi(**NOTHING)
    context = begin(api, services=(ServiceSpec(name="mail"),))
    url = drawn.values["mail.url"]
    given = replace(DB, environment=ServiceEnvironment(values={"MAIL_URL": url}))
    found = replace(roles(given), stand_ins=drawn)
    project = ComposeEnvironment(context, found, found.fresh, cancel=threading.Event())
    project.provide()
    project.start_gateway()
    project.use({"web": "sha256:web"})
    project.write()
    document = written(context, "composer1")
    assert document["services"]["db"]["environment"]["MAIL_URL"] == (
        "smtp://app:of-this-run@mail:1025"
    )
    assert project.filled({"A": f"<{url}>"}) == {"A": "<smtp://app:of-this-run@mail:1025>"}
    assert context.redactor.shown("of-this-run") != "of-this-run"
    project.remove()
    removed = [args[0] for name, args, _ in api.asked if name == "remove_container"]
    assert removed == ["mail-1", "gateway"]


def test_what_it_has_made_is_removed(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    api = FakeApi(**NOTHING)
    provided(begin, monkeypatch, api).remove()
    removed = [args[0] for name, args, _ in api.asked if name.startswith("remove_")]
    assert removed == ["gateway", "inside-0", "edge"]


def test_what_is_lent_stays(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment of the pool is used as it is, and given back by the run."""
    api = FakeApi(**NOTHING)
    context = begin(api)
    lent = SimpleNamespace(networks=NETWORKS, gateway=GATEWAY, services=())
    monkeypatch.setattr(type(context.resources), "take", lambda *_: lent)
    found = environment(context)
    found.provide()
    found.start_gateway()
    found.use({"web": "sha256:web"})
    found.write()
    found.remove()
    assert not [name for name in api.calls if name in {"remove_container", "remove_network"}]
    assert found.gateway is GATEWAY


class Steps:
    """Stands for a project's environment, and notes what is done with it."""

    def __init__(self, failing: str = "") -> None:
        self.done: list[str] = []
        self.roles = roles()
        self.database_address = ("127.0.0.1", 3306)
        self.compose = SimpleNamespace(
            up=self.up, down=lambda: self.note("down"), kill=lambda: self.note("kill")
        )
        self.database = SimpleNamespace(
            await_ready=lambda *_: self.note("await"),
            stop=lambda: self.note("stop"),
            start_again=lambda *_: self.note("start again"),
        )
        self.failing = failing

    def note(self, what: str) -> None:
        self.done.append(what)
        if what == self.failing:
            raise ServerEnded(what)

    def up(self, services: list[str], **_: Any) -> None:
        self.note(f"up {' '.join(services)}")

    def __getattr__(self, name: str) -> Any:
        return lambda *_: self.note(name)


def project(begin: Begin, steps: Steps) -> ComposeProject:
    found = roles()
    made = ComposeProject(begin(), found, found.fresh)
    made.environment = cast("ComposeEnvironment", steps)
    return made


APP = cast("Any", SimpleNamespace(container=SimpleNamespace(find=lambda: None), ready=lambda: None))


def test_mysql_is_up_before_the_app(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    """It waits for MySQL's own check where the file says so, and has none."""
    steps = Steps()
    monkeypatch.setattr(RunContext, "watch_disk", lambda self: None)
    found = project(begin, steps).up(APP)
    assert found is not None
    assert found.cause == "health-check"
    assert steps.done == ["up db", "await"]


def test_the_app_is_up_once_all_its_containers_are(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are started along with it; why another one does not come says which it is."""
    monkeypatch.setattr(RunContext, "watch_disk", lambda self: None)
    monkeypatch.setattr(ComposeProject, "_await_healthy", lambda *_: None)
    steps = Steps()
    several = replace(
        roles(), named={"app": "web"}, replicas={"app": ("web", "grader-web-2", "grader-web-3")}
    )
    context = begin()
    made = ComposeProject(context, several, several.fresh)
    made.environment = cast("ComposeEnvironment", steps)
    steps.roles = several
    ended = NotReady(rationale="It ended with exit code 1.", evidence="")
    late = {"grader-web-2": None, "grader-web-3": ended}
    vars(steps)["other_app"] = lambda name: SimpleNamespace(ready=lambda: late[name])
    failure = made.up(APP)
    assert failure is not None
    assert failure.rationale == (
        "The app's 'web' (container 3) does not come up as its first container did. "
        "It ended with exit code 1."
    )
    assert steps.done == ["up db", "await", "up web grader-web-2 grader-web-3"]
    late["grader-web-3"] = None
    assert made.up(APP) is None


def test_networks_come_first_and_mysql_along_with_the_gateway(begin: Begin) -> None:
    """Why MySQL ends at once is found out when all of it is brought up."""
    steps = Steps(failing="await")
    project(begin, steps).provision(database=True)
    assert steps.done[:2] == ["provide", "write"]
    assert sorted(steps.done[2:]) == ["await", "start_gateway", "up db"]


def test_a_suite_stops_and_starts_the_projects_database(begin: Begin) -> None:
    steps = Steps()
    database = ProjectDatabase(project(begin, steps))
    database.restart()
    database.stop()
    database.start()
    assert steps.done == ["stop", "start again", "stop", "start again"]


def test_a_suite_takes_the_project_down_and_up(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = Steps()
    monkeypatch.setattr(ComposeProject, "up", lambda self, app: steps.note("up"))
    operations = ProjectOperations(project(begin, steps), APP)
    operations.down_up()
    operations.kill()
    assert steps.done == ["down", "up", "kill", "up"]


def test_a_database_as_its_image_is_made_is_not_the_students(begin: Begin) -> None:
    """Its settings, its files and its command are."""
    assert not project(begin, Steps()).customised()
