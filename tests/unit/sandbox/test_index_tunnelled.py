"""Package indexes on other hosts, as the index here answers for them."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
import requests
from waitress.server import create_server  # type: ignore[import-untyped]

from grader.sandbox.authority import Certificates, authority, key_file
from grader.sandbox.index.app import FaultKeeper, StartResponse, State
from grader.sandbox.index.serve import Tunnels, channel_class
from grader.sandbox.index.tunnelled import TunnelledIndex, index_path, release
from grader.settings import Settings

FILES: list[dict[str, Any]] = [
    {"filename": "demo-1.0.tar.gz", "hashes": {"sha256": "aa"}, "requires-python": ">=3.8"},
    {"filename": "demo-2.0-py3-none-any.whl", "hashes": {"sha256": "bb"}, "yanked": False},
    {"filename": "demo-2.0.tar.gz", "hashes": {"sha256": "cc"}},
    {"filename": "odd name", "hashes": {}},
]


def index(environ: State, start_response: StartResponse) -> Iterable[bytes]:
    """An index with one project."""
    path = environ["PATH_INFO"]
    if path == "/index/demo/":
        start_response("200 OK", [("Content-Type", "application/json")])
        return [
            json.dumps({"meta": {"api-version": "1.0"}, "name": "demo", "files": FILES}).encode()
        ]
    if path == "/index/demo/demo-2.0.tar.gz":
        start_response("200 OK", [("Content-Type", "application/gzip")])
        return [b"its content"]
    if path == "/index/broken/":
        start_response("500 Oh", [])
        return [b""]
    start_response("404 Not Found", [])
    return [b""]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """An index that is served, and how a client reaches PyPI through it."""
    folder = tmp_path_factory.mktemp("index")
    settings = Settings.from_env({"GRADER_STATE": str(folder)})
    trusted = folder / "trusted.pem"
    trusted.write_bytes(authority(settings))
    app = FaultKeeper(index)
    server = create_server(app, host="127.0.0.1", port=0, threads=2)
    server.channel_class = channel_class(
        Tunnels(TunnelledIndex(app), Certificates(key_file(settings)))
    )

    def run() -> None:
        with suppress(OSError):  # it is closed while it waits
            server.run()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    port = server.effective_port
    yield {
        "proxies": {"https": f"http://127.0.0.1:{port}"}, "verify": str(trusted), "timeout": 10,
        "port": port,
    }  # fmt: skip
    server.close()
    thread.join(5)


def get(served: dict[str, Any], url: str, **headers: str) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        options = {name: served[name] for name in ("proxies", "verify", "timeout")}
        return session.get(url, headers=headers, **options)


def test_a_tool_that_names_pypi_gets_what_the_index_has(served: dict[str, Any]) -> None:
    """The page of a project, a file by either address, and the JSON of a release."""
    accept = "application/vnd.pypi.simple.v1+json"
    page = get(served, "https://index.example/simple/Demo/", Accept=accept).json()
    assert page["files"][1]["url"] == "https://index.example/simple/demo/demo-2.0-py3-none-any.whl"
    assert page["versions"] == ["1.0", "2.0"]
    stored = "https://files.example/packages/ab/cd/0123/demo-2.0.tar.gz"
    for address in ("https://index.example/simple/demo/demo-2.0.tar.gz", stored):
        assert get(served, address).content == b"its content"
    info = get(served, "https://index.example/pypi/demo/1.0/json").json()
    assert info["info"]["version"] == "1.0"
    assert info["urls"][0]["digests"] == {"sha256": "aa"}


@pytest.mark.parametrize(
    "address",
    [
        "https://index.example/legacy/",
        "https://index.example/simple/",
        "https://index.example/grader/state",
        "https://index.example/simple/demo/../../cache/list",
        "https://index.example/simple/demo/%2e%2e/cache",
        "https://index.example" + "/a" * 2000 + "/simple/demo/",
        "https://files.example/other",
    ],
)
def test_there_is_nothing_else_in_a_tunnel(served: dict[str, Any], address: str) -> None:
    """Pages and files of projects alone."""
    assert get(served, address).status_code in {403, 404, 414}


def test_no_tunnel_leads_anywhere_else(served: dict[str, Any]) -> None:
    """Another port, and what is no name of a host, is refused before anything is sent on."""
    for address in ("https://index.example:8443/", "https://localhost/", "https://in_dex.example/"):
        with pytest.raises(requests.exceptions.ProxyError):
            get(served, address)


def test_what_the_index_cannot_have_is_kept_as_its_fault(served: dict[str, Any]) -> None:
    """As for pip: a build that failed for it is not held against a student."""
    assert get(served, "https://index.example/simple/broken/").status_code == 504
    state = requests.get(f"http://127.0.0.1:{served['port']}/grader/state", timeout=5).json()
    assert state["fault_path"] == "/index/broken/"


def test_a_head_in_pieces_is_read(served: dict[str, Any]) -> None:
    """A client may send a line at a time."""
    context = ssl.create_default_context(cafile=served["verify"])
    with closing(socket.create_connection(("127.0.0.1", served["port"]), timeout=10)) as plain:
        for piece in (b"CONNECT an.example:", b"443 HTTP/1.1\r\nHost: an.example\r\n", b"\r\n"):
            plain.sendall(piece)
        assert plain.recv(100).startswith(b"HTTP/1.1 200 ")
        with context.wrap_socket(plain, server_hostname="an.example") as secure:
            secure.sendall(b"GET /simple/demo/demo-2.0.tar.gz HTTP/1.1\r\nHost: an.example\r\n\r\n")
            assert b" 200 OK" in secure.recv(4000)


def test_pip_goes_on_as_before(served: dict[str, Any]) -> None:
    """What asks for no tunnel is answered by waitress."""
    found = requests.get(f"http://127.0.0.1:{served['port']}/index/demo/demo-2.0.tar.gz", timeout=5)
    assert found.content == b"its content"


def test_the_key_of_the_authority_is_its_owners(tmp_path: Path) -> None:
    """It is made once; what the index makes for a host does not stay on the disk."""
    settings = Settings.from_env({"GRADER_STATE": str(tmp_path)})
    first = authority(settings)
    assert authority(settings) == first
    assert b"PRIVATE KEY" not in first
    certificates = Certificates(key_file(settings))
    assert certificates.context("a.example") is certificates.context("a.example")
    for number in range(100):
        certificates.context(f"{number}.example")
    kept = list(key_file(settings).parent.iterdir())
    assert sorted(one.name for one in kept) == ["authority.crt", "authority.pem"]
    assert all(one.stat().st_mode & 0o077 == 0 for one in kept)


def test_a_mirror_has_the_same_at_a_longer_path(served: dict[str, Any]) -> None:
    """A lock of a mirror's names its paths, and its page leads to files on the mirror."""
    accept = "application/vnd.pypi.simple.v1+json"
    page = get(served, "https://mirror.example/pypi/web/simple/demo/", Accept=accept).json()
    url = page["files"][2]["url"]
    assert url == "https://mirror.example/pypi/web/simple/demo/demo-2.0.tar.gz"
    stored = "https://mirror.example/pypi/web/packages/ab/cd/0123/demo-2.0.tar.gz"
    for address in (url, stored):
        assert get(served, address).content == b"its content"


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/simple/Flask_X/f-1.whl", "/index/flask-x/f-1.whl"),
        ("/packages/a/b/c/Flask_X-1.0.tar.gz", "/index/flask-x/Flask_X-1.0.tar.gz"),
        (
            "/packages/a/b/c/flask_x-1.0-py3-none-any.whl.metadata",
            "/index/flask-x/flask_x-1.0-py3-none-any.whl.metadata",
        ),
        ("/packages/a/b/c/what", ""),
        ("/simple/a/b/c-1.tar.gz", ""),
    ],
)
def test_where_the_index_has_a_file(path: str, found: str) -> None:
    """By the project that its name tells."""
    assert index_path(path) == found


@pytest.mark.slow
def test_a_release_is_made_of_its_files() -> None:
    """The newest without a version; none where there is no such."""
    newest = release("index.example", "demo", None, FILES)
    assert newest is not None
    assert newest["info"]["version"] == "2.0"
    assert [one["packagetype"] for one in newest["urls"]] == ["bdist_wheel", "sdist"]
    assert release("index.example", "demo", "3.0", FILES) is None
    assert release("index.example", "demo", "no version", FILES) is None
