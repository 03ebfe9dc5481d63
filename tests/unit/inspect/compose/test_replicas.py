"""Roles of which an exam asks for several containers."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from grader.app_spec import RoleSpec
from grader.inspect.compose.project import Project, Reading
from grader.inspect.compose.proxies import ProxyTarget
from grader.inspect.compose.replicas import (
    are_twins,
    containers_of,
    expanded,
    faults_of,
    forwarded_twins,
    notes_of,
    service_of,
    shown,
)

Read = Callable[..., Reading]
Faults = Callable[..., tuple[str, ...]]
APP = (RoleSpec(name="app", built=True, replicas=2),)
PLAYED: Mapping[str, tuple[str, ...]] = {"app": ("web",)}


def project(read: Read, *web: str, rest: str = "") -> Project:
    """A file whose service `web` has these keys."""
    keys = "".join(f"    {one}\n" for one in web)
    found = read(f"services:\n  web:\n    build: .\n{keys}{rest}")
    assert found.project is not None, found.faults
    return found.project


@pytest.mark.parametrize(
    ("key", "names"),
    [
        ("scale: 2", ("web", "grader-web-2")),
        ("deploy: {replicas: 3}", ("web", "grader-web-2", "grader-web-3")),
        ("deploy: {replicas: 999999999}", ("web", "grader-web-2", "grader-web-3")),
        ("scale: 0", ("web",)),
    ],
)
def test_so_many_containers_as_the_file_says(read: Read, key: str, names: tuple[str, ...]) -> None:
    """No more than the exam asks for, and one at least."""
    asked = (RoleSpec(name="app", built=True, replicas=3),)
    assert containers_of(project(read, key), asked, PLAYED) == {"app": names}


def test_one_container_of_a_role_that_is_not_asked_for_more_than_once(read: Read) -> None:
    asked = (RoleSpec(name="app", built=True),)
    found = project(read, "deploy: {replicas: 3}")
    assert containers_of(found, asked, PLAYED) == {}
    assert faults_of(found, asked, PLAYED) == []
    (note,) = notes_of(found, {})
    assert note.line == 4
    assert note.text.startswith("services.web.deploy.replicas is left out: the exam runs one")


def test_more_than_the_exam_asks_for_is_noted(read: Read) -> None:
    found = project(read, "scale: 500")
    (note,) = notes_of(found, containers_of(found, APP, PLAYED))
    assert note.text == "services.web.scale is taken for 2: the exam asks for so many containers."
    few = project(read, "scale: 2")
    assert notes_of(few, containers_of(few, APP, PLAYED)) == []


def test_too_few_containers_are_a_fault(read: Read) -> None:
    (said,) = faults_of(project(read), APP, PLAYED)
    assert said.startswith("compose.yml:2: ")
    assert "has one container, and the exam asks for 2: write `deploy: {replicas: 2}`" in said


def test_what_docker_refuses_of_several_containers_is_a_fault(read: Read) -> None:
    """One name, and one port of the host, which a range or a free one are not."""
    keys = ("scale: 2", "container_name: shop", "ports: ['8000:5000']")
    named, published = faults_of(project(read, *keys), APP, PLAYED)
    assert "none of the 2 containers of `web` the one `container_name`" in named
    assert 'can have port 8000 of the host: write `"5000"`' in published
    for port in ("5000", "8000-8005:5000"):
        assert faults_of(project(read, "scale: 2", f"ports: ['{port}']"), APP, PLAYED) == []
    assert faults_of(project(read, "ports: ['8000:5000']"), (), PLAYED) == []


def test_what_containers_are_called_is_no_service_of_the_file(read: Read, faults: Faults) -> None:
    """Whatever students call theirs; sentences name the service and the number."""
    assert service_of("grader-my-web.2-3") == "my-web.2"
    assert shown("grader-my-web.2-3") == "'my-web.2' (container 3)"
    assert (service_of("web.2"), shown("web.2")) == ("web.2", "'web.2'")
    found = project(read, "scale: 2", rest="  web.2:\n    image: redis\n")
    assert containers_of(found, APP, PLAYED) == {"app": ("web", "grader-web-2")}
    (said,) = faults("services:\n  grader-web-2:\n    build: .\n")
    assert "has a name that the exam uses itself" in said


WEB2 = "  web2:\n    build: .\n    environment: {NUMBER: 2}\n"


def test_services_that_are_built_and_run_alike_are_one_role(read: Read) -> None:
    """The proxy forwards to both, on one port."""
    found = project(read, "environment: {NUMBER: 1}", rest=WEB2)
    both = {name: ProxyTarget(proxy="front", port=5000) for name in ("web", "web2")}
    app = found.services["web"]
    assert forwarded_twins(found, app, both) == ("web2",)
    assert forwarded_twins(found, app, {"web": both["web"]}) == ()
    other = {**both, "web2": ProxyTarget(proxy="front", port=5001)}
    assert forwarded_twins(found, app, other) == ()
    assert forwarded_twins(found, app, {}) == ()
    played = {"app": ("web", "web2")}
    assert containers_of(found, APP, played) == {"app": ("web", "web2")}
    assert faults_of(found, APP, played) == []


@pytest.mark.parametrize(
    "rest",
    [
        "  web2: {build: {context: ., target: x}}\n",
        "  web2: {build: ., command: flask}\n",
        "  web2: {image: x}\n",
    ],
)
def test_what_runs_something_else_is_no_twin(read: Read, rest: str) -> None:
    found = project(read, rest=rest)
    assert not are_twins(found.services["web"], found.services["web2"])


def test_each_container_becomes_a_service_with_the_names_of_its_own(read: Read) -> None:
    """Whatever waits for the service waits for all of them."""
    rest = "  front:\n    image: nginx\n    depends_on: {web: {condition: service_healthy}}\n"
    found = project(read, "scale: 2", "hostname: shop", rest=rest)
    whole = expanded(found, {"grader-web-2": "web"})
    assert list(whole.services) == ["web", "front", "grader-web-2"]
    copy = whole.services["grader-web-2"]
    assert copy.name == "grader-web-2"
    assert set(copy.networking.aliases) == {"shop", "web"}
    assert copy.build == found.services["web"].build
    waits = whole.services["front"].lifecycle.depends_on
    assert [(one.service, one.condition.value) for one in waits] == [
        ("web", "service_healthy"), ("grader-web-2", "service_healthy"),
    ]  # fmt: skip
