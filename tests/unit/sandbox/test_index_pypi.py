"""PyPI's own hosts, as the index answers for them."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import requests
from waitress.server import create_server  # type: ignore[import-untyped]

from grader.sandbox.authority import HOSTS, authority, server_certificate
from grader.sandbox.index.app import FaultKeeper, StartResponse, State
from grader.sandbox.index.pypi import PyPI, index_path, release
from grader.sandbox.index.serve import Tunnels, channel_class
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


@pytest.fixture
def served(tmp_path: Path) -> Iterator[dict[str, Any]]:
    """An index that is served, and how a client reaches PyPI through it."""
    settings = Settings.from_env({"GRADER_STATE": str(tmp_path)})
    trusted = tmp_path / "trusted.pem"
    trusted.write_bytes(authority(settings))
    app = FaultKeeper(index)
    server = create_server(app, host="127.0.0.1", port=0, threads=2)
    server.channel_class = channel_class(Tunnels(PyPI(app), str(server_certificate(settings))))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    port = server.effective_port
    yield {
        "proxies": {"https": f"http://127.0.0.1:{port}"}, "verify": str(trusted), "timeout": 10,
        "port": port,
    }  # fmt: skip
    server.close()


def get(served: dict[str, Any], url: str, **headers: str) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        options = {name: served[name] for name in ("proxies", "verify", "timeout")}
        return session.get(url, headers=headers, **options)


def test_a_tool_that_names_pypi_gets_what_the_index_has(served: dict[str, Any]) -> None:
    """The page of a project, a file by either address, and the JSON of a release."""
    accept = "application/vnd.pypi.simple.v1+json"
    page = get(served, "https://pypi.org/simple/Demo/", Accept=accept).json()
    assert page["files"][1]["url"] == "https://pypi.org/simple/demo/demo-2.0-py3-none-any.whl"
    assert page["versions"] == ["1.0", "2.0"]
    stored = "https://files.pythonhosted.org/packages/ab/cd/0123/demo-2.0.tar.gz"
    for address in ("https://pypi.org/simple/demo/demo-2.0.tar.gz", stored):
        assert get(served, address).content == b"its content"
    info = get(served, "https://pypi.org/pypi/demo/1.0/json").json()
    assert info["info"]["version"] == "1.0"
    assert info["urls"][0]["digests"] == {"sha256": "aa"}


@pytest.mark.parametrize(
    "address",
    ["https://pypi.org/legacy/", "https://pypi.org/simple/", "https://pypi.org/grader/state",
     "https://pypi.org/simple/demo/../../cache/list", "https://files.pythonhosted.org/other"],
)  # fmt: skip
def test_there_is_nothing_else_in_a_tunnel(served: dict[str, Any], address: str) -> None:
    """Pages and files of projects alone."""
    assert get(served, address).status_code == 404


def test_no_tunnel_leads_anywhere_else(served: dict[str, Any]) -> None:
    """Another host or port is refused before anything is sent on."""
    for address in ("https://example.org/", "https://pypi.org:8443/", "https://upload.pypi.org/"):
        with pytest.raises(requests.exceptions.ProxyError):
            get(served, address)


def test_what_the_index_cannot_have_is_kept_as_its_fault(served: dict[str, Any]) -> None:
    """As for pip: a build that failed for it is not held against a student."""
    assert get(served, "https://pypi.org/simple/broken/").status_code == 504
    state = requests.get(f"http://127.0.0.1:{served['port']}/grader/state", timeout=5).json()
    assert state["fault_path"] == "/index/broken/"


def test_a_head_in_pieces_is_read(served: dict[str, Any]) -> None:
    """A client may send a line at a time."""
    context = ssl.create_default_context(cafile=served["verify"])
    with closing(socket.create_connection(("127.0.0.1", served["port"]), timeout=10)) as plain:
        for piece in (b"CONNECT pypi.org:", b"443 HTTP/1.1\r\nHost: pypi.org:443\r\n", b"\r\n"):
            plain.sendall(piece)
        assert plain.recv(100).startswith(b"HTTP/1.1 200 ")
        with context.wrap_socket(plain, server_hostname="pypi.org") as secure:
            secure.sendall(b"GET /simple/demo/demo-2.0.tar.gz HTTP/1.1\r\nHost: pypi.org\r\n\r\n")
            assert b" 200 OK" in secure.recv(4000)


def test_pip_goes_on_as_before(served: dict[str, Any]) -> None:
    """What asks for no tunnel is answered by waitress."""
    found = requests.get(f"http://127.0.0.1:{served['port']}/index/demo/demo-2.0.tar.gz", timeout=5)
    assert found.content == b"its content"


def test_the_authority_signs_for_pypi_alone(tmp_path: Path) -> None:
    """Its key is not kept, and its certificate holds for no other name."""
    from cryptography import x509

    settings = Settings.from_env({"GRADER_STATE": str(tmp_path)})
    first = authority(settings)
    assert authority(settings) == first
    root = x509.load_pem_x509_certificate(first)
    names = root.extensions.get_extension_for_class(x509.NameConstraints).value
    assert [one.value for one in names.permitted_subtrees or ()] == list(HOSTS)
    own = server_certificate(settings)
    assert own.stat().st_mode & 0o077 == 0
    assert own.read_text().count("PRIVATE KEY-----") == 2
    kept = [path.name for path in (tmp_path / "index" / "certificates").iterdir()]
    assert sorted(kept) == ["authority.crt", "server.pem"]


@pytest.mark.parametrize(
    ("host", "path", "found"),
    [
        ("pypi.org", "/simple/Flask_X/f-1.whl", "/index/flask-x/f-1.whl"),
        ("files.pythonhosted.org", "/packages/a/b/c/Flask_X-1.0.tar.gz",
         "/index/flask-x/Flask_X-1.0.tar.gz"),
        ("files.pythonhosted.org", "/packages/a/b/c/flask_x-1.0-py3-none-any.whl.metadata",
         "/index/flask-x/flask_x-1.0-py3-none-any.whl.metadata"),
        ("files.pythonhosted.org", "/packages/a/b/c/what", ""),
        ("files.pythonhosted.org", "/simple/a/b-1.tar.gz", ""),
    ],
)  # fmt: skip
def test_where_the_index_has_a_file(host: str, path: str, found: str) -> None:
    """By the project that its name tells."""
    assert index_path(host, path) == found


def test_a_release_is_made_of_its_files() -> None:
    """The newest without a version; none where there is no such."""
    newest = release("demo", None, FILES)
    assert newest is not None
    assert newest["info"]["version"] == "2.0"
    assert [one["packagetype"] for one in newest["urls"]] == ["bdist_wheel", "sdist"]
    assert release("demo", "3.0", FILES) is None
    assert release("demo", "no version", FILES) is None
