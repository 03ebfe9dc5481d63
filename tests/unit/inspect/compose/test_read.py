"""A Compose file as a whole."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from pathlib import Path

import pytest

from grader.inspect.compose.project import Reading
from grader.inspect.compose.read import draw, read_compose

Read = Callable[..., Reading]
Faults = Callable[..., tuple[str, ...]]
Write = Callable[[str, str | bytes], None]

USUAL = """\
version: "3.8"

x-logging: &logging
  logging: {driver: json-file}
  restart: unless-stopped

services:
  db:
    <<: *logging
    image: mysql:8.0
    environment:
      MYSQL_ROOT_PASSWORD: ${MYSQL_ROOT_PASSWORD}
      MYSQL_DATABASE: ${DB_NAME:-board}
    volumes:
      - data:/var/lib/mysql
    healthcheck:
      test: ["CMD", "mysqladmin", "ping", "-p$$MYSQL_ROOT_PASSWORD"]
  web:
    <<: *logging
    build: .
    restart: "no"
    ports:
      - 5000:5000
    depends_on:
      db:
        condition: service_healthy

volumes:
  data:
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_usual_file(read: Read, write: Write, encoding: str, newline: str) -> None:
    """In any encoding that an editor writes, with its lines."""
    write(".env.example", "MYSQL_ROOT_PASSWORD=changeme\n")
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    reading = read(mark + USUAL.replace("\n", newline).encode(encoding))
    assert (reading.path, reading.faults, reading.missing) == ("compose.yml", (), ())
    project = reading.project
    assert project is not None
    assert (project.path, project.volumes, project.networks) == (
        "compose.yml",
        ("data",),
        ("default",),
    )
    database, web = project.services["db"], project.services["web"]
    assert database.environment.values == {"MYSQL_ROOT_PASSWORD": "new1", "MYSQL_DATABASE": "board"}
    assert database.lifecycle.healthcheck is not None
    assert database.lifecycle.healthcheck.test[-1] == "-p$MYSQL_ROOT_PASSWORD"
    assert (database.lifecycle.restart, web.lifecycle.restart) == ("unless-stopped", "no")
    assert (database.lines.own, web.lines.own, web.networking.ports[0].line) == (8, 18, 23)
    assert reading.values == {"MYSQL_ROOT_PASSWORD": "new1", "DB_NAME": "board"}
    assert reading.secrets == {"MYSQL_ROOT_PASSWORD": "new1"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "compose.yml: it is empty; name your services under `services:`."),
        ("# nothing\n", "compose.yml: it is empty; name your services under `services:`."),
        ("- a", "compose.yml:1: it is no mapping; begin it with `services:`."),
        ("services", "compose.yml:1: it is no mapping; begin it with `services:`."),
        ("version: '3'", "compose.yml:1: it has no services; name those"),
        ("version: '3'\nservices:\n", "compose.yml:2: it has no services; name those"),
        ("services: {}", "compose.yml:1: it has no services; name those"),
        ("web:\n  build: .\ndb:\n  image: mysql\n", "compose.yml:1: it has its services at"),
        ("db:\n  image: mysql:5.7\n", "write `services:` above them"),
        ("volumes:\n  data: {}\n", "compose.yml:1: it has no services; name those"),
        ("services: 5", "compose.yml:1: services is 5; it should be a mapping of keys to values."),
        ("services: [web]", 'compose.yml:1: services is ["web"]; it should be a mapping'),
        ("services: {web: 5}", "compose.yml:1: services.web is 5; it should be a mapping"),
        ("services: {web: }", "compose.yml:1: services.web has neither `image` nor `build`"),
        ("services: {web: {}}", "compose.yml:1: services.web has neither `image` nor `build`"),
        ("services: {web: {build: }}", "compose.yml:1: services.web has neither"),
        ("a: 1\nservices: {a: {image: x}}", "compose.yml:1: a is not a key that is known here."),
        ("servces: {a: {image: x}}\nservices: {a: {image: x}}", "Did you mean 'services'?"),
        ("services: {a: {image: x}}\nvolumes: [a]", 'compose.yml:2: volumes is ["a"]; it should'),
        ("services: {a: {image: x}}\nvolumes: {a: 5}", "compose.yml:2: volumes.a is 5; it should"),
        ("services: {a: {image: x}}\nnetworks: {a: {drivr: x}}", "Did you mean 'driver'?"),
        ("services:\n  a: {image: x}\n  a: {image: y}", "compose.yml:3: services.a stands twice"),
        ("services: {a: {image: x}}\n---\nb: 1", "compose.yml:2: a second document begins here"),
        ("services:\n\ta: 1", "compose.yml:2: it is no valid YAML: found character"),
        ("services: {a: {image: *x}}", "compose.yml:1: it is no valid YAML: found undefined alias"),
        ("services: {a: {image: !!python/name:os.system x}}", "which cannot be read"),
        (b"services: \0", "compose.yml:1: it is no valid YAML"),
        ("services: {a: " + "[" * 100_000, "nested more than 40 levels deep"),
        ("services: &a {a: {<<: *a}}", ""),
        ("#" * 1_100_000, "compose.yml: it is larger than 1048576 bytes; shorten it."),
    ],
)  # fmt: skip
def test_what_is_no_compose_file(faults: Faults, text: str | bytes, sentence: str) -> None:
    """A plain sentence, with its line where it has one."""
    assert sentence in faults(text)[0]


@pytest.mark.parametrize(
    "text",
    [
        "x-0: &x0 [a, a, a, a, a, a, a, a, a]\n"
        + "".join(f"x-{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 9)}]\n" for n in range(1, 9)),
        f"x-a: &a {'x' * 900_000}\nx-b: [{', '.join(['*a'] * 5000)}]\n",
    ],
    ids=["nodes", "text"],
)
def test_bombs(faults: Faults, text: str) -> None:
    """What unfolds to more than a person writes is not read."""
    (said,) = faults(f"{text}services: {{web: {{build: .}}}}")
    assert said == "compose.yml: it unfolds to more than 50000 values."


def test_too_many_services(faults: Faults) -> None:
    """Nobody needs so many."""
    (said,) = faults("services:\n" + "".join(f"  s{n}: {{image: x}}\n" for n in range(101)))
    assert said == "compose.yml: it has more than 100 services; keep those that are needed."


def test_a_link_is_not_read(tmp_path: Path) -> None:
    """It is as if the file were empty."""
    (tmp_path / "compose.yml").symlink_to("/etc/passwd")
    assert "it is empty" in read_compose(tmp_path, "compose.yml").faults[0]


def test_an_override_is_not_read(read: Read, write: Write) -> None:
    """A note says so."""
    write("compose.override.yml", "services: {web: {privileged: true}}")
    reading = read("services: {web: {build: .}}")
    assert reading.project is not None
    (note,) = reading.project.notes
    assert note.text.startswith("compose.override.yml is left out, though Docker would read it")


def test_hostile_names_are_cleaned(faults: Faults) -> None:
    """No escape sequence and no line break gets into a message."""
    said = faults('services: {"a\\e[31mb\\nc\\u202e": {image: x, "k\\nv": 1}}')
    assert said
    assert all(one.isprintable() for one in said)


def test_a_secret_that_is_drawn() -> None:
    """It is new each time, and can stand anywhere unquoted."""
    assert len({draw() for _ in range(20)}) == 20
    assert all(len(one) == 32 and one.isalnum() for one in (draw() for _ in range(20)))


@pytest.mark.parametrize(
    ("base", "own", "expected"),
    [
        ("image: x", "user: me", {"image.reference": "x", "process.user": "me"}),
        ("user: a", "user: b", {"process.user": "b"}),
        (
            "environment: [A=1, B=2]",
            "environment: {B: 3}",
            {"environment.values": {"A": "1", "B": "3"}},
        ),
        ("environment: {A: 1}", "environment: [B=2]", {"environment.values": {"A": "1", "B": "2"}}),
        ("command: [a, b]", "command: [c]", {"process.command": ("c",)}),
        ("expose: [1, 2]", "expose: [2, 3]", {"networking.expose": (1, 2, 3)}),
        (
            "extends: {service: root}, user: a",
            "tty: true",
            {"image.reference": "r", "process.user": "a", "process.tty": True},
        ),
    ],
)
@pytest.mark.parametrize("form", ["base", "{service: base}"])
def test_services_that_extend_another(
    read: Read, base: str, own: str, expected: dict[str, object], form: str
) -> None:
    """Of the same file: one's own wins, lists are joined, commands are not."""
    reading = read(
        f"services:\n  web: {{build: ., extends: {form}, {own}}}\n"
        f"  base: {{build: ., {base}}}\n  root: {{image: r}}\n"
    )
    assert not reading.faults
    assert reading.project is not None
    web = reading.project.services["web"]
    assert {path: attrgetter(path)(web) for path in expected} == expected


def test_lines_of_what_is_extended(rejected: Callable[..., str], faults: Faults) -> None:
    """A key that is brought in has the line where it stands."""
    text = (
        "services:\n  web:\n    extends: base\n    expose:\n      - 1\n  base:\n    image: x\n"
        "    expose:\n      - a\n      - 1\n"
    )
    assert [one.split(" ")[:2] for one in faults(text)] == [
        ["compose.yml:9:", "services.web.expose[0]"],
        ["compose.yml:9:", "services.base.expose[0]"],
    ]
    said = rejected(text.replace("image: x", "privileged: true"))
    assert "compose.yml:7: services.web.privileged" in said


@pytest.mark.slow
@pytest.mark.parametrize(
    ("services", "sentence"),
    [
        ("a: {image: x, extends: a}", "services.a.extends goes round in a circle"),
        ("a: {image: x, extends: b}, b: {image: x, extends: a}", "goes round in a circle"),
        ("a: {image: x, extends: c}, b: {image: x}", 'names the service "c"'),
        (
            ", ".join(f"s{n}: {{image: x, extends: s{n + 1}}}" for n in range(40))
            + ", s40: {image: x}",
            "goes round in a circle",
        ),
        (
            ", ".join(f"s{n}: {{image: x, extends: base}}" for n in range(90))
            + f", base: {{image: x, expose: [{', '.join(map(str, range(1, 999)))}]}}",
            "brings more than 50000 values",
        ),
    ],
    ids=["itself", "each other", "nothing", "chain", "bomb"],
)
def test_faults_of_extends(faults: Faults, services: str, sentence: str) -> None:
    """It ends, and it stays small."""
    assert sentence in faults(f"services: {{{services}}}")[0]
