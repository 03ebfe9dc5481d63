"""A build reaches the package index and nothing else: not the host, not another build.

The listeners are tried from the host first, so that one that nobody could reach proves nothing.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import psutil
import pytest

from grader.sandbox import images, index
from grader.sandbox.build import BuildRequest, Built, build
from grader.sandbox.build_log import BuildFailed
from grader.sandbox.engine import Engine
from grader.sandbox.index import IndexAddress
from grader.sandbox.labels import run_labels
from grader.settings import Settings

DEADLINE = 90.0
NEIGHBOUR_PORT = 47411
CLOSABLE = sys.platform == "linux" and os.geteuid() == 0

TRY = """
import socket, sys
wanted, *others = sys.argv[1:]
def reached(target):
    host, _, port = target.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=3).close()
    except OSError as error:
        print(target, error)
        return False
    return True
assert reached(wanted), "the index"
assert not [one for one in others if reached(one)]
"""
LISTEN = f"""
import select, socket
listener = socket.create_server(("0.0.0.0", {NEIGHBOUR_PORT}))
hosts = lambda: [line.split()[3] for line in open("/proc/net/arp") if line.startswith("GATEWAY ")]
listener.settimeout(40)
before, seen = None, []
while True:
    connection, address = listener.accept()
    said = connection.recv(10)
    seen.append(address[0])
    before = before or hosts()
    connection.close()
    if said == b"end":
        break
assert hosts() == before, (before, hosts())
assert set(seen) == {{"GATEWAY"}}, seen
"""
SPOOF = """
import socket, struct, time
gateway = socket.inet_aton("GATEWAY")
raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
raw.bind(("eth0", 0x0806))
mine = raw.getsockname()[4]
frame = b"\\xff" * 6 + mine + struct.pack("!HHHBBH", 0x0806, 1, 0x0800, 6, 4, 2)
for _ in range(20):
    assert raw.send(frame + mine + gateway + mine + gateway) > 0
"""


class Listener:
    """A listener on every address of the host that remembers who called."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("0.0.0.0", 0))
        self.port = int(self._socket.getsockname()[1])
        self.visitors: list[str] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, address = self._socket.accept()
            except OSError:
                return
            self.visitors.append(address[0])
            connection.close()

    def seen_from_here(self, host: str) -> bool:
        """Whether the host itself reaches it at `host`; the call is not remembered."""
        socket.create_connection((host, self.port), timeout=3).close()
        end = time.monotonic() + 5
        while not self.visitors and time.monotonic() < end:
            time.sleep(0.01)
        seen = bool(self.visitors)
        self.visitors.clear()
        return seen

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    one = Listener()
    yield one
    one.close()


@pytest.fixture
def base(engine: Engine, settings: Settings) -> str:
    return images.resolve_base(engine, "python:3.11-slim", settings=settings).image


@pytest.fixture
def address(engine: Engine, settings: Settings) -> IndexAddress:
    """The index, with the network of builds closed around it."""
    found = index.ensure(engine, settings)
    if not CLOSABLE:
        assert index.confine(found, settings)
        pytest.skip("only root on the engine's own Linux machine can close it; `doctor` says so")
    assert index.confine(found, settings) == ""
    return found


def built(base: str, folder: Path, steps: str) -> Built | BuildFailed:
    request = BuildRequest(
        context=folder,
        dockerfile=f"FROM {base}\nENV TRIAL={uuid4()}\n{steps}\n".encode(),  # nothing is cached
        contexts={},
        images=(base,),
        labels=run_labels("network"),
        deadline=DEADLINE,
    )
    return build(request, cancel=threading.Event())


def script(name: str, folder: Path, text: str, gateway: str = "") -> str:
    """The step that runs `text`."""
    (folder / name).write_text(text.replace("GATEWAY", gateway), "utf-8")
    return f"COPY {name} /{name}\nRUN python3 /{name}"


def succeeds(engine: Engine, done: Built | BuildFailed) -> None:
    assert isinstance(done, Built), done
    engine.client.api.remove_image(done.image, force=True)


def test_a_step_reaches_the_index_alone(
    base: str, engine: Engine, address: IndexAddress, listener: Listener, tmp_path: Path
) -> None:
    """Not the host on its bridge, on loopback or on any other address it has."""
    hosts = {
        entry.address
        for entries in psutil.net_if_addrs().values()
        for entry in entries
        if entry.family == socket.AF_INET
    }
    assert {"127.0.0.1", address.host} <= hosts
    assert all(listener.seen_from_here(host) for host in hosts)
    targets = " ".join(f"{host}:{listener.port}" for host in sorted(hosts))
    step = script("try.py", tmp_path, TRY)
    done = built(base, tmp_path, f"{step} {address.host}:{address.port} {targets}")
    succeeds(engine, done)
    assert listener.visitors == []


def test_builds_do_not_see_each_other(
    base: str, engine: Engine, address: IndexAddress, tmp_path: Path
) -> None:
    """A step that listens is reached by no neighbour, and none of them can pass for the host.

    The second build has NET_RAW, as BuildKit gives it to every step, and says that the index's
    address is its own; the first one's table of neighbours stays as it was.
    """
    folders = [tmp_path / name for name in ("one", "other")]
    for folder in folders:
        folder.mkdir()
    with ThreadPoolExecutor(max_workers=1) as pool:
        step = script("listen.py", folders[0], LISTEN, address.host)
        first = pool.submit(built, base, folders[0], step)
        neighbour = found_neighbour(address.host)
        spoof = script("spoof.py", folders[1], SPOOF, address.host)
        reach = script("try.py", folders[1], TRY)
        there = f"{address.host}:{address.port} {neighbour}:{NEIGHBOUR_PORT}"
        second = built(base, folders[1], f"{spoof}\n{reach} {there}")
        told(neighbour, b"end")
        succeeds(engine, first.result())
    succeeds(engine, second)


def found_neighbour(gateway: str) -> str:
    """The address on the bridge at which a step listens."""
    network = gateway.rpartition(".")[0]
    end = time.monotonic() + 30
    while time.monotonic() < end:
        for number in range(2, 30):
            if told(f"{network}.{number}", b"seen"):
                return f"{network}.{number}"
    msg = "the first build never listened"
    raise AssertionError(msg)


def told(host: str, text: bytes) -> bool:
    try:
        with socket.create_connection((host, NEIGHBOUR_PORT), timeout=0.05) as connection:
            connection.sendall(text)
    except OSError:
        return False
    return True


def test_the_engine_fetches_nothing(base: str, listener: Listener, tmp_path: Path) -> None:
    """BuildKit itself refuses what our reading might miss, and nobody calls."""
    assert listener.seen_from_here("127.0.0.1")
    url = f"http://127.0.0.1:{listener.port}/secret"
    done = built(base, tmp_path, f"ADD {url} /secret")
    assert isinstance(done, BuildFailed)
    assert done.denied == url
    assert listener.visitors == []


@pytest.mark.parametrize(
    "step",
    [
        "FROM grader/tools:latest",
        "COPY --from=grader/tools:latest /bin/sh /x",
        "RUN --mount=FROM=grader/tools:latest,target=/x true",
    ],
)
def test_no_other_image_is_used(
    base: str, step: str, engine: Engine, settings: Settings, tmp_path: Path
) -> None:
    """Not even one that is there."""
    assert images.tools_image(engine, settings=settings)
    done = built(base, tmp_path, step)
    assert isinstance(done, BuildFailed)
    assert done.denied == "docker-image://docker.io/grader/tools:latest"
