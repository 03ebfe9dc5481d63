"""Which service plays which part."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from grader.inspect.compose.project import Project, Reading
from grader.inspect.compose.roles import (
    app_port,
    is_database_image,
    pick_app,
    pick_database,
    third_parties,
)

Read = Callable[..., Reading]


def project(read: Read, *services: str) -> Project:
    lines = "".join(f"  {service}\n" for service in services)
    reading = read(f"services:\n{lines}")
    assert reading.project is not None, reading.faults
    return reading.project


def nothing(name: str) -> bool:
    """No service is built on a database."""
    return False


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("mysql", True), ("mysql:8.4", True), ("mariadb:11", True), ("percona", True),
        ("library/mysql", True), ("docker.io/library/mysql:8", True), ("docker.io/mysql", True),
        ("registry.example:5000/mysql:8", True), ("localhost/mariadb", True),
        ("bitnami/mysql:8", True), ("bitnami/mariadb", True), ("mysql/mysql-server:8.0", True),
        ("percona/percona-server", True), ("mysql@sha256:00", True), ("mysql:8@sha256:00", True),
        ("postgres", False), ("phpmyadmin/phpmyadmin", False), ("me/mysql", False),
        ("mysql-board", False), ("example.org/me/mysql", False), ("", False), ("redis", False),
    ],
)  # fmt: skip
def test_images_of_databases(image: str, expected: bool) -> None:
    """Of whatever registry and version; somebody's own image is none."""
    assert is_database_image(image) is expected


@pytest.mark.parametrize(
    ("services", "chosen", "said"),
    [
        (["only: {build: .}", "db: {image: mysql}"], "only", ""),
        (["one: {build: .}", "two: {build: ., ports: ['80:5000']}"], "two", "`two` was taken"),
        (["one: {build: .}", "two: {build: ., expose: [5000]}"], "two", "`two` was taken"),
        (["web: {build: ., ports: ['80:80']}", "x: {build: ., ports: ['1:5000']}"], "x", "`x`"),
        (["one: {build: .}", "backend: {build: .}", "web: {build: .}"], "web", "`web` was taken"),
        (["api: {build: .}", "server: {build: .}"], "api", "Of the services `api`, `server`, "),
        (["one: {build: .}", "two: {build: ., ports: ['1:1']}"], "two", "`two` was taken"),
        (["one: {build: .}", "two: {build: .}"], "one", "`one` was taken"),
        (["sql: {build: ., ports: ['1:5000']}", "z: {build: .}"], "z", ""),
        (["web: {image: me/board:1}", "db: {image: mysql}"], None,
         "compose.yml:2: `web` names the image `me/board:1` and is not built from your code"),
        (["db: {image: mysql}"], None, "no service is built from your code; add one with"),
        (["sql: {build: .}"], None, "no service is built from your code"),
        (["cache: {image: redis}", "app: {image: me/x}"], None, "compose.yml:3: `app` names the"),
    ],
)  # fmt: skip
def test_the_app(read: Read, services: list[str], chosen: str | None, said: str) -> None:
    """One that is built: by its port, its name, then its place. `sql` is built on a database."""
    app, sentence = pick_app(project(read, *services), 5000, None, lambda name: name == "sql")
    assert (app.name if app else None) == chosen
    assert bool(sentence) == bool(said)
    assert said in sentence


@pytest.mark.parametrize(
    ("wanted", "chosen", "said"),
    [
        ("two", "two", ""),
        ("tow", None, "compose.yml has no service `tow`. Did you mean 'two'?"),
        ("db", None, "compose.yml:4: `db` names the image `mysql` and is not built"),
        ("sql", None, "compose.yml:5: `sql` is a database, not the app."),
    ],
)
def test_the_callers_choice(read: Read, wanted: str, chosen: str | None, said: str) -> None:
    """It wins, where it can be."""
    services = ["app: {build: .}", "two: {build: .}", "db: {image: mysql}", "sql: {build: .}"]
    app, sentence = pick_app(project(read, *services), 5000, wanted, lambda name: name == "sql")
    assert (app.name if app else None) == chosen
    assert sentence.startswith(said)


@pytest.mark.parametrize(
    ("services", "chosen"),
    [
        (["web: {build: .}", "db: {image: mysql}"], "db"),
        (["web: {build: .}", "db: {image: postgres}"], None),
        (["a: {image: mysql}", "b: {image: mariadb}", "web: {build: ., depends_on: [b]}"], "b"),
        (["a: {image: mysql}", "b: {image: mysql}", "x: {image: y, depends_on: [b]}"], "a"),
        (["a: {image: mysql}", "b: {image: mysql}", "web: {build: ., links: ['b:x']}"], "b"),
        (["db: {image: mysql, build: .}"], None),
    ],
)
def test_the_database(read: Read, services: list[str], chosen: str | None) -> None:
    """Of several, one that a built service depends on."""
    found = pick_database(project(read, *services))
    assert (found.name if found else None) == chosen


def test_third_parties(read: Read) -> None:
    """Images that are neither; another service that is built is none of them."""
    found = project(
        read, "web: {build: .}", "worker: {build: .}", "db: {image: mysql}",
        "other: {image: mysql}", "admin: {image: phpmyadmin}", "proxy: {image: nginx}",
    )  # fmt: skip
    app, _ = pick_app(found, 5000, "web", nothing)
    assert app is not None
    assert third_parties(found, app, pick_database(found)) == ("other", "admin", "proxy")
    assert third_parties(found, app, None) == ("db", "other", "admin", "proxy")


@pytest.mark.parametrize(
    ("keys", "port"),
    [
        ("", 5000),
        (", ports: ['80:8000']", 8000),
        (", ports: [8000, '80:9000']", 9000),
        (", ports: [8000]", 8000),
        (", ports: ['80:8000', '81:5000']", 5000),
        (", ports: ['80:8000'], expose: [5000]", 5000),
        (", expose: [8000, 9000]", 8000),
        (", ports: ['53:53/udp']", 5000),
        (", ports: ['5000:5000/udp', '80:8000']", 8000),
    ],
)
def test_the_apps_port(read: Read, keys: str, port: int) -> None:
    """The challenge's if it names that one, else the first that it publishes."""
    found = project(read, f"web: {{build: .{keys}}}")
    assert app_port(found.services["web"], 5000) == port
