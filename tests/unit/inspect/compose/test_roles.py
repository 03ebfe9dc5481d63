"""Which service plays which part."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.inspect.compose.project import Project, Reading
from grader.inspect.compose.proxies import Clues, ProxyTarget, find_targets, is_proxy
from grader.inspect.compose.roles import (
    app_port,
    is_database_image,
    no_database,
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


NOTHING = Clues()


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
        (["web: {image: '${ECR_URI}/my-app:${IMAGE_TAG}'}", "db: {image: mysql}"], None,
         ("`web` names the image `${ECR_URI}/my-app:${IMAGE_TAG}`, of which nothing gives ECR_URI "
         "and IMAGE_TAG, and is not built from your code. Your repository has no Dockerfile")),
        (["web: {image: 'me/board:${TAG:-2}'}", "db: {image: mysql}"], None,
         "`web` names the image `me/board:2` and is not built"),
        (["db: {image: mysql}"], None, "no service is built from your code. Add a Dockerfile"),
        (["sql: {build: .}"], None, "`sql` is built on the image of a database, not the app."),
        (["cache: {image: redis}", "app: {image: me/x}"], None, "compose.yml:3: `app` names the"),
    ],
)  # fmt: skip
def test_the_app(read: Read, services: list[str], chosen: str | None, said: str) -> None:
    """One that is built: by its port, its name, then its place. `sql` is built on a database."""
    app, sentence = pick_app(
        project(read, *services), 5000, None, Clues(databases=frozenset({"sql"}))
    )
    assert (app.name if app else None) == chosen
    assert bool(sentence) == bool(said)
    assert said in sentence


@pytest.mark.parametrize(
    ("wanted", "chosen", "said"),
    [
        ("two", "two", ""),
        ("tow", None, "compose.yml has no service `tow`. Did you mean 'two'?"),
        ("db", None, "compose.yml:4: `db` is a database, not the app."),
        ("cache", None, "compose.yml:6: `cache` is `redis:7`, not the app."),
        ("image", None, "compose.yml:7: `image` names the image `me/x` and is not built from"),
        ("sql", None, "compose.yml:5: `sql` is a database, not the app."),
    ],
)
def test_the_callers_choice(read: Read, wanted: str, chosen: str | None, said: str) -> None:
    """It wins, where it can be."""
    services = ["app: {build: .}", "two: {build: .}", "db: {image: mysql}", "sql: {build: .}"]
    services += ["cache: {image: 'redis:7'}", "image: {image: me/x}"]
    app, sentence = pick_app(
        project(read, *services), 5000, wanted, Clues(databases=frozenset({"sql"}))
    )
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
    app, _ = pick_app(found, 5000, "web", NOTHING)
    assert app is not None
    assert third_parties(found, app, pick_database(found), NOTHING) == ("other", "admin", "proxy")
    assert third_parties(found, app, None, NOTHING) == ("db", "other", "admin", "proxy")


@pytest.mark.parametrize(
    ("keys", "port", "says"),
    [
        ("", 5000, "the brief asks"),
        (", ports: ['80:8000']", 8000, "your Compose file publishes"),
        (", ports: [8000, '80:9000']", 9000, "your Compose file publishes"),
        (", ports: [8000]", 8000, "your Compose file publishes"),
        (", ports: ['80:8000', '81:5000']", 5000, "your Compose file publishes"),
        (", ports: ['80:8000'], expose: [5000]", 5000, "your Compose file exposes"),
        (", expose: [8000, 9000]", 8000, "your Compose file exposes"),
        (", expose: [5000]", 5000, "your Compose file exposes"),
        (", ports: ['53:53/udp']", 5000, "the brief asks"),
        (", ports: ['5000:5000/udp', '80:8000']", 8000, "your Compose file publishes"),
    ],
)
def test_the_apps_port(read: Read, keys: str, port: int, says: str) -> None:
    """The challenge's if it names that one, else the first that it publishes, else exposes."""
    found = project(read, f"web: {{build: .{keys}}}")
    assert app_port(found.services["web"], 5000) == (port, says)


@pytest.mark.parametrize(
    ("keys", "target", "port", "says"),
    [
        ("", 8000, 8000, "'nginx' forwards to"),
        ("", 5000, 5000, "'nginx' forwards to"),
        ("", None, 5000, "the brief asks"),
        (", expose: [9000]", 8000, 8000, "'nginx' forwards to"),
        (", expose: [5000]", 8000, 5000, "your Compose file exposes"),
        (", ports: ['80:9000']", 8000, 9000, "your Compose file publishes"),
    ],
)
def test_the_port_that_a_proxy_forwards_to(
    read: Read, keys: str, target: int | None, port: int, says: str
) -> None:
    """It counts where nothing is published."""
    service = project(read, f"web: {{build: .{keys}}}").services["web"]
    assert app_port(service, 5000, ProxyTarget(proxy="nginx", port=target)) == (port, says)


@pytest.mark.parametrize(
    ("service", "base", "expected"),
    [
        ("nginx: {image: someone/my-nginx}", "", True),
        ("web: {image: 'nginx:alpine'}", "", True),
        ("edge: {image: 'traefik:v3'}", "", True),
        ("reverse-proxy: {image: me/x}", "", True),
        ("x: {build: .}", "nginx:1.27-alpine", True),
        ("x: {build: .}", "docker.io/library/caddy@sha256:00", True),
        ("nginx: {build: .}", "", True),
        ("nginx: {build: .}", "python:3.11-slim", False),
        ("gateway: {build: .}", "python:3.11-slim", False),
        ("app: {build: .}", "", False),
        ("flaskapp: {image: 'someone/flaskapp:latest'}", "", False),
        ("albums: {build: .}", "", False),
    ],
)
def test_proxies(read: Read, service: str, base: str, expected: bool) -> None:
    """By what it is built on or runs; by its name where that tells nothing."""
    (found,) = project(read, service).services.values()
    assert is_proxy(found, base) is expected


@pytest.mark.parametrize(
    ("services", "clues", "chosen", "said"),
    [
        (["app: {image: me/board}", "edge: {build: ., ports: ['80:80']}"],
         Clues(proxies=frozenset({"edge"})), None, "compose.yml:2: `app` names the image"),
        (["flaskapp: {image: me/a, expose: [5000]}", "nginx: {image: me/n, ports: ['80:80']}"],
         Clues(proxies=frozenset({"nginx"})), None, "compose.yml:2: `flaskapp` names the image"),
        (["nginx: {build: ., ports: ['80:80']}"],
         Clues(proxies=frozenset({"nginx"})), None, "build: .`. `nginx` is a proxy, not the app."),
        (["edge: {build: ., ports: ['5000:5000']}", "board: {build: .}"],
         Clues(proxies=frozenset({"edge"})), "board", ""),
        (["frontend: {build: ., ports: ['80:80']}", "service: {build: .}"],
         Clues(python=frozenset({"service"})), "service", "`service` was taken"),
        (["worker: {build: .}", "board: {build: .}"],
         Clues(python=frozenset({"worker", "board"})), "board", "`board` was taken"),
        (["one: {build: .}", "two: {build: .}"],
         Clues(targets={"two": ProxyTarget(proxy="nginx", port=8000)}), "two", "`two` was taken"),
        (["ui: {build: ., ports: ['5000:80']}", "my-flask_srv: {build: .}"],
         NOTHING, "my-flask_srv", "`my-flask_srv` was taken"),
        (["cache: {image: redis}", "admin: {image: phpmyadmin}", "db: {image: mysql}"],
         NOTHING, None, "compose.yml: no service is built from your code"),
        (["web: {build: ., profiles: [dev]}", "db: {image: mysql}"],
         NOTHING, None, "compose.yml:2: `web` is built from your code, but its `profiles` keep"),
        (["web: {build: ., profiles: [dev]}", "app: {image: me/app}"],
         NOTHING, None, "compose.yml:2: `web` is built from your code, but its `profiles` keep"),
    ],
)  # fmt: skip
def test_who_is_the_app(
    read: Read, services: list[str], clues: Clues, chosen: str | None, said: str
) -> None:
    """A proxy never is; what a proxy forwards to, what is built on Python, what is no helper is."""
    app, sentence = pick_app(project(read, *services), 5000, None, clues)
    assert (app.name if app else None) == chosen
    assert bool(sentence) == bool(said)
    assert said in sentence


def test_a_service_that_is_asked_for_is_started(read: Read) -> None:
    """As `docker compose up web` starts it; with what it waits for."""
    text = (
        "services:\n  web: {build: ., profiles: [dev], depends_on: [db]}\n"
        "  db: {image: mysql, profiles: [x]}\n"
    )
    reading = read(text, asked="web")
    assert reading.project is not None
    assert list(reading.project.services) == ["web", "db"]


@pytest.mark.parametrize(
    ("services", "said"),
    [
        (
            ["db: {image: 'postgres:16'}"],
            "compose.yml:2: `db` is PostgreSQL (`postgres:16`), and",
        ),
        (["db: {image: postgis/postgis}"], "`db` is PostgreSQL"),
        (["db: {image: mongo}"], "`db` is MongoDB"),
        (
            ["db: {image: mysql, profiles: [x]}", "a: {build: .}"],
            "compose.yml:2: `db` is MySQL, but",
        ),
        (
            ["admin: {image: mongo-express}"],
            "compose.yml has no MySQL service (`image: mysql:8.4`)",
        ),
        (["a: {build: .}"], "compose.yml has no MySQL service (`image: mysql:8.4`)."),
    ],
)
def test_no_mysql(read: Read, services: list[str], said: str) -> None:
    """Another database is named, and so is one that a profile keeps from being started."""
    assert said in no_database(project(read, *services))


def test_another_database_that_is_built(read: Read) -> None:
    """By the image that its Dockerfile stands on."""
    found = project(read, "web: {build: .}", "store: {build: .}")
    said = no_database(found, {"web": "python:3.11", "store": "postgres:16"})
    assert said.startswith("compose.yml:3: `store` is PostgreSQL (`postgres:16`), and this needs")


@pytest.mark.parametrize(
    ("name", "text", "target"),
    [
        ("nginx.conf", "location / { proxy_pass http://flaskapp:5000; }", ("flaskapp", 5000)),
        ("default.conf.template", "  proxy_pass http://flaskapp/;", ("flaskapp", None)),
        ("conf.d/app.conf", "upstream x {\n  server backend:8000;\n}", ("flaskapp", 8000)),
        ("nginx.conf", "uwsgi_pass flaskapp:3031;", ("flaskapp", 3031)),
        ("Caddyfile", "example.org {\n reverse_proxy flaskapp:8000\n}", ("flaskapp", 8000)),
        ("haproxy.cfg", "    server one flaskapp:8000 check", ("flaskapp", 8000)),
        ("nginx.conf", "# proxy_pass http://flaskapp:5000;", None),
        ("nginx.conf", "server_name flaskapp;", None),
        ("readme.txt", "proxy_pass http://flaskapp:5000;", None),
    ],
)
def test_where_a_proxy_forwards_to(
    read: Read, write: Callable[[str, str], None], tmp_path: Path, name: str, text: str,
    target: tuple[str, int | None] | None,
) -> None:  # fmt: skip
    """By its settings, mounted or built in, in the words of the usual proxies."""
    write(f"proxy/{name}", text)
    for proxy in ("{build: proxy}", "{image: nginx, volumes: ['./proxy:/etc/nginx']}"):
        found = project(
            read,
            f"nginx: {proxy}",
            "flaskapp: {build: ., networks: {default: {aliases: [backend]}}}",
        )
        targets = find_targets(tmp_path, found, ["nginx"])
        expected = {target[0]: ProxyTarget(proxy="nginx", port=target[1])} if target else {}
        assert targets == expected
