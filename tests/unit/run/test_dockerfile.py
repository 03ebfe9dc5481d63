"""A submission of one image: what is started of it, and what probes get."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from grader.app_spec import Limits
from grader.criteria import DOCKER_BUILDS
from grader.exam.reached import TlsAddress
from grader.exam.serialization import from_json, to_json
from grader.model import ServiceSpec
from grader.run import dockerfile as module
from grader.run.app import DeployedApp
from grader.run.context import RunContext
from grader.run.deployment import Deployment
from grader.run.dockerfile import bring_up
from grader.run.suite import describe
from grader.sandbox.build import Built
from grader.sandbox.hardening import hardened
from grader.service_catalogue import built_in
from grader.spec.starting import NO_TESTS, SLUG, starting
from grader.testing import FakeApi, FakeServer, a_challenge
from tests.unit.run.conftest import Begin, HandIn

FILES = {"Dockerfile": "FROM python:3.11\n"}
MYSQL = ServiceSpec(name="mysql", image="mysql:8.4")


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """An environment with one service; the ports that lead into it are 1 more than those inside."""
    service = SimpleNamespace(
        manifest=built_in()["mysql"], server=FakeServer(), address=("127.0.0.1", 7)
    )
    found = SimpleNamespace(
        essential={"the gateway": "gateway", "MySQL": "server"},
        networks=SimpleNamespace(inside=("inside",)),
        gateway=SimpleNamespace(container="gateway"),
        services=(service,),
        address=lambda port: ("127.0.0.1", port + 1),
    )
    monkeypatch.setattr(module, "provision", lambda context: found)
    return found


def brought_up(
    context: RunContext, submission: Any, monkeypatch: pytest.MonkeyPatch, **done: Any
) -> tuple[Deployment, list[DeployedApp]]:
    """What comes of it where the image is `image` and the app starts if it is `ready`."""
    launched: list[DeployedApp] = []

    def launch(context: RunContext, app: DeployedApp, *_: Any) -> bool:
        launched.append(app)
        return bool(done["ready"])

    monkeypatch.setattr(module, "build_image", lambda *_: done["image"])
    monkeypatch.setattr(module, "launch", launch)
    with ThreadPoolExecutor() as pool:
        return bring_up(context, submission, pool), launched


IMAGE = Built(image="sha256:2", cached=False)


def test_the_app_runs_alongside_its_services(
    begin: Begin, hand_in: HandIn, place: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = begin(services=(MYSQL,))
    found, (app,) = brought_up(context, hand_in(FILES), monkeypatch, image=IMAGE, ready=True)
    assert found.app is app
    assert app.address == ("127.0.0.1", 5001)
    spec = cast("Any", app.container).recipe
    assert (spec.image, spec.network, spec.limits) == (
        "sha256:2",
        "inside",
        context.challenge.limits,
    )
    assert set(found.injected.secrets) == {"SECRET_KEY"}
    assert found.injected.environment == {}
    assert found.essential == {"the gateway": "gateway", "MySQL": "server"}
    assert [one.address for one in found.services] == [("127.0.0.1", 7)]


def test_a_probe_has_a_name_and_a_port_of_its_own(
    begin: Begin, hand_in: HandIn, place: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = begin(services=(MYSQL,))
    found, _ = brought_up(context, hand_in(FILES), monkeypatch, image=IMAGE, ready=True)
    probe = cast("Any", found.probe).make({"A": "1"}, 1)
    assert probe.address == ("127.0.0.1", 5003)
    spec = probe.container.recipe
    assert (spec.env, spec.image) == ({"A": "1"}, "sha256:2")
    assert spec.alias.endswith("-1")


def test_every_container_of_the_image_has_the_certificate(
    begin: Begin, hand_in: HandIn, place: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The app, its commands and its probes; the suite is told where TLS is spoken, and by whom."""
    env = {"TLS_CERTIFICATE": "${tls.certificate}", "TLS_KEY": "${tls.key}"}
    context = begin(app=replace(a_challenge().app, tls=8443, env=env), services=(MYSQL,))
    submission = hand_in(FILES)
    found, (app,) = brought_up(context, submission, monkeypatch, image=IMAGE, ready=True)
    probe = cast("Any", found.probe).make({}, 0)
    recipe = cast("Any", app.container).recipe
    files = {one.target: one.source.read_text() for one in recipe.files}
    assert files["/run/tls/authority.pem"] == found.injected.authority
    assert "PRIVATE KEY" in files[recipe.env["TLS_KEY"]]
    assert "CERTIFICATE" in files[recipe.env["TLS_CERTIFICATE"]]
    assert recipe.files == probe.container.recipe.files
    assert cast("Any", found.operations.commands).spec.files == recipe.files
    api = FakeApi(create_host_config=lambda **options: options)
    options = cast("Any", hardened(api, "inside", Limits(), mounts=recipe.files))
    assert all(one["ReadOnly"] for one in options["mounts"])
    assert options["mem_limit"] == Limits().memory
    assert found.injected.secrets == {}
    exam = describe(context, submission, found, frozenset())
    assert exam.app.tls == TlsAddress(
        host="127.0.0.1", port=8444, shown="https://localhost:8443", name="localhost"
    )
    assert from_json(type(exam), to_json(exam)) == exam


def test_an_app_that_does_not_start_leaves_what_it_stood_on(
    begin: Begin, hand_in: HandIn, place: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = begin(services=(MYSQL,))
    found, _ = brought_up(context, hand_in(FILES), monkeypatch, image=IMAGE, ready=False)
    assert found.app is None
    assert found.essential


def test_an_image_that_does_not_build_starts_nothing(
    begin: Begin, hand_in: HandIn, place: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, launched = brought_up(begin(), hand_in(FILES), monkeypatch, image=None, ready=True)
    assert found == Deployment(dockerfile="Dockerfile")
    assert launched == []


def test_without_a_dockerfile_nothing_is_provided(
    begin: Begin, hand_in: HandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def provide(context: RunContext) -> None:
        pytest.fail("There is nothing to provide it for.")

    monkeypatch.setattr(module, "provision", provide)
    context = begin()
    found, launched = brought_up(context, hand_in({}), monkeypatch, image=IMAGE, ready=True)
    assert found == Deployment(dockerfile=None)
    assert launched == []
    assert DOCKER_BUILDS in context.recorder.results


def test_without_an_exam_there_is_no_brief_to_speak_of(
    begin: Begin, hand_in: HandIn, place: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What `grader diagnose` supposes is called so, and a Compose file that it passes by."""
    env = starting("dockerfile", port=5000, path="/").app.env
    app = replace(a_challenge().app, env=env)
    asked = replace(MYSQL, reason="requirements.txt, line 1 names pymysql")
    context = begin(services=(asked,), slug=SLUG, root=NO_TESTS, app=app)
    values = {f"mysql.{one.name}": "x" for one in built_in()["mysql"].placeholders}
    monkeypatch.setattr(module, "app_variables", lambda *_: (values, {}))
    handed_in = hand_in({**FILES, "docker-compose.dev.yml": "services: {}\n"})
    _, (deployed,) = brought_up(context, handed_in, monkeypatch, image=IMAGE, ready=True)
    assert "name its port with --port" in deployed._surroundings.asked_by
    assert any("MySQL was offered, as requirements.txt" in one for one in context.recorder.notes)
    assert deployed._surroundings.source.startswith("`grader diagnose` sets (DB_HOST")
    assert any("docker-compose.dev.yml was not used" in one for one in context.recorder.notes)


def test_without_an_exam_the_dockerfile_says_the_port(
    begin: Begin, hand_in: HandIn, place: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = begin(services=(MYSQL,), slug=SLUG, root=NO_TESTS)
    exposed = hand_in({"Dockerfile": f"FROM python:3.11\nEXPOSE {context.challenge.app.port}\n"})
    _, (app,) = brought_up(context, exposed, monkeypatch, image=IMAGE, ready=True)
    assert app._surroundings.asked_by == "your Dockerfile exposes"
