"""`build`: where an image is built from."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any

from grader.inspect.compose.environment import pairs
from grader.inspect.compose.paths import is_folder
from grader.inspect.compose.project import Build
from grader.inspect.compose.source import show
from grader.inspect.compose.supply import Supply
from grader.inspect.files import is_file
from grader.yamldoc import Place

REMOTE = re.compile(r"\s*(?:[a-z][a-z0-9+.-]*:|github\.com/|[\w.-]+@[\w.-]+:)", re.IGNORECASE)
"""How a context begins that is none of the repository's: a URL, `git@…`, `docker-image://…`."""

PROXIES = frozenset({"http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy"})
"""Arguments that BuildKit gives to every RUN step, in whatever case, without an ARG."""


def read_build(supply: Supply, place: Place, value: Any) -> Build | None:
    """Return a service's `build`; None where it cannot be."""
    source = supply.source
    options = {"context": value} if isinstance(value, str) else value
    where = (*place, "context") if "context" in options and value is options else place
    _others(supply, place, options.get("additional_contexts"))
    args = pairs(source, (*place, "args"), options.get("args"))
    context = _context(supply, where, options.get("context", "."))
    if context is None:
        return None
    inline = options.get("dockerfile_inline")
    path = options.get("dockerfile", "")
    if inline is not None and path:
        source.fault(place, "has `dockerfile` and `dockerfile_inline`; keep one of them.")
    return Build(
        context=context,
        dockerfile=_dockerfile(supply, (*place, "dockerfile"), context, path) if path else "",
        inline=inline.encode() if inline is not None else None,
        args={
            name: given
            for name, item in args.items()
            if (given := supply.values.get(name) if item is None else item) is not None
            and _is_plain(supply, (*place, "args", name), name)
        },
        target=options.get("target", ""),
        line=source.line(place),
    )


def _is_plain(supply: Supply, place: Place, name: str) -> bool:
    """Return whether an argument fills an ARG of the Dockerfile, and is nothing to the builder."""
    if name == "BUILDKIT_SYNTAX":
        supply.source.reject(
            place, "names a frontend that would run before anything is built; remove it."
        )
        return False
    # a proxy is no part of a layer's key: a layer fetched through it would serve others
    if name.startswith("BUILDKIT_") or name.lower() in PROXIES:
        supply.source.note(place, "is left out: how a build runs is the exam's to say.")
        return False
    return True


def _context(supply: Supply, place: Place, written: str) -> str | None:
    source = supply.source
    if _is_remote(supply, place, written):
        return None
    path = supply.path(place, written or ".")
    if path is None:
        return None
    if not is_folder(source.root, path):
        kind = "a file" if is_file(source.root, path) else "not there"
        source.fault(place, f"names {show(written)}, which is {kind}; name a folder of yours.")
        return None
    return path


def _dockerfile(supply: Supply, place: Place, context: str, written: str) -> str:
    source = supply.source
    path = supply.path(place, written, context)
    if path is not None and not is_file(source.root, path):
        small = _in_small_letters(path)
        if small and is_file(source.root, small):
            return small
        source.fault(place, f"names {show(written)}, which is no file of {show(context)}.")
    return path or ""


def _in_small_letters(path: str) -> str:
    """Return `path` as the builder falls back to it where the usual name is not there; or empty.

    It does that for `Dockerfile` alone, written out or not (docker/buildx, build/build.go).
    """
    written = PurePosixPath(path)
    return str(written.with_name("dockerfile")) if written.name == "Dockerfile" else ""


def _others(supply: Supply, place: Place, value: Any) -> None:
    place = (*place, "additional_contexts")
    for name, written in pairs(supply.source, place, value).items():
        here = (*place, name)
        if written and not _is_remote(supply, here, written):
            supply.path(here, written)
    if value:
        supply.source.note(place, "is left out: a build sees its own `context` only.")


def _is_remote(supply: Supply, place: Place, written: str) -> bool:
    drive = re.match(r"[A-Za-z]:", written)
    remote = bool(REMOTE.match(written)) and not drive
    if remote:
        supply.source.reject(
            place,
            f"builds from {show(written)}, which is not in your repository; "
            "build from your own code.",
        )
    return remote
