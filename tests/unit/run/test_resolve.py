"""The image that an exam asks of a Compose file's MySQL, and services that may be left out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.inspect.compose.project import (
    Build,
    ComposeImage,
    ComposeService,
    Dependency,
    Project,
    Reading,
    ServiceLifecycle,
    ServiceLines,
)
from grader.inspect.dockerfile import inline_dockerfile
from grader.run.compose.mysql_version import other_image
from grader.run.compose.project_roles import AppPort, ComposeRoles

EIGHT = ["mysql:8", "mysql:8.4", "mysql:8.0.36", "docker.io/library/mysql:8", "mysql:8.4-oracle"]
OTHERS = ["mysql", "mysql:latest", "mysql:lts", "mysql:9", "mysql:5.7", "mysql:80", "mariadb:8"]


def said(image: str, major: str = "8") -> str:
    """What is said of a file whose MySQL has this image."""
    database = ComposeService(
        name="db", lines=ServiceLines(own=3, keys={"image": 4}), image=ComposeImage(reference=image)
    )
    project = Project(path="compose.yml", services={"db": database})
    return other_image(major, project, database, {})


@pytest.mark.parametrize("image", EIGHT)
def test_the_version_that_is_asked_for(image: str) -> None:
    """With or without a minor version."""
    assert said(image) == ""


@pytest.mark.parametrize("image", OTHERS)
def test_another_version_is_named_with_its_line(image: str) -> None:
    """A tag that moves is another one, too."""
    assert said(image).startswith(f"compose.yml:4: the image of `db` is {image!r}; the exam asks")
    assert said(image, major="") == ""


def test_a_variable_that_nothing_gives_is_not_made_up() -> None:
    """The image is shown as it is written."""
    database = ComposeService(
        name="db",
        lines=ServiceLines(own=3),
        image=ComposeImage(reference="mysql:latest", written="mysql:${V}", lacks=("V",)),
    )
    project = Project(path="compose.yml", services={"db": database})
    found = other_image("8", project, database, {})
    assert "`db` is 'mysql:${V}', of which nothing gives V; the exam asks" in found
    assert "latest" not in found


def test_an_image_that_is_built() -> None:
    """The one that its Dockerfile begins with counts."""
    database = ComposeService(
        name="db", lines=ServiceLines(own=3), build=Build(context=".", dockerfile="")
    )
    project = Project(path="compose.yml", services={"db": database})
    for image, right in (("mysql:8.4", True), ("mysql:latest", False)):
        dockerfile = inline_dockerfile(f"FROM {image}\n".encode(), {})
        assert (other_image("8", project, database, {"db": dockerfile}) == "") is right


def roles(*needs: str) -> ComposeRoles:
    """An app that depends on `needs`, its database, a frontend and a worker, all of them built."""
    build = Build(context=".", dockerfile="")
    app = ComposeService(
        name="web",
        lines=ServiceLines(own=2),
        build=build,
        lifecycle=ServiceLifecycle(depends_on=tuple(Dependency(service=one) for one in needs)),
    )
    database = ComposeService(
        name="db", lines=ServiceLines(own=3), image=ComposeImage(reference="mysql:8.4")
    )
    others = [
        ComposeService(name=name, lines=ServiceLines(own=5), build=build)
        for name in ("frontend", "worker")
    ]
    services = {one.name: one for one in (app, database, *others)}
    reading = Reading(path="compose.yml", project=Project(path="compose.yml", services=services))
    return ComposeRoles(
        fresh=reading, submitted=reading, app=app, database=database, started=tuple(services),
        listens=AppPort(number=5000, said_by=""), dockerfiles={},
    )  # fmt: skip


def test_what_nothing_depends_on_may_be_left_out() -> None:
    """The app, its database and what something waits for may not."""
    cast = roles("worker")
    assert [name for name in cast.started if cast.may_be_left_out(name)] == ["frontend"]


def test_what_only_a_helper_waits_for_may_be_left_out() -> None:
    """The app does without both of them."""
    cast = roles()
    services = dict(cast.project(cast.fresh).services)
    needs = ServiceLifecycle(depends_on=(Dependency(service="worker"),))
    services["frontend"] = replace(services["frontend"], lifecycle=needs)
    project = replace(cast.project(cast.fresh), services=services)
    cast = replace(cast, fresh=replace(cast.fresh, project=project))
    assert [one for one in cast.started if cast.may_be_left_out(one)] == ["frontend", "worker"]
    waits = ServiceLifecycle(depends_on=(Dependency(service="frontend"),))
    services["web"] = replace(services["web"], lifecycle=waits)
    project = replace(project, services=services)
    cast = replace(cast, fresh=replace(cast.fresh, project=project))
    assert [one for one in cast.started if cast.may_be_left_out(one)] == []


def test_what_was_not_built_is_not_started() -> None:
    """What is no build of the submission stays."""
    assert roles().with_built({"web", "worker"}).started == ("web", "db", "worker")
    assert roles().with_built(["web", "frontend", "worker"]) == roles()


@pytest.mark.parametrize(
    ("image", "product"),
    [
        ("mysql:8.4", "MySQL"), ("mysql", "MySQL"), ("percona:8.0", "MySQL"),
        ("mariadb", "MariaDB"), ("mariadb:10.6", "MariaDB"), ("mariadb:lts-noble", "MariaDB"),
        ("docker.io/library/mariadb:11", "MariaDB"), ("bitnami/mariadb:11.4", "MariaDB"),
    ],
)  # fmt: skip
def test_what_the_database_is(image: str, product: str) -> None:
    """A MariaDB is no MySQL, whether its image is named by the service or by its Dockerfile."""
    named = roles()
    assert named.database
    named = replace(named, database=replace(named.database, image=ComposeImage(reference=image)))
    assert (named.product, named.is_mariadb) == (product, product == "MariaDB")
    dockerfile = inline_dockerfile(f"FROM {image}\n".encode(), {})
    assert replace(roles(), dockerfiles={"db": dockerfile}).product == product
