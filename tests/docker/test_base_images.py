"""Dockerfiles written for the official images build and run on what takes their place."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.sandbox import images, index
from grader.sandbox.build import BuildRequest, Built, StepEnvironment, build
from grader.sandbox.engine import Engine
from grader.sandbox.images.resolve import host_authorities
from grader.settings import Settings

Check = Callable[..., str]

HELLO = 'CMD ["python", "-c", "import flask; print(flask.__name__)"]'
AS_STUDENT = "RUN useradd --create-home student\nUSER student"

DOCKERFILES = {
    "one stage": f"""
FROM python:3.11-slim
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
{AS_STUDENT}
{HELLO}
""",
    "a prefix copied into /usr/local": f"""
FROM python:3.11-slim AS builder
COPY requirements.txt .
RUN pip install --prefix=/install -r requirements.txt
FROM python:3.11-slim
COPY --from=builder /install /usr/local
RUN flask --version
{HELLO}
""",
    "a user's installation copied": f"""
FROM python:3.11-slim AS builder
COPY requirements.txt .
RUN pip install --user -r requirements.txt
FROM python:3.11-slim
COPY --from=builder /root/.local /root/.local
ENV PATH=/root/.local/bin:$PATH
RUN flask --version
{HELLO}
""",
    "site-packages copied": f"""
FROM python:3.13-slim AS builder
COPY requirements.txt .
RUN pip install -r requirements.txt
FROM python:3.13-slim
COPY --from=builder /usr/local/lib/python3.13/site-packages /usr/local/lib/python3.13/site-packages
COPY --from=builder /usr/local/bin /usr/local/bin
RUN flask --version
{HELLO}
""",
    "an environment in /opt/venv": f"""
FROM python:3.13-slim AS builder
RUN python -m venv /opt/venv
ENV PATH="/opt/venv/bin:$PATH"
COPY requirements.txt .
RUN pip install -r requirements.txt
FROM python:3.13-slim
COPY --from=builder /opt/venv /opt/venv
ENV PATH="/opt/venv/bin:$PATH"
{AS_STUDENT}
{HELLO}
""",
    "wheels built first": f"""
FROM python:3.11-slim AS builder
COPY requirements.txt .
RUN pip wheel --wheel-dir /wheels -r requirements.txt
FROM python:3.11-slim
COPY --from=builder /wheels /wheels
RUN pip install --no-index --find-links=/wheels flask
{HELLO}
""",
    "an older Python and an older Debian": f"""
ARG VERSION=3.9
FROM python:3.9-slim-buster
COPY requirements.txt .
RUN python3 -m pip install -r requirements.txt
{HELLO}
""",
}


@pytest.fixture
def check(engine: Engine, settings: Settings, tmp_path: Path) -> Iterator[Check]:
    """Build a Dockerfile as a run does, run the image and give what it prints."""
    made: list[str] = []
    (tmp_path / "requirements.txt").write_text("flask\n")

    def run(dockerfile: str, command: list[str] | None = None) -> str:
        named = {line.split()[1] for line in dockerfile.split("\n") if line.startswith("FROM ")}
        contexts = {
            name: images.resolve_base(engine, name, settings=settings).image for name in named
        }
        address = index.ensure(engine, settings)
        request = BuildRequest(
            context=tmp_path,
            dockerfile=dockerfile.encode(),
            contexts=contexts,
            steps=StepEnvironment(hosts={images.INDEX_HOST: address.build_address}),
            labels={},
            deadline=300,
        )
        result = build(request, cancel=threading.Event())
        assert isinstance(result, Built), result
        made.append(result.image)
        output = engine.client.containers.run(result.image, command, remove=True)
        return bytes(output).decode().strip()

    yield run
    for image in made:
        engine.client.api.remove_image(image, force=True)


@pytest.mark.parametrize("kind", DOCKERFILES)
def test_it_builds_and_runs_unchanged(kind: str, check: Check) -> None:
    """Each way that students install their packages works as on the official image."""
    assert check(DOCKERFILES[kind]) == "flask"


def test_a_driver_can_be_compiled(check: Check) -> None:
    """Debian packages install, and a C extension compiles against Python's headers."""
    dockerfile = """
FROM python:3.11-slim
RUN apt-get update \\
    && apt-get install -y --no-install-recommends gcc default-libmysqlclient-dev pkg-config \\
    && rm -rf /var/lib/apt/lists/*
RUN pip install mysqlclient
CMD ["python", "-c", "import MySQLdb; print(MySQLdb.__name__)"]
"""
    assert check(dockerfile) == "MySQLdb"


def test_the_surroundings_are_the_official_ones(check: Check) -> None:
    """Paths, environment and command are those that Dockerfiles count on."""
    script = """
which python python3 pip
echo $LANG
python -c 'import sys; print(sys.prefix)'
python -c 'import sysconfig; print(sysconfig.get_path("purelib"))'
python -c 'import os, platform; assert platform.python_version() == os.environ["PYTHON_VERSION"]'
"""
    found = check("FROM python:3.11-slim\n", ["sh", "-ec", script]).split("\n")
    assert found == [
        "/usr/local/bin/python",
        "/usr/local/bin/python3",
        "/usr/local/bin/pip",
        "C.UTF-8",
        "/usr/local",
        "/usr/local/lib/python3.11/site-packages",
    ]


def test_builds_trust_the_hosts_authorities(check: Check) -> None:
    """Authorities of this host and the index's are in the bundle, also once it is made again."""
    wanted = len(host_authorities()) + 1
    counted = check(
        "FROM python:3.11-slim\nUSER root\nRUN update-ca-certificates --fresh >/dev/null 2>&1\n",
        [
            "sh",
            "-c",
            """ls /usr/local/share/ca-certificates/*.crt 2>/dev/null | wc -l
            grep -c BEGIN /etc/ssl/certs/ca-certificates.crt""",
        ],
    ).split()
    assert int(counted[0]) == wanted
    assert int(counted[1]) > 50 + wanted


def test_a_mysql_base_takes_init_scripts(engine: Engine, settings: Settings) -> None:
    """A Dockerfile on a MySQL image gets a server whose entrypoint is there."""
    base = images.resolve_base(engine, "mysql:8.0", settings=settings)
    config = engine.client.api.inspect_image(base.image)["Config"]  # type: ignore[no-untyped-call]
    assert config["Entrypoint"]
    assert config["Cmd"] == ["mysqld"]


def test_nothing_is_made_twice(engine: Engine, settings: Settings) -> None:
    """Where everything is there, `prepare` makes nothing and says the same images."""
    first = images.prepare(engine, settings=settings)
    said: list[str] = []
    assert images.prepare(engine, settings=settings, progress=said.append) == first
    assert [line for line in said if "making" in line] == []


def test_all_that_is_needed_is_there(engine: Engine, settings: Settings) -> None:
    """After `prepare`, `status` names a local image for each."""
    images.prepare(engine, settings=settings)
    assert all(row.image and row.size for row in images.status(engine, settings=settings))


def test_an_image_nobody_has_is_the_students_fault(engine: Engine, settings: Settings) -> None:
    """What is no image reference at all is said to be so, with no blame on the machine."""
    with pytest.raises(images.BaseImageUnknown, match=r"Check its name and its tag in the FROM"):
        images.resolve_base(engine, "Python:3.11", settings=settings)
