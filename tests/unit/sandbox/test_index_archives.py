"""apt's proxy: which files it gives, what it refuses, what it keeps and what it remembers."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from grader.sandbox.index import archives as archives_module
from grader.sandbox.index.app import FaultKeeper
from grader.sandbox.index.archive_urls import MAKERS, may_follow, parse
from grader.sandbox.index.archives import Archives, PackageSources

POOL = "/debian/pool/main/h/hello/hello_2.10-3_amd64.deb"
LIST = "/debian/dists/bookworm/InRelease"
DEBIAN, UBUNTU = MAKERS


@dataclass
class Archive:
    """An archive on loopback. `answers` are statuses, bodies and further headers by path."""

    url: str
    answers: dict[str, tuple[int, bytes, dict[str, str]]]
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]


@pytest.fixture
def archive() -> Iterator[Archive]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.asked.append((self.path, dict(self.headers)))
            status, body, headers = served.answers.get(self.path, (404, b"", {}))
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(body))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        answers = {
            POOL: (200, b"a package", dict[str, str]()),
            LIST: (200, b"a list", dict[str, str]()),
        }
        served = Archive(url=f"http://127.0.0.1:{server.server_port}", answers=answers)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield served
        server.shutdown()
        thread.join()


@pytest.fixture
def proxy(archive: Archive, tmp_path: Path) -> Archives:
    """The proxy, on a host whose apt fetches from `archive`."""
    bases = {"debian": f"{archive.url}/debian/", "debian-security": f"{archive.url}/security"}
    return Archives(tmp_path / "cache", PackageSources(bases=bases, proxies={"http": ""}))


def ask(app: Any, uri: str, method: str = "GET", **more: str) -> tuple[str, bytes]:
    """Status line and body that are answered."""
    heard: list[str] = []
    environ = {"REQUEST_URI": uri, "REQUEST_METHOD": method, "PATH_INFO": "/x", "HTTP_HOST": "x"}
    body = app(environ | more, lambda status, headers: heard.append(status))
    return heard[0], b"".join(body)


def test_files_come_from_where_the_hosts_do(proxy: Archives, archive: Archive) -> None:
    """Each section of the official archive is that of the host's own."""
    archive.answers["/security/dists/x"] = (200, b"security", {})
    assert ask(proxy, f"http://packages.invalid{POOL}") == ("200 OK", b"a package")
    for host in ("packages.invalid", "a.mirror.example", "security" + DEBIAN):
        assert ask(proxy, f"http://{host}/debian-security/dists/x") == ("200 OK", b"security")
    assert ask(proxy, f"http://packages.invalid{LIST}", "HEAD") == ("200 OK", b"")


def test_nothing_of_the_builds_is_passed_on(proxy: Archives, archive: Archive) -> None:
    """No header and no password."""
    ask(proxy, f"http://packages.invalid{POOL}", HTTP_AUTHORIZATION="Basic eDp5", HTTP_COOKIE="a=b")
    sent = archive.asked[0][1]
    assert not {"Authorization", "Cookie", "Proxy-Authorization"} & set(sent)
    assert "APT" in sent["User-Agent"]


@pytest.mark.parametrize(
    "uri",
    [
        "http://127.0.0.1/debian/pool/x",
        "http://127.0.0.1:4041/index/flask/",
        "http://172.17.0.1/debian/pool/x",
        "http://grader-index:4041/index/flask/",
        "http://localhost/debian/pool/x",
        "http://[::1]/debian/pool/x",
        "http://example.org/debian/x",
        "http://example.org/other/dists/x",
        "http://example.org/ubuntu/dists/x",
        "http://example.org/linux/debian/dists/x",
        "http://packages.invalid:8080/debian/pool/x",
        "http://packages.invalid@127.0.0.1/debian/pool/x",
        "http://user:word@packages.invalid/debian/pool/x",
        "https://packages.invalid/debian/pool/x",
        "ftp://packages.invalid/debian/pool/x",
        "file:///etc/passwd",
        "http://packages.invalid/other/x",
        "http://packages.invalid/debian",
        "http://packages.invalid/debian/",
        "http://packages.invalid/debian/../secret",
        "http://packages.invalid/debian/pool/%2e%2e/%2e%2e/secret",
        "http://packages.invalid/debian/pool/./x",
        "http://packages.invalid/debian/pool//x",
        "http://packages.invalid/debian//127.0.0.1/x",
        "http://packages.invalid/debian/pool/x?y=z",
        "http://packages.invalid/debian/pool/x%3fy=z",
        "http://packages.invalid/debian/pool/x#y",
        "http://packages.invalid/debian/pool/x%0d%0aHost:%20y",
        "http://packages.invalid/debian/%252e%252e/x",
        "http://packages.invalid/debian/pool/x\\y",
        "http://packages.invalid/debian/pool/" + "x" * 1000,
        "*",
        "",
    ],
)
def test_nothing_else_is_reached(uri: str, proxy: Archives, archive: Archive) -> None:
    """Not this host, not the bridge, no other name, no odd path; and it says what is allowed."""
    status, body = ask(proxy, uri)
    assert status.startswith("403 ")
    assert b"A build reaches Python's and Debian's packages and nothing else" in body
    assert archive.asked == []
    assert proxy.faults() == []


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "CONNECT"])
def test_other_methods_are_refused(method: str, proxy: Archives, archive: Archive) -> None:
    """A tunnel (CONNECT) would lead anywhere."""
    uri = "packages.invalid:443" if method == "CONNECT" else f"http://packages.invalid{POOL}"
    assert ask(proxy, uri, method)[0].startswith("403 ")
    assert archive.asked == []


def test_the_index_itself_is_asked_in_origin_form(proxy: Archives, archive: Archive) -> None:
    """A `Host` header makes nobody a proxy's client, and an absolute form never meets proxpi."""

    def inner(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        return [b"proxpi"]

    app = FaultKeeper(inner, archives=proxy)
    assert ask(app, POOL, HTTP_HOST="packages.invalid")[1] == b"proxpi"
    assert ask(app, f"http://packages.invalid{POOL}")[1] == b"a package"
    assert ask(app, "http://packages.invalid/index/flask/")[0].startswith("403 ")
    assert ask(app, "http://x/grader/state")[0].startswith("403 ")


def test_escapes_reach_the_archive_as_apt_writes_them(proxy: Archives, archive: Archive) -> None:
    """`+`, `~` and `:` in names of packages, escaped or not, are one file."""
    archive.answers["/debian/pool/g%2B%2B_1%3A2~3.deb"] = (200, b"compiler", {})
    for name in ("g++_1:2~3.deb", "g%2b%2b_1%3a2%7e3.deb"):
        assert ask(proxy, f"http://packages.invalid/debian/pool/{name}") == ("200 OK", b"compiler")
    assert len(archive.asked) == 1


def test_packages_are_kept_and_lists_for_a_while(
    proxy: Archives, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A package file never changes; a list does."""
    for _ in range(2):
        ask(proxy, f"http://packages.invalid{POOL}")
        ask(proxy, f"http://packages.invalid{LIST}")
    assert archive.paths == [POOL, LIST]
    later = time.time() + archives_module.FRESH + 1
    monkeypatch.setattr("grader.sandbox.index.archives.time.time", lambda: later)
    ask(proxy, f"http://packages.invalid{POOL}")
    ask(proxy, f"http://packages.invalid{LIST}")
    assert archive.paths == [POOL, LIST, LIST]


def test_the_cache_is_bounded(
    proxy: Archives, archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was not asked for longest goes."""
    monkeypatch.setattr(archives_module, "CACHE_CAP", 250)
    for number in range(5):
        archive.answers[f"/debian/pool/{number}"] = (200, bytes(100), {})
        assert ask(proxy, f"http://packages.invalid/debian/pool/{number}")[1] == bytes(100)
    assert sum(path.stat().st_size for path in (tmp_path / "cache").iterdir()) == 200


def test_a_file_is_bounded(
    proxy: Archives, archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether its length is told or not; and that is no fault of the archive's."""
    monkeypatch.setattr(archives_module, "FILE_CAP", 5)
    assert ask(proxy, f"http://packages.invalid{POOL}")[0].startswith("403 ")
    archive.answers[POOL] = (200, b"a package", {"Content-Length": ""})
    assert ask(proxy, f"http://packages.invalid{POOL}")[0].startswith(("403 ", "502 "))
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_file_that_nobody_has_is_no_fault(proxy: Archives) -> None:
    """Else a student could make a loss of theirs the platform's."""
    status, body = ask(proxy, "http://packages.invalid/debian/pool/none.deb")
    assert status == "404 packages.invalid has no such file (404)"
    assert body == b"packages.invalid has no such file (404).\n"
    assert proxy.faults() == []


@pytest.mark.parametrize(
    "answer",
    [
        (503, b"", {}),
        (401, b"", {}),
        (429, b"", {}),
        (200, b"half", {"Content-Length": "100"}),
        (302, b"", {"Location": "http://elsewhere.example/x"}),
        (302, b"", {"Location": "file:///etc/passwd"}),
        (302, b"", {"Location": POOL}),
    ],
)
def test_an_archives_fault_is_told_and_remembered(
    answer: tuple[int, bytes, dict[str, str]], proxy: Archives, archive: Archive, tmp_path: Path
) -> None:
    """With 502, which names the archive; nothing of it is kept."""
    archive.answers[POOL] = answer
    status, body = ask(proxy, f"http://packages.invalid{POOL}")
    assert status.startswith("502 ")
    assert body
    assert [one["url"] for one in proxy.faults()] == [f"http://packages.invalid{POOL}"]
    assert list((tmp_path / "cache").iterdir()) == []
    archive.answers[POOL] = (200, b"a package", {})
    proxy._down.clear()
    assert ask(proxy, f"http://packages.invalid{POOL}") == ("200 OK", b"a package")


def test_a_redirect_within_the_archive_is_followed(proxy: Archives, archive: Archive) -> None:
    """As apt follows it."""
    archive.answers["/debian/pool/old"] = (301, b"", {"Location": POOL})
    assert ask(proxy, "http://packages.invalid/debian/pool/old") == ("200 OK", b"a package")


@pytest.mark.parametrize(
    ("host", "section", "source", "expected"),
    [
        ("deb" + DEBIAN, "debian", "there", True),
        ("a.mirror.example", "debian", "there", True),
        ("ftp.xx" + DEBIAN, "debian", "there", False),
        ("archive" + DEBIAN, "debian", "itself", False),
        ("archive.debian.example", "debian", "there", True),
        ("archive" + UBUNTU, "ubuntu", "itself", True),
        ("nowhere" + UBUNTU, "ubuntu", "itself", False),
    ],
)
def test_the_hosts_own_mirror_comes_first(
    host: str, section: str, source: str, expected: bool
) -> None:
    """Then the maker's host; and a fault counts only of what an image may name."""
    url = parse(f"http://{host}/{section}/dists/x", "GET")
    base = "http://there.example/debian" if source == "there" else f"http://{host}/{section}"
    assert (
        PackageSources(bases={"debian": "http://there.example/debian"}).of(url) == f"{base}/dists/x"
    )
    assert bool(url.expected) == expected
    if url.expected:
        assert str(url.expected).startswith(f"http://{host}/{section}/dists/")


def test_redirects_lead_to_archives_alone() -> None:
    """The same host, or one of Debian's or Ubuntu's."""
    assert may_follow("http://a.example/x", "https://a.example/y")
    assert may_follow("http://packages.invalid/x", "http://cdn" + DEBIAN + "/x")
    assert not may_follow("http://packages.invalid/x", "http://127.0.0.1/x")
    assert not may_follow("http://packages.invalid/x", "http://notdebian.org/x")
    assert not may_follow("http://packages.invalid/x", "file://packages.invalid/x")


def test_a_server_that_is_away_is_not_asked_again_at_once(tmp_path: Path) -> None:
    """A client goes on to the next package, and each would wait."""
    bases = {"debian": "http://127.0.0.1:9/debian"}
    proxy = Archives(
        tmp_path, PackageSources(bases=bases, proxies={"http": ""}), clock=lambda: 50.0
    )
    first = ask(proxy, "http://packages.invalid/debian/pool/x")[0]
    second = ask(proxy, "http://packages.invalid/debian/pool/y")[0]
    assert first.startswith("502 packages.invalid cannot be reached from the grader's host")
    assert second.startswith("502 packages.invalid could not be reached from the grader's host")
    assert [one["age"] for one in proxy.faults()] == [0.0, 0.0]


def test_one_build_leaves_room_for_others(
    proxy: Archives, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused beyond its share, and that is its own doing."""
    monkeypatch.setattr(archives_module, "AT_ONCE_FOR_ONE", 1)
    with proxy._turns.take("172.17.0.2"):
        status, _ = ask(proxy, f"http://packages.invalid{POOL}", REMOTE_ADDR="172.17.0.2")
        other, _ = ask(proxy, f"http://packages.invalid{POOL}", REMOTE_ADDR="172.17.0.3")
    assert (status[:3], other[:3]) == ("429", "200")
    assert proxy.faults() == []
