"""Debian's packages in a build: installed through the index, and told honestly where they are not.

The first test needs Debian's archives, where this machine's own apt gets them.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from grader.sandbox import images, index
from grader.sandbox.build import BuildRequest, Built, StepEnvironment, build
from grader.sandbox.build_log import BuildFailed
from grader.sandbox.engine import Engine
from grader.sandbox.images import bootstrap
from grader.sandbox.index import IndexAddress
from grader.settings import Settings

SOON = 15.0
"""Seconds in which a step that cannot succeed has failed, the start of its container included."""
UNRESOLVED = """
import time, urllib.request
for _ in range(8):
    began = time.monotonic()
    try:
        urllib.request.urlopen("http://example.org/")
    except OSError as error:
        print(error)
    assert time.monotonic() - began < 2
"""


@pytest.fixture
def base(engine: Engine, settings: Settings) -> str:
    return images.resolve_base(engine, "python:3.11-slim", settings=settings).image


@pytest.fixture
def address(engine: Engine, settings: Settings) -> IndexAddress:
    return index.ensure(engine, settings)


@pytest.fixture
def without_archives(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Settings]:
    """Settings for an index on a host whose own archives do not answer."""
    away = {name: f"http://127.0.0.1:9/{name}" for name in ("debian", "debian-security")}
    monkeypatch.setattr(bootstrap, "host_archives", lambda: away)
    monkeypatch.setattr(bootstrap, "host_proxies", lambda: {"http": ""})
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    apart = replace(settings, state=tmp_path / "state", index_port=port)
    yield apart
    index.stop(apart)


def built(base: str, address: IndexAddress, folder: Path, *steps: str) -> Built | BuildFailed:
    lines = "\n".join(f"RUN {step}" for step in steps)
    request = BuildRequest(
        context=folder,
        dockerfile=f"FROM {base}\nENV TRIAL={uuid4()}\n{lines}\n".encode(),  # nothing is cached
        contexts={},
        images=(base,),
        steps=StepEnvironment(hosts={images.INDEX_HOST: address.build_address}),
        labels={},
        deadline=120,
    )
    return build(request, cancel=threading.Event())


def test_a_package_is_installed(
    base: str, address: IndexAddress, engine: Engine, tmp_path: Path
) -> None:
    """As in a student's Dockerfile, and it works."""
    install = "apt-get update && apt-get install -y --no-install-recommends hello && hello"
    done = built(base, address, tmp_path, install)
    assert isinstance(done, Built), done
    engine.client.api.remove_image(done.image, force=True)


def test_a_package_that_is_not_there_is_the_students(
    base: str, address: IndexAddress, settings: Settings, tmp_path: Path
) -> None:
    """The index has no fault on record, and apt's own line is quoted."""
    began = time.monotonic()
    done = built(base, address, tmp_path, "apt-get update && apt-get install -y netcat")
    assert isinstance(done, BuildFailed)
    assert "E: Package 'netcat' has no installation candidate" in done.rationale
    assert index.archive_fault(settings, within=time.monotonic() - began) == ""


def test_archives_that_are_away_are_told_soon(
    base: str, engine: Engine, without_archives: Settings, tmp_path: Path
) -> None:
    """An update fails at once, names the archive, and the index has it on record."""
    away = index.ensure(engine, without_archives)
    began = time.monotonic()
    proxy = f"http://{images.INDEX_HOST}:{away.port}/"
    done = built(base, away, tmp_path, f"apt-get -o Acquire::http::Proxy={proxy} update")
    assert isinstance(done, BuildFailed)
    assert time.monotonic() - began < SOON
    assert ".debian.org cannot be reached from the grader's host" in done.log
    assert ".debian.org" in index.archive_fault(without_archives, within=SOON)


@pytest.mark.parametrize("source", ["http://packages.example", "https://packages.example"])
def test_another_makers_packages_are_refused_soon(
    source: str, base: str, address: IndexAddress, settings: Settings, tmp_path: Path
) -> None:
    """With the reason; that is no fault of the platform's."""
    began = time.monotonic()
    add = f"echo 'deb {source}/apt stable main' >/etc/apt/sources.list && apt-get update"
    done = built(base, address, tmp_path, add)
    took = time.monotonic() - began
    assert isinstance(done, BuildFailed)
    assert took < SOON
    assert "A build reaches Python's and Debian's packages and nothing else" in done.rationale
    assert index.archive_fault(settings, within=took) == ""


def test_names_are_looked_up_in_vain_at_once(
    base: str, address: IndexAddress, settings: Settings, engine: Engine, tmp_path: Path
) -> None:
    """Many in a row, too: the kernel sends an address few refusals unless it is told otherwise."""
    if reason := index.confine(address, settings):
        pytest.skip(f"builds reach what containers reach here: {reason}")
    (tmp_path / "unresolved.py").write_text(UNRESOLVED, "utf-8")
    steps = ("--mount=type=bind,target=/here python3 /here/unresolved.py",)
    done = built(base, address, tmp_path, *steps)
    assert isinstance(done, Built), done
    engine.client.api.remove_image(done.image, force=True)
