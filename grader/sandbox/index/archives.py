"""Debian's and Ubuntu's package archives, served to apt in builds as an HTTP proxy does it.

apt is told to ask this proxy (`Acquire::http::Proxy`), which fetches from where the host's own apt
does. It is no way to any other server: a request names one of the archives and a plain path below
it, or is refused. What it serves is believed by nobody: apt verifies the archives' signatures.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote, urljoin, urlsplit

import requests
import urllib3
from requests.utils import get_environ_proxies

from grader.sandbox.index.archive_urls import ArchiveUrl, Refused, may_follow, parse

SETTING = "GRADER_ARCHIVES"
"""Environment variable that holds `PackageSources` in JSON."""
FILE_CAP = 512 * 1024**2
"""Bytes of one file."""
CACHE_CAP = 2 * 1024**3
"""Bytes of all files that are kept."""
FRESH = 120.0
"""Seconds for which a file that its archive replaces counts as the newest."""
CONNECT_SECONDS = 5.0
READ_SECONDS = 15.0
FILE_SECONDS = 100.0
"""How long one file may take; apt in a build waits a little longer for its first byte."""
DOWN_SECONDS = 10.0
"""For how long a server that did not answer is not asked again."""
AT_ONCE = 16
AT_ONCE_FOR_ONE = 4
"""Files fetched at the same time, for all builds and for one address."""
REDIRECTS = 5
REFUSED_TO_HOST = {401, 407, 408, 429}
"""Statuses that say nothing of the file: the host is not let to it, or not now."""
KEPT_FAULTS = 100
CHUNK = 256 * 1024
HEADERS = {"Accept-Encoding": "identity", "User-Agent": "Debian APT-HTTP/1.3"}
BUILD = "A build reaches Python's and Debian's packages and nothing else"

State = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class PackageSources:
    """Where the host's own apt fetches from."""

    bases: Mapping[str, str] = field(default_factory=dict)
    """URLs by what stands for them in a request: debian, debian-security, ubuntu."""
    proxies: Mapping[str, str] = field(default_factory=dict)
    """Proxies by scheme; an empty one is none."""

    def of(self, url: ArchiveUrl) -> str:
        """Return the URL to fetch in the place of `url`.

        Raises `Refused` where nobody says from where.
        """
        base = "" if url.is_of_old else self.bases.get(url.section, "")
        if not base and not url.is_official:
            msg = f"{url} is on no host of its maker's, and the grader's host has no mirror of it"
            raise Refused(msg)
        base = base or f"http://{url.host}/{url.section}"
        return f"{base.rstrip('/')}/{quote(url.path, safe='/~')}"

    def proxies_for(self, url: str) -> dict[str, str]:
        """Return what requests takes for `proxies`."""
        scheme = urlsplit(url).scheme
        if scheme in self.proxies:
            return {scheme: self.proxies[scheme]} if self.proxies[scheme] else {}
        return dict(get_environ_proxies(url))


class _Unanswered(Exception):
    """An archive gave no good answer; `fault` where that is its or the network's fault."""

    def __init__(self, reason: str, *, status: int = 502, fault: bool = True) -> None:
        super().__init__(reason)
        self.status = status
        self.fault = fault


def _session() -> requests.Session:
    """Return a session that asks in nobody's name."""
    session = requests.Session()
    session.trust_env = False  # it would give the passwords in the host's ~/.netrc
    session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or True
    return session


class _Turns:
    """Counts what is fetched at present, so that one build leaves room for the others."""

    def __init__(self) -> None:
        self._busy: Counter[str] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def take(self, client: str) -> Iterator[None]:
        """Count one more file of `client` within the block. Raises `_Unanswered` for too many."""
        with self._lock:
            if self._busy[client] >= AT_ONCE_FOR_ONE:
                msg = f"This build fetches {AT_ONCE_FOR_ONE} files at the same time already"
                raise _Unanswered(msg, status=429, fault=False)
            if self._busy.total() >= AT_ONCE:
                msg = "The builds on this machine fetch too many files at the same time"
                raise _Unanswered(msg, status=503)
            self._busy[client] += 1
        try:
            yield
        finally:
            with self._lock:
                self._busy[client] -= 1
                if not self._busy[client]:
                    del self._busy[client]


class Archives:
    """A WSGI application for requests in absolute form; `clock` gives seconds."""

    def __init__(
        self, cache: Path, sources: PackageSources, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._cache = cache
        self._sources = sources
        self._clock = clock
        self._faults: deque[tuple[float, ArchiveUrl, str]] = deque(maxlen=KEPT_FAULTS)
        self._down: dict[str, float] = {}
        self._turns = _Turns()
        self._lock = threading.Lock()
        self._writing = [threading.Lock() for _ in range(256)]
        self._session = _session()

    @classmethod
    def from_environment(cls) -> Archives:
        """Return the archives as `SETTING` says."""
        said = json.loads(os.environ.get(SETTING, "{}"))
        cache = Path(said.get("cache") or tempfile.mkdtemp(prefix="grader-archives-"))
        sources = PackageSources(bases=said.get("bases", {}), proxies=said.get("proxies", {}))
        return cls(cache, sources)

    def faults(self) -> list[dict[str, Any]]:
        """Return what could not be fetched, how many seconds ago, and why; the last one at the end.

        `expected` is the URL of what is surely in the same archive, empty where none is known.
        """
        now = self._clock()
        return [
            {"age": now - when, "url": str(url), "said": said, "expected": str(url.expected or "")}
            for when, url, said in self._faults
        ]

    def __call__(self, environ: State, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        method = environ["REQUEST_METHOD"]
        try:
            url = parse(environ.get("REQUEST_URI", ""), method)
            source = self._sources.of(url)
        except Refused as error:
            return _told(start_response, 403, f"{error}. {BUILD}", method)
        try:
            with self._turns.take(environ.get("REMOTE_ADDR", "")):
                file = self._file(url, source)
        except _Unanswered as error:
            if error.fault:
                self._faults.append((self._clock(), url, str(error)))
            return _told(start_response, error.status, str(error), method)
        size = os.fstat(file.fileno()).st_size
        headers = [("Content-Type", "application/octet-stream"), ("Content-Length", str(size))]
        start_response("200 OK", headers)
        if method == "HEAD":
            file.close()
            return []
        wrapper = environ.get("wsgi.file_wrapper")
        return wrapper(file, CHUNK) if wrapper else _chunks(file)

    def _file(self, url: ArchiveUrl, source: str) -> IO[bytes]:
        """Return the content of `url`, from the cache or fetched into it from `source`."""
        name = hashlib.sha256(source.encode()).hexdigest()
        path = self._cache / name
        with self._writing[int(name[:2], 16)]:
            if (file := _kept(path, url)) is not None:
                return file
            try:
                self._cache.mkdir(parents=True, exist_ok=True)
                with tempfile.NamedTemporaryFile(
                    dir=self._cache, prefix=".part-", delete=False
                ) as part:
                    try:
                        self._fetch(url, source, part)
                        part.flush()
                        Path(part.name).replace(path)
                    except BaseException:
                        Path(part.name).unlink(missing_ok=True)
                        raise
                file = path.open("rb")
            except OSError as error:
                if isinstance(error, requests.RequestException):
                    raise
                msg = f"The grader's host cannot keep {url}: {error.strerror}"
                raise _Unanswered(msg) from error
        self._shrink()
        return file

    def _fetch(self, url: ArchiveUrl, source: str, into: IO[bytes]) -> None:
        """Write the content of `url`. Raises `_Unanswered`."""
        server = urlsplit(source).netloc
        if self._down.get(server, 0.0) > self._clock():
            msg = f"{url.host} could not be reached from the grader's host a moment ago"
            raise _Unanswered(msg)
        end = time.monotonic() + FILE_SECONDS
        try:
            with self._answer(source) as response:
                _require_good(response, url)
                total = 0
                for chunk in response.raw.stream(CHUNK, decode_content=False):
                    total += len(chunk)
                    _require_bounds(total, end, url)
                    into.write(chunk)
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            if isinstance(error, requests.ConnectionError | requests.Timeout):
                self._down[server] = self._clock() + DOWN_SECONDS
            msg = f"{url.host} cannot be reached from the grader's host ({type(error).__name__})"
            raise _Unanswered(msg) from error

    def _answer(self, source: str) -> requests.Response:
        """Return the answer for `source`, which may be another address of an archive's."""
        for _ in range(REDIRECTS):
            response = self._session.get(
                source, headers=HEADERS,
                proxies=self._sources.proxies_for(source), stream=True, allow_redirects=False,
                timeout=(CONNECT_SECONDS, READ_SECONDS),
            )  # fmt: skip
            if not response.is_redirect:
                return response
            response.close()
            target = urljoin(source, response.headers["Location"])
            if not may_follow(source, target):
                msg = f"{urlsplit(source).hostname} sends the grader's host to another server"
                raise _Unanswered(msg)
            source = target
        msg = f"{urlsplit(source).hostname} answers with too many redirects"
        raise _Unanswered(msg)

    def _shrink(self) -> None:
        """Remove what was not asked for longest, until the rest is within its bound."""
        with self._lock:
            found = []
            for path in self._cache.iterdir():
                try:
                    about = path.stat()
                except OSError:
                    continue
                if not path.name.startswith("."):
                    found.append((about.st_mtime, about.st_size, path))
            total = sum(size for _, size, _ in found)
            for _, size, path in sorted(found):
                if total <= CACHE_CAP:
                    return
                path.unlink(missing_ok=True)
                total -= size


def _kept(path: Path, url: ArchiveUrl) -> IO[bytes] | None:
    """Return the file in the cache, if it is there and counts."""
    try:
        file = path.open("rb")
    except OSError:
        return None
    if url.never_changes:
        os.utime(path)  # says when it was asked for last
    elif not 0 <= time.time() - os.fstat(file.fileno()).st_mtime < FRESH:
        file.close()
        return None
    return file


def _require_good(response: requests.Response, url: ArchiveUrl) -> None:
    if 400 <= response.status_code < 500 and response.status_code not in REFUSED_TO_HOST:
        msg = f"{url.host} has no such file ({response.status_code})"
        raise _Unanswered(msg, status=404, fault=False)
    if response.status_code != 200:
        msg = f"{url.host} answered the grader's host with {response.status_code}"
        raise _Unanswered(msg)
    length = response.headers.get("Content-Length", "")
    if length.isdigit():
        _require_bounds(int(length), float("inf"), url)


def _require_bounds(total: int, end: float, url: ArchiveUrl) -> None:
    if total > FILE_CAP:
        msg = f"{url} has more than {FILE_CAP >> 20} MiB, the most that a build may load"
        raise _Unanswered(msg, status=403, fault=False)
    if time.monotonic() > end:  # it does come, and a student chooses what is asked for
        msg = f"{url} takes more than {FILE_SECONDS:.0f} s"
        raise _Unanswered(msg, status=504, fault=False)


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while chunk := file.read(CHUNK):
            yield chunk


def _told(
    start_response: Callable[..., Any], status: int, text: str, method: str
) -> Iterable[bytes]:
    """Answer with `text`; apt shows nothing of an answer but its first line."""
    body = f"{text}.\n".encode()
    reason = "".join(one for one in text if " " <= one <= "~") or HTTPStatus(status).phrase
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
    start_response(f"{status} {reason}", headers)
    return [] if method == "HEAD" else [body]
