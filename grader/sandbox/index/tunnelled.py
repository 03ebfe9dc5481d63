"""Package indexes on other hosts, served from this one: for tools that ask for them by name.

PyPI and its mirrors have the same pages and files at the same ends of a path, so what is asked for
is turned into what the index here has, whatever the host. Poetry wants PyPI's JSON of a release as
well; it is made of the project's page, and leaves the dependencies to the files themselves.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, unquote

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

from grader.sandbox.index.app import Application, StartResponse, State
from grader.sandbox.index.archives import BUILD

HOST = "grader.host"
"""Key of a request's environment: the host that the client has asked for."""
BEFORE = r"((?:/[\w.-]+){0,6})"
"""What a mirror has before the paths of PyPI."""
PAGE = re.compile(BEFORE + r"/simple/([\w.-]+)/?")
FILE = re.compile(BEFORE + r"/simple/([\w.-]+)/([\w.+!~-]+)")
STORED = re.compile(BEFORE + r"/packages(?:/[\w.-]+){1,6}/([\w.+!~-]+)")
RELEASE = re.compile(r"/pypi/([\w.-]+)(?:/([\w.+!~-]+))?/json/?")
LONGEST_PATH = 1000
SIMPLE_JSON = "application/vnd.pypi.simple.v1+json"


class TunnelledIndex:
    """A WSGI application for requests to any host's package index; `inner` is the index here."""

    def __init__(self, inner: Application) -> None:
        self._inner = inner

    def __call__(self, environ: State, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        path = unquote(environ.get("PATH_INFO", ""))
        environ["HTTP_ACCEPT_ENCODING"] = "identity"
        if len(path) > LONGEST_PATH:
            return _answer(start_response, "414 URI Too Long", b"Too long", "text/plain")
        if found := PAGE.fullmatch(path):
            return self._page(environ, start_response, found[2], found[1])
        if found := RELEASE.fullmatch(path):
            return self._release(environ, start_response, found[1], found[2])
        if target := index_path(path):
            return self._inner(environ | {"PATH_INFO": target}, start_response)
        said = f"{environ[HOST]} is asked for no package of Python's. {BUILD}"
        return _answer(start_response, f"403 {said}", said.encode(), "text/plain")

    def _page(
        self, environ: State, start_response: StartResponse, project: str, before: str
    ) -> Iterable[bytes]:
        """Return a project's page; the addresses in its JSON are whole, as PyPI's are."""
        name = canonicalize_name(project)
        if SIMPLE_JSON not in environ.get("HTTP_ACCEPT", ""):
            return self._inner(environ | {"PATH_INFO": f"/index/{name}/"}, start_response)
        status, page = self._json(environ, name)
        if page is None:
            return _answer(start_response, status, b"", "text/plain")
        for file in page["files"]:
            file["url"] = _address(environ[HOST] + before, name, file["filename"])
        page["versions"] = sorted({str(one) for one in map(_version, page["files"]) if one})
        return _answer(start_response, status, json.dumps(page).encode(), SIMPLE_JSON)

    def _release(
        self, environ: State, start_response: StartResponse, project: str, version: str | None
    ) -> Iterable[bytes]:
        name = canonicalize_name(project)
        status, page = self._json(environ, name)
        if page is None:
            return _answer(start_response, status, b"", "text/plain")
        found = release(environ[HOST], name, version, page["files"])
        if found is None:
            return _answer(start_response, "404 Not Found", b"{}", "application/json")
        return _answer(start_response, status, json.dumps(found).encode(), "application/json")

    def _json(self, environ: State, name: str) -> tuple[str, dict[str, Any] | None]:
        """Return the status of a project's page, and the page."""
        kept: list[Any] = []
        asked = environ | {
            "PATH_INFO": f"/index/{name}/", "HTTP_ACCEPT": SIMPLE_JSON, "QUERY_STRING": "",
            "REQUEST_METHOD": "GET",
        }  # fmt: skip
        body = self._inner(asked, lambda *answer: kept.append(answer))
        content = b"".join(body)
        if close := getattr(body, "close", None):
            close()
        status = kept[0][0]
        return status, json.loads(content) if status.startswith("200") else None


def index_path(path: str) -> str:
    """Return where the index has what another has at `path`; empty for what is no file."""
    if found := FILE.fullmatch(path):
        return f"/index/{canonicalize_name(found[2])}/{found[3]}"
    found = STORED.fullmatch(path)
    project = _project(found[2]) if found else ""
    return f"/index/{project}/{found[2]}" if found and project else ""


def release(
    host: str, project: str, version: str | None, files: Iterable[dict[str, Any]]
) -> dict[str, Any] | None:
    """Return PyPI's JSON of one release, the newest without `version`; None where there is none.

    Its files are to be had from `host`.
    """
    listed = [(one, file) for file in files if (one := _version(file))]
    try:
        wanted = Version(version) if version else max((one for one, _ in listed), default=None)
    except InvalidVersion:
        return None
    own = [file for one, file in listed if one == wanted]
    if not own:
        return None
    python = next((file["requires-python"] for file in own if file.get("requires-python")), None)
    yanked = all(file.get("yanked") for file in own)
    return {
        "info": {
            "name": project, "version": str(wanted), "summary": "", "requires_dist": None,
            "requires_python": python, "yanked": yanked, "yanked_reason": None,
        },
        "urls": [
            {
                "filename": file["filename"],
                "packagetype": "bdist_wheel" if file["filename"].endswith(".whl") else "sdist",
                "digests": file.get("hashes") or {},
                "url": _address(host, project, file["filename"]),
                "requires_python": file.get("requires-python"),
                "size": file.get("size"),
                "upload_time_iso_8601": file.get("upload-time"),
                "yanked": bool(file.get("yanked")),
            }
            for file in own
        ],
    }  # fmt: skip


def _address(index: str, project: str, filename: str) -> str:
    return f"https://{index}/simple/{project}/{quote(filename)}"


def _version(file: dict[str, Any]) -> Version | None:
    return _parsed(file["filename"])[1]


def _project(filename: str) -> str:
    return _parsed(filename.removesuffix(".metadata"))[0]


def _parsed(filename: str) -> tuple[str, Version | None]:
    """Return the project and the version that a file is of, by its name."""
    try:
        if filename.endswith(".whl"):
            name, version, _, _ = parse_wheel_filename(filename)
        else:
            name, version = parse_sdist_filename(filename)
    except (InvalidWheelFilename, InvalidSdistFilename, InvalidVersion):
        return "", None
    return name, version


def _answer(
    start_response: StartResponse, status: str, body: bytes, content_type: str
) -> list[bytes]:
    length = ("Content-Length", str(len(body)))
    start_response(status, [("Content-Type", content_type), length])
    return [body]
