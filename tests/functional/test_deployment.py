"""What docker-compose.yml says fits the portal: Compose takes it, and the portal knows all of it.

It needs the client of Docker, and no engine; `tests/docker/portal/test_deployment.py` brings it up.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import click
import pytest

from grader.cli.main import cli
from grader.portal.openid import settings as openid
from grader.portal.serve import portal
from grader.portal.web.config import UPLOAD_BYTES
from grader.sandbox.docker_plugins import plugin
from grader.settings import REPOSITORY

MAIN = "docker-compose.yml"
MORE = ("deploy/openid.yml", "deploy/mail.yml")
TOLD = {
    "PORTAL_HOST": "exams.school.example",
    "PORTAL_OIDC": "https://login.school.example/.well-known/openid-configuration",
    "PORTAL_OIDC_CLIENT": "exams",
    "PORTAL_SMTP": "smtps://exams@mail.school.example",
    "PORTAL_MAIL_FROM": "exams@school.example",
}
DOCUMENT = "docs/portal/operators.md"


def text_of(file: str) -> str:
    return (REPOSITORY / file).read_text("utf-8")


def config(*files: str, **told: str) -> subprocess.CompletedProcess[str]:
    """What Compose makes of `files`."""
    named = [f"--file={REPOSITORY / file}" for file in files]
    return subprocess.run(
        [*plugin("compose"), "--env-file=/dev/null", *named, "config", "--format=json"],
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", **told},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@cache
def services(*files: str) -> dict[str, Any]:
    """The services of `files`, with everything filled in."""
    done = config(*files, **TOLD)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)["services"]
    return found


@cache
def known() -> frozenset[str]:
    """The variables that the grader reads, by its own source."""
    sources = "".join(one.read_text("utf-8") for one in (REPOSITORY / "grader").rglob("*.py"))
    return frozenset(re.findall(r'"(GRADER_[A-Z_]+)"', sources))


@pytest.mark.parametrize("files", [(MAIN,), (MAIN, MORE[0]), (MAIN, MORE[1]), (MAIN, *MORE)])
def test_compose_takes_it(files: tuple[str, ...]) -> None:
    """Alone, and with what is said in other files."""
    assert set(services(*files)) == {"database", "setup", "pages", "worker", "proxy"}


@pytest.mark.parametrize(
    ("files", "missing"),
    [
        ((MAIN,), "PORTAL_HOST"),
        ((MAIN, MORE[0]), "PORTAL_OIDC"),
        ((MAIN, MORE[0]), "PORTAL_OIDC_CLIENT"),
        ((MAIN, MORE[1]), "PORTAL_SMTP"),
        ((MAIN, MORE[1]), "PORTAL_MAIL_FROM"),
    ],
)
def test_what_is_missing_is_said(files: tuple[str, ...], missing: str) -> None:
    """Before anything starts, with an example or the file to write it into."""
    less = {name: one for name, one in TOLD.items() if name != missing}
    done = config(*files, **less)
    assert done.returncode != 0
    assert missing in done.stderr
    assert ".env" in done.stderr


def test_every_setting_exists() -> None:
    """No variable of the grader's is misspelt; the provider's are all there."""
    found = {
        name
        for one in services(MAIN, *MORE).values()
        for name in one.get("environment", {})
        if name.startswith("GRADER_")
    }
    assert found <= known()
    assert "GRADER_PORTAL_DATABASE" in found
    signing = {openid.DISCOVERY, openid.CLIENT, openid.SECRET_FILE, openid.NAME, openid.LINK,
               openid.CREATE, openid.LOCAL}  # fmt: skip
    assert signing <= found
    assert signing.isdisjoint(services(MAIN)["pages"]["environment"])


def test_the_settings_are_understood() -> None:
    """Those of the school's provider, but for the secret's file, which is in a container."""
    given = dict(services(MAIN, *MORE)["pages"]["environment"])
    given[openid.SECRET_FILE] = str(REPOSITORY / "LICENSE")
    found = openid.sign_in_settings(given)
    assert found.provider
    assert found.provider.redirect_uri == "https://exams.school.example/sign-in/openid/callback"
    assert (found.provider.link, found.provider.create, found.local) == (False, False, True)


def test_secrets_are_files_and_each_service_has_its_own() -> None:
    """None is in a variable; whichever file a setting names is one of that service's secrets."""
    for name, one in services(MAIN, *MORE).items():
        given = {secret["source"] for secret in one.get("secrets", [])}
        for variable, value in one.get("environment", {}).items():
            if variable.endswith("_FILE"):
                assert value.removeprefix("/run/secrets/") in given, (name, variable)
            assert not re.search(r"://[^/@]*:[^/@]*@", value or ""), (name, variable)
        for word in one.get("command") or []:
            if word.startswith("/run/secrets/"):
                assert word.removeprefix("/run/secrets/") in given, (name, word)
    found = services(MAIN, *MORE)
    secrets = {name: {one["source"] for one in found[name]["secrets"]} for name in found}
    assert secrets["worker"] == {"worker-password"}
    assert secrets["pages"] == {"database-password", "oidc", "smtp"}
    assert secrets["proxy"] == {"certificate", "certificate-key"}


def test_what_is_reached_from_elsewhere() -> None:
    """The proxy; the database by this machine's workers alone. What the pages may do is little."""
    found = services(MAIN)
    ports = {
        name: [(one.get("host_ip"), one["target"]) for one in service.get("ports", [])]
        for name, service in found.items()
    }
    assert ports == {
        "database": [("127.0.0.1", 5432)], "setup": [], "pages": [], "worker": [],
        "proxy": [(None, 80), (None, 443)],
    }  # fmt: skip
    assert set(found["proxy"]["networks"]) == {"outside"}
    assert set(found["database"]["networks"]) == {"inside"}
    for name in ("pages", "setup"):
        assert found[name]["cap_drop"] == ["ALL"]
    mounts = {one["target"]: one for one in found["pages"]["volumes"]}
    assert "/var/run/docker.sock" not in mounts
    kept = {one["target"]: one for one in found["worker"]["volumes"]}
    assert kept["/var/lib/portal/blobs"]["source"] == mounts["/var/lib/portal/blobs"]["source"]
    assert "/var/lib/portal" not in kept  # the keys of receipts and cookies
    state = found["worker"]["environment"]["GRADER_STATE"]
    assert kept[state]["source"] == state  # the engine mounts files of runs from there


@pytest.mark.parametrize("name", ["setup", "worker"])
def test_commands_exist(name: str) -> None:
    """`grader` knows them, with their options and their arguments."""
    program, module, package, *words = services(MAIN)[name]["command"]
    assert (program, module, package) == ("python", "-m", "grader")
    assert isinstance(cli, click.Group)
    found, command, rest = cli.resolve_command(click.Context(cli), words)
    assert command is not None
    command.make_context(found, rest)


def test_the_pages_are_served_as_by_grader_serve() -> None:
    """The same server with the same options, but for where it listens and keeps its pulse."""
    said = re.search(r'^CMD (\["python", "-m", "gunicorn".*?\])$', text_of("deploy/Dockerfile"),
                     re.MULTILINE | re.DOTALL)  # fmt: skip
    assert said
    words = json.loads(said[1].replace("\\\n", ""))
    plan: Any = type("Plan", (), {"host": "0.0.0.0", "port": 8000, "folder": Path("/dev/shm")})
    _, *expected = portal._pages(plan)
    assert words[1:] == expected


def test_the_image_has_what_it_needs() -> None:
    """What is copied is there, and no more of a clone than that goes to the builder."""
    dockerfile, ignored = text_of("deploy/Dockerfile"), text_of("deploy/Dockerfile.dockerignore")
    for file in re.findall(r"grader/requirements/\w+\.txt", dockerfile):
        assert (REPOSITORY / file).is_file()
    taken = [line[1:] for line in ignored.splitlines() if line.startswith("!")]
    assert "*" in ignored.splitlines()
    assert [one for one in taken if not (REPOSITORY / one).exists()] == []
    assert {"grader", "challenges", "pyproject.toml"} <= set(taken)
    stages = re.findall(r"^FROM \S+ AS (\w+)$", dockerfile, re.MULTILINE)
    assert {services(MAIN)[name]["build"]["target"] for name in ("pages", "worker")} == set(stages)


def test_the_proxy_fits_the_portal() -> None:
    """It takes what the portal takes, logs no query and no link, and knows one variable."""
    said = text_of("deploy/nginx.conf.template")
    assert set(re.findall(r"\$\{(\w+)\}", said)) == {"PORTAL_HOST"}
    assert services(MAIN)["proxy"]["environment"] == {"PORTAL_HOST": "exams.school.example"}
    most = re.search(r"client_max_body_size (\d+)m;", said)
    assert most
    assert int(most[1]) << 20 > UPLOAD_BYTES + 8 * 1024 * 1024
    log = re.search(r"log_format portal '(.*)';", said)
    assert log
    assert not re.search(r"\$(request|request_uri|args|query_string|http_referer)\b", log[1])
    [sign_in] = re.findall(r"location ~ \^/sign-in/ \{.*?\}", said, re.DOTALL)
    assert "access_log off;" in sign_in
    for header in ("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"):
        assert (
            f"proxy_set_header {header} " in said
        )  # what a browser says of these is not passed on


def test_what_operators_set_is_described() -> None:
    """Each variable of the files is in the guide or in the example, and the other way round."""
    files = "".join(text_of(file) for file in (MAIN, *MORE))
    used = set(re.findall(r"\$\{(PORTAL_[A-Z_]+)", files))
    example = set(re.findall(r"^#?(PORTAL_[A-Z_]+)=", text_of("deploy/example.env"), re.MULTILINE))
    assert example <= used
    assert used - example <= set(re.findall(r"PORTAL_[A-Z_]+", text_of(DOCUMENT)))
    for file in MORE:
        assert file in text_of("deploy/example.env")
    secrets = set(re.findall(r"\./secrets/([\w.-]+)", files))
    assert {one for one in secrets if f"secrets/{one}" not in text_of(DOCUMENT)} == set()


def test_the_example_is_one() -> None:
    """As it is, and with all that is commented out."""
    lines = text_of("deploy/example.env").splitlines()
    for whole in (False, True):
        said = [line.removeprefix("#") if whole else line for line in lines]
        told = dict(line.split("=", 1) for line in said if re.match(r"[A-Z_]+=", line))
        files = told.pop("COMPOSE_FILE", MAIN).split(":")
        done = config(*files, **told)
        assert done.returncode == 0, done.stderr


def test_developers_have_theirs() -> None:
    """What `make dev-up` starts is another project, in a file of its own."""
    told = dict.fromkeys(
        ("GRADER_DEV_PYTHON", "GRADER_DEV_INDEX", "GRADER_DEV_MYSQL", "GRADER_DEV_PASSWORD"), "x"
    )
    done = config("dev/docker-compose.yml", **told | {"GRADER_DEV_INDEX": "127.0.0.1"})
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["name"] == "practical-exam-grader-dev"
    assert Path(found["services"]["index"]["build"]["context"], "Dockerfile").is_file()
    for file in ("scripts/dev-up.sh", "Makefile"):
        lines = [line for line in text_of(file).splitlines() if "docker compose" in line]
        assert lines
        assert all("--file dev/docker-compose.yml" in shlex.join(line.split()) for line in lines)
