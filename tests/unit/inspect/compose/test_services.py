"""What is read of a Compose file's services, and what is refused."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

import pytest

from grader.inspect.compose.health import seconds
from grader.inspect.compose.project import (
    Condition,
    Dependency,
    HealthCheck,
)
from tests.unit.inspect.compose.service_reading import Faults, Read, Write, service, web


@pytest.mark.parametrize(
    ("key", "field", "value"),
    [
        ("image: me/board:1", "image.reference", "me/board:1"),
        ("command: flask run", "process.command", "flask run"),
        ("command: [flask, run]", "process.command", ("flask", "run")),
        ("command: []", "process.command", ()),
        ("command: ''", "process.command", ""),
        ("command:", "process.command", None),
        ("entrypoint: [sh, -c]", "process.entrypoint", ("sh", "-c")),
        ("entrypoint: sh", "process.entrypoint", "sh"),
        ("user: '1000:1000'", "process.user", "1000:1000"),
        ("working_dir: /app", "process.working_dir", "/app"),
        ("hostname: me", "networking.hostname", "me"),
        ("init: true", "process.init", True),
        ("init: 'no'", "process.init", False),
        ("read_only: true", "process.read_only", True),
        ("tty: yes", "process.tty", True),
        ("stdin_open: true", "process.stdin_open", True),
        ("stop_signal: SIGINT", "process.stop_signal", "SIGINT"),
        ("scale: 3", "lifecycle.replicas", 3),
        ("deploy: {replicas: 2}", "lifecycle.replicas", 2),
        ("deploy: {replicas: '${N:-2}'}", "lifecycle.replicas", 2),
        ("deploy: {mode: replicated}", "lifecycle.replicas", 1),
        ("restart: no", "lifecycle.restart", "no"),
        ("restart: 'no'", "lifecycle.restart", "no"),
        ("restart: always", "lifecycle.restart", "always"),
        ("restart: unless-stopped", "lifecycle.restart", "unless-stopped"),
        ("restart: on-failure:5", "lifecycle.restart", "on-failure"),
        ("deploy: {restart_policy: {condition: on-failure}}", "lifecycle.restart", "on-failure"),
        ("deploy: {restart_policy: {condition: any}}", "lifecycle.restart", "always"),
        ("deploy: {restart_policy: {condition: none}}", "lifecycle.restart", "no"),
        ("container_name: me", "networking.aliases", ("me",)),
        ("container_name: Grader-me", "networking.aliases", ()),
        ("links: [db]", "networking.aliases", ()),
        ("environment: {A: 1, B: true, C: 1.10, D: x, E: '', F: yes, G: 1e3}", "environment.values",
         {"A": "1", "B": "true", "C": "1.1", "D": "x", "E": "", "F": "yes", "G": "1000"}),
        ("environment: [A=1, B=, 'C=x=y', 'D=a b', 'E=''q''']", "environment.values",
         {"A": "1", "B": "", "C": "x=y", "D": "a b", "E": "'q'"}),
        ("environment: []", "environment.values", {}),
        ("environment:", "environment.values", {}),
    ],
)  # fmt: skip
def test_values(read: Read, key: str, field: str, value: Any) -> None:
    """Each in its forms."""
    assert attrgetter(field)(service(read(web(key)))) == value


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("enviroment: {A: 1}", "is not a key that is known here. Did you mean 'environment'?"),
        ("port: [80]", "Did you mean 'ports'?"),
        ("qqq: 1", "services.web.qqq is not a key that is known here."),
        ("ports: 5000", "ports is 5000; it should be a list, each entry after a dash."),
        ("ports: {80: 80}", "it should be a list"),
        ("environment: x", "a mapping of names to values, or a list like `- NAME=value`."),
        ("environment: [{A: 1}]", "environment[0] is a mapping in a list; write `- A=1`."),
        ("environment: [=x]", "has no name before the `=`."),
        ("environment: {A: [1]}", "environment.A is [1]; a variable's value is text."),
        ("image: 5", "services.web.image is 5; it should be text in quotes."),
        ("image: MySQL:8", "write it like `mysql:8.4`."),
        ("image: my sql", "write it like `mysql:8.4`."),
        ("user: 1000", "services.web.user is 1000; it should be text in quotes."),
        ("tty: maybe", 'services.web.tty is "maybe"; it should be true or false.'),
        ("command: [flask, 5000]", "command[1] is 5000; it should be text in quotes."),
        ("command: {a: b}", "it should be text or a list of texts."),
        ("restart: allways", "no, always, on-failure, unless-stopped. Did you mean 'always'?"),
        ("restart: false", "services.web.restart is false; it should be text in quotes."),
        ("stop_grace_period: 10", "it should be text in quotes."),
        ("stop_grace_period: '10'", "write a number and a unit, like `10s`."),
        ("hostname: a b", 'services.web.hostname is "a b", which is no name of a container.'),
        ("deploy: 5", "services.web.deploy is 5; it should be a mapping of keys to values."),
        ("deploy: {replica: 1}", "Did you mean 'replicas'?"),
        ("scale: many", 'services.web.scale is "many"; write how many containers'),
        ("deploy: {replicas: 1.5}", "services.web.deploy.replicas is 1.5; write how many"),
        ("deploy: {replicas: -1}", "services.web.deploy.replicas is -1; write how many"),
        ("healthcheck: {tests: x}", "Did you mean 'test'?"),
        ("depends_on: [bd]", "which is not in this file. Did you mean 'db'?"),
        ("depends_on: db", "it should be a list of names, or a mapping of them."),
        ("depends_on: [5]", "depends_on[0] is 5; it should be text in quotes."),
        ("depends_on: {db: {condition: healthy}}", "Did you mean 'service_healthy'?"),
        ("depends_on: {db: service_healthy}", "it should be a mapping of keys to values."),
        ("depends_on: [web]", "is part of a circle (`web` needs `web`); take one of these out."),
        ("links: ['bd:x']", "which is not in this file."),
        ("networks: [back]", "which `networks:` at the end of the file does not define; add"),
        ("networks: {back: }", "services.web.networks.back names the network"),
        ("networks: {default: {aliases: [a b]}}", "which is no name of a container."),
        ("networks: {default: {alias: [a]}}", "Did you mean 'aliases'?"),
        ("profiles: x", "it should be a list"),
        ("extends: {file: other.yml, service: x}", 'reads "other.yml". The exam reads one file'),
        ("extends: {}", "lacks `service`"),
        ("extends: 5", "it should be a mapping"),
        ("extends: none", 'names the service "none", which is not in this file.'),
        ("env_file: .", "is no file; name one with lines like `NAME=value`."),
        ("env_file: [5]", "env_file[0] is 5; it should be text in quotes."),
        ("env_file: {pth: x}", "Did you mean 'path'?"),
    ],
)  # fmt: skip
def test_faults(faults: Faults, key: str, sentence: str) -> None:
    """Each names the line and says what to write."""
    said = faults(web(key))
    assert said[0].startswith("compose.yml:4: ")
    assert sentence in said[0]


def test_all_faults_are_named_at_once(faults: Faults) -> None:
    """In the order of their lines."""
    said = faults(
        "services:\n  web:\n    buid: .\n    ports: 5000\n    depends_on: [bd]\n  db:\n"
        "    image: mysql\n    volumes: [none:/x]\n"
    )
    assert [one.split(" ")[0] for one in said] == [
        f"compose.yml:{line}:" for line in (2, 3, 4, 5, 8)
    ]
    assert said[0] == (
        "compose.yml:2: services.web has neither `image` nor `build`; "
        "add `build: .` to build your own code."
    )


def test_no_more_faults_than_anybody_reads(faults: Faults) -> None:
    """The rest is counted."""
    said = faults(
        "services:\n  web:\n    build: .\n" + "".join(f"    k{n}: 1\n" for n in range(90))
    )
    assert len(said) == 41
    assert said[-1] == "There are 50 more like these."


def test_lines_of_keys(read: Read) -> None:
    """Of each that stands in the file."""
    found = service(read(web("image: x", "x-y: 1", "labels: {a: b}")))
    assert found.lines.own == 2
    assert found.lines.keys == {"build": 3, "image": 4, "x-y": 5, "labels": 6}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("{test: curl x}", HealthCheck(test=("CMD-SHELL", "curl x"), line=4)),
        ("{test: [CMD, curl, x]}", HealthCheck(test=("CMD", "curl", "x"), line=4)),
        ("{test: [CMD-SHELL, 'curl x']}", HealthCheck(test=("CMD-SHELL", "curl x"), line=4)),
        ("{test: [NONE]}", HealthCheck(test=("NONE",), line=4)),
        ("{test: NONE}", HealthCheck(test=("CMD-SHELL", "NONE"), line=4)),
        ("{disable: true}", HealthCheck(test=("NONE",), line=4)),
        ("{disable: true, test: x}", HealthCheck(test=("NONE",), line=4)),
        ("{disable: false, test: x}", HealthCheck(test=("CMD-SHELL", "x"), line=4)),
        ("{interval: 5s}", HealthCheck(test=(), interval=5.0, line=4)),
        ("{test: x, interval: 1m30s, timeout: 500ms, start_period: 1h, retries: 10}",
         HealthCheck(test=("CMD-SHELL", "x"), interval=90, timeout=0.5, start_period=3600,
                     retries=10, line=4)),
        ("{test: x, retries: '5', interval: 0s, start_interval: 1s}",
         HealthCheck(test=("CMD-SHELL", "x"), retries=5, line=4)),
        ("{test: 'echo $$HOME'}", HealthCheck(test=("CMD-SHELL", "echo $HOME"), line=4)),
    ],
)  # fmt: skip
def test_health_checks(read: Read, value: str, expected: HealthCheck) -> None:
    """As the engine takes them; without a test it is the image's own."""
    assert service(read(web(f"healthcheck: {value}"))).lifecycle.healthcheck == expected


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("{test: [curl, x]}", 'begins with "curl"; begin with "CMD" or "CMD-SHELL".'),
        ("{test: [CMD]}", 'has no command after "CMD"; add one.'),
        ("{test: [CMD, 5]}", "is 5; it should be text in quotes."),
        ("{test: 5}", "it should be text or a list of texts."),
        ("{interval: 30}", "is 30; it should be text in quotes."),
        ("{interval: '30'}", "write a number and a unit, like `10s` or `1m30s`."),
        ("{timeout: 5 s}", "write a number and a unit"),
        ("{start_period: soon}", "write a number and a unit"),
        ("{retries: many}", "it should be a whole number."),
        ("{retries: 1.5}", "it should be a whole number."),
        ("{retries: -1}", "it should be a whole number."),
        ("[CMD, x]", "it should be a mapping of keys to values."),
    ],
)
def test_faults_of_health_checks(faults: Faults, value: str, sentence: str) -> None:
    """Each says what to write."""
    (said,) = faults(web(f"healthcheck: {value}"))
    assert said.startswith("compose.yml:4: services.web.healthcheck")
    assert sentence in said


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("10s", 10.0), ("1m30s", 90.0), ("500ms", 0.5), ("1.5h", 5400.0), ("1h2m3s4ms", 3723.004),
        ("100us", 0.0001), ("100µs", 0.0001), ("5ns", 5e-9), ("2d", 172800.0), ("1w", 604800.0),
        ("0", 0.0), ("0s", 0.0), (".5s", 0.5), ("9" * 90 + "s", 1e6),
        ("", None), ("10", None), ("s", None), ("10 s", None), ("-1s", None), ("1s1", None),
        ("1S", None), ("1s" * 100, None), ("ten", None),
    ],
)  # fmt: skip
def test_spans_of_time(text: str, value: float | None) -> None:
    """Go's, and days and weeks."""
    assert seconds(text) == (None if value is None else pytest.approx(value))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("[db]", Dependency(service="db", line=4)),
        ("{db: }", Dependency(service="db", line=4)),
        ("{db: {condition: service_started}}", Dependency(service="db", line=4)),
        ("{db: {condition: service_healthy, restart: true}}",
         Dependency(service="db", condition=Condition.HEALTHY, line=4)),
        ("{db: {condition: service_completed_successfully, required: false}}",
         Dependency(service="db", condition=Condition.COMPLETED, required=False, line=4)),
    ],
)  # fmt: skip
def test_dependencies(read: Read, value: str, expected: Dependency) -> None:
    """A list or a mapping with conditions."""
    assert service(read(web(f"depends_on: {value}"))).lifecycle.depends_on == (expected,)


def test_a_dependency_that_may_be_absent(read: Read) -> None:
    """One that is not required and not there is left out."""
    found = service(read(web("depends_on: {none: {required: false}}")))
    assert found.lifecycle.depends_on == ()


def test_a_circle_is_named(faults: Faults) -> None:
    """With all that are in it."""
    (said,) = faults(
        "services:\n  a: {image: x, depends_on: [b]}\n  b: {image: x, links: [c]}\n"
        "  c: {image: x, depends_on: {a: }}\n"
    )
    assert "is part of a circle (" in said
    assert all(f"`{name}`" in said for name in "abc")


def test_links_give_names_and_order(read: Read) -> None:
    """An alias goes to the linked service, which is started first."""
    reading = read(web("links: ['db:database', db, 'db:grader-x']", "depends_on: [db]"))
    assert service(reading, "db").networking.aliases == ("database",)
    assert [one.service for one in service(reading).lifecycle.depends_on] == ["db"]
    assert [one.service for one in service(read(web("links: [db]"))).lifecycle.depends_on] == ["db"]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ([], {"default": ()}),
        (["networks: []"], {"default": ()}),
        (["networks: [back]"], {"back": ()}),
        (["networks: {back: , default: {aliases: [a, a, grader-b]}}"],
         {"back": (), "default": ("a",)}),
        (["networks: [default, back]"], {"default": (), "back": ()}),
        (["network_mode: bridge"], {"default": ()}),
    ],
)  # fmt: skip
def test_networks(read: Read, keys: list[str], expected: Any) -> None:
    """With aliases; `default` where none is named. The project has those that are used."""
    reading = read(web(*keys) + "networks: {back: {driver: bridge}, unused: }\n")
    assert service(reading).networking.networks == expected
    assert reading.project is not None
    assert set(reading.project.networks) == {*expected, "default"}


def test_names_of_the_exams_own(read: Read, faults: Faults) -> None:
    """An alias is dropped with a note; a service has to be renamed."""
    reading = read(web("container_name: grader-app", "hostname: GRADER-x"))
    assert service(reading).networking.aliases == ()
    assert service(reading).networking.hostname == ""
    assert reading.project is not None
    assert [note.text.split(" ")[0] for note in reading.project.notes] == [
        "services.web.container_name",
        "services.web.hostname",
    ]
    (said,) = faults("services: {grader-db: {image: mysql}}")
    assert said.startswith("compose.yml:1: services.grader-db has a name that the exam uses itself")


@pytest.mark.parametrize("name", ["a b", "-a", "ü", "a/b", "''"])
def test_names_of_services(faults: Faults, name: str) -> None:
    """Letters, digits and a few signs."""
    (said,) = faults(f"services: {{{name}: {{image: mysql}}}}")
    assert "is no name of a service" in said


def test_profiles(read: Read, write: Write) -> None:
    """A service of a profile is left out, unless one that is started needs it."""
    text = (
        "services:\n  web: {build: ., depends_on: [db]}\n  db: {image: mysql, profiles: [a]}\n"
        "  admin: {image: phpmyadmin, profiles: [b], depends_on: [db]}\n"
    )
    reading = read(text)
    assert reading.project is not None
    assert list(reading.project.services) == ["web", "db"]
    (note,) = reading.project.notes
    assert (note.line, note.text) == (
        4,
        "services.admin.profiles keeps the service from being started, as with Docker.",
    )
    for value in ("b", "x,b", "*"):
        write(".env", f"COMPOSE_PROFILES={value}")
        reading = read(text)
        assert reading.project is not None
        assert list(reading.project.services) == ["web", "db", "admin"]
