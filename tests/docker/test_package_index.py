"""The local package index: one for all runs, reached by builds alone, honest about faults."""

from __future__ import annotations

import hashlib
import io
import json
import os
import socket
import threading
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psutil
import pytest
import requests

from grader.errors import PlatformError
from grader.sandbox import images, index
from grader.sandbox.build import BuildCache, BuildRequest, Built, StepEnvironment, build
from grader.sandbox.build_log import BuildFailed
from grader.sandbox.engine import Engine
from grader.settings import Settings

WHEEL = "grader_made_up-1.0-py3-none-any.whl"


def wheel() -> bytes:
    """A package that no index has."""
    buffer = io.BytesIO()
    about = "grader_made_up-1.0.dist-info"
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("grader_made_up.py", "ANSWER = 42\n")
        file.writestr(
            f"{about}/METADATA", "Metadata-Version: 2.1\nName: grader-made-up\nVersion: 1.0\n"
        )
        file.writestr(
            f"{about}/WHEEL",
            "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        file.writestr(f"{about}/RECORD", "")
    return buffer.getvalue()


@dataclass
class Upstream:
    """The index above: it has one package, and can be made to fail."""

    url: str
    content: bytes
    failing: bool = False
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def upstream(monkeypatch: pytest.MonkeyPatch) -> Iterator[Upstream]:
    """An index on loopback that this host's pip is set to."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.asked.append(self.path)
            page = f'<a href="{WHEEL}#sha256={hashlib.sha256(served.content).hexdigest()}">{WHEEL}'
            answers = {
                "/simple/grader-made-up/": (f"<html>{page}</a></html>".encode(), "text/html"),
                f"/simple/grader-made-up/{WHEEL}": (served.content, "application/zip"),
                "/simple/": (b'<a href="grader-made-up/">grader-made-up</a>', "text/html"),
            }
            body, kind = answers.get(self.path, (b"", "text/html"))
            self.send_response(503 if served.failing else 200 if body else 404)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_HEAD = do_GET  # noqa: N815  # the base class chose these names

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        served = Upstream(url=f"http://127.0.0.1:{server.server_port}/simple/", content=wheel())
        monkeypatch.setenv("PIP_INDEX_URL", served.url)
        monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield served
        server.shutdown()
        thread.join()


@pytest.fixture
def own(settings: Settings, tmp_path: Path, upstream: Upstream) -> Iterator[Settings]:
    """Settings for an index apart from the one that runs share."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    apart = replace(settings, state=tmp_path / "state", index_port=port)
    yield apart
    index.stop(apart)


def page(address: index.IndexAddress, path: str) -> requests.Response:
    """What the index answers for `path`."""
    url = f"http://{address.host}:{address.port}/index/{path}"
    return requests.get(url, timeout=30, allow_redirects=False)


def process_of(settings: Settings) -> psutil.Process:
    """The process that serves it."""
    record = json.loads((settings.state / "index" / "process.json").read_text())
    return psutil.Process(record["pid"])


def test_runs_share_one(engine: Engine, own: Settings) -> None:
    """Those who ask at the same time get the same process."""
    with ThreadPoolExecutor(max_workers=4) as pool:
        addresses = set(pool.map(lambda _: index.ensure(engine, own), range(4)))
    assert len(addresses) == 1
    first = process_of(own).pid
    index.ensure(engine, own)
    assert process_of(own).pid == first


def test_it_listens_for_builds_alone(engine: Engine, own: Settings) -> None:
    """It has one address, and that is not every one of the host's."""
    address = index.ensure(engine, own)
    listening = [entry.laddr.ip for entry in process_of(own).net_connections(kind="inet")]
    assert set(listening) == {address.host}
    assert address.host not in {"0.0.0.0", "::"}


def test_it_can_be_stopped_and_started(engine: Engine, own: Settings) -> None:
    """`stop` says whether there was one, and the next run has one again."""
    assert index.stop(own) is False
    index.ensure(engine, own)
    assert index.answers(own)
    assert index.stop(own) is True
    assert not index.answers(own)
    index.ensure(engine, own)
    assert index.answers(own)


def test_a_stale_file_counts_for_nothing(engine: Engine, own: Settings) -> None:
    """A process that has got the id by chance is neither taken for the index nor ended."""
    file = own.state / "index" / "process.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"pid": os.getpid(), "began": "1", "host": "127.0.0.1", "port": 1}))
    assert not index.answers(own)
    index.ensure(engine, own)
    assert process_of(own).pid != os.getpid()


def test_a_killed_one_is_replaced(engine: Engine, own: Settings) -> None:
    """After SIGKILL the next run starts another."""
    index.ensure(engine, own)
    killed = process_of(own)
    killed.kill()
    killed.wait(timeout=10)
    index.ensure(engine, own)
    assert index.answers(own)


def test_a_strangers_port_is_named(engine: Engine, own: Settings) -> None:
    """Another program at the port is no index; the error says what to do."""
    address = index.ensure(engine, own)
    index.stop(own)
    stranger = socket.create_server((address.host, own.index_port))
    with stranger, pytest.raises(PlatformError, match=r"set GRADER_INDEX_PORT"):
        index.ensure(engine, own)


def test_packages_are_kept(engine: Engine, own: Settings, upstream: Upstream) -> None:
    """What was fetched once is served without asking the index above again."""
    address = index.ensure(engine, own)
    assert WHEEL in page(address, "grader-made-up/").text
    assert page(address, f"grader-made-up/{WHEEL}").content == upstream.content
    upstream.failing = True
    assert page(address, f"grader-made-up/{WHEEL}").content == upstream.content
    assert index.answers(own)


def test_a_package_nobody_has_is_no_fault(
    engine: Engine, own: Settings, upstream: Upstream
) -> None:
    """It is answered with 404, and the index goes on being trusted.

    The list of all projects is not asked for: the usual one is tens of megabytes.
    """
    address = index.ensure(engine, own)
    assert page(address, "no-such-package/").status_code == 404
    assert page(address, "").status_code == 200
    assert page(address, "grader-made-up/").status_code == 200
    assert upstream.asked == ["/simple/no-such-package/", "/simple/grader-made-up/"]
    assert index.answers(own)


@pytest.mark.parametrize("path", ["grader-made-up/", f"grader-made-up/{WHEEL}"])
def test_an_upstream_fault_is_told(
    path: str, engine: Engine, own: Settings, upstream: Upstream
) -> None:
    """Pip gets an answer that it does not ask for again, and the fault is remembered."""
    address = index.ensure(engine, own)
    if path.endswith(".whl"):
        page(address, "grader-made-up/")
    upstream.failing = True
    assert page(address, path).status_code == 504
    assert not index.answers(own)


def test_a_build_gets_packages_and_faults_soon(
    engine: Engine, own: Settings, upstream: Upstream, tmp_path: Path
) -> None:
    """Pip in a RUN step installs through it, and fails within seconds where it cannot."""
    base = images.resolve_base(engine, "python:3.11-slim", settings=own)
    address = index.ensure(engine, own)
    context = tmp_path / "context"
    context.mkdir()
    request = BuildRequest(
        context=context,
        dockerfile=b"FROM base\nRUN pip install grader-made-up\nRUN python -m grader_made_up",
        contexts={"base": base.image},
        steps=StepEnvironment(hosts={images.INDEX_HOST: address.build_address}),
        labels={},
        deadline=60,
        cache=BuildCache(layers=False),
    )
    built = build(request, cancel=threading.Event())
    upstream.failing = True
    index.stop(own)
    index.ensure(engine, own)
    started = time.monotonic()
    failed = build(request, cancel=threading.Event())
    engine.client.api.remove_image(base.image, force=True)
    assert isinstance(built, Built), built
    assert isinstance(failed, BuildFailed)
    assert time.monotonic() - started < 20
    assert not index.answers(own)
