"""Reverse proxies in a Compose file: which services are one, and where they forward to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.inspect.compose.project import ComposeService, MountKind, Project
from grader.inspect.compose.unbuilt import FoundBuild
from grader.inspect.files import is_file, list_files, read_text

IMAGE = re.compile(r"nginx|traefik|caddy|haproxy|httpd|envoy|openresty|swag|jwilder")
NAME = re.compile(
    r"(?:^|[-_.])(?:nginx|proxy|traefik|caddy|haproxy|gateway|lb|loadbalancer)\d*(?:$|[-_.])"
)
FORWARDS = re.compile(
    r"proxy_pass|uwsgi_pass|grpc_pass|fastcgi_pass|reverse_proxy|ProxyPass|BalancerMember|"
    r"^\s*server\s|\burl\b",
    re.IGNORECASE,
)
"""What a line that forwards says, in the settings of nginx, Caddy, Apache, HAProxy and Traefik."""
SETTINGS = re.compile(
    r"(?i)(?:\.(?:conf|template|cfg|toml|ya?ml)|(?:^|/)(?:nginx[^/]*|Caddyfile|default))$"
)
MAX_FILES = 50
MAX_LINES = 2000


@dataclass(frozen=True, kw_only=True)
class ProxyTarget:
    """A service that a proxy forwards to."""

    proxy: str
    port: int | None = None
    """The port that it names; None where it names none."""


@dataclass(frozen=True, kw_only=True)
class Clues:
    """What the files of a submission tell of its services, by name."""

    databases: frozenset[str] = frozenset()
    """Services that are built on the image of a database."""
    proxies: frozenset[str] = frozenset()
    python: frozenset[str] = frozenset()
    """Services that are built on a Python image, or whose folder asks for Flask."""
    targets: dict[str, ProxyTarget] = field(default_factory=dict)
    """Services that a proxy forwards to."""
    claimed: frozenset[str] = frozenset()
    """Services that have another role of the exam than the app's, as somebody says."""
    builds: Callable[[], tuple[FoundBuild, ...]] = tuple
    """Looks for Dockerfiles, where no service is built from the code."""


def is_proxy(service: ComposeService, base: str) -> bool:
    """Return whether a service is a proxy.

    By the image that it is built on or runs, else by its name.
    """
    image = base or service.image.reference
    last = image.rpartition("/")[2].partition("@")[0].partition(":")[0].lower()
    if service.build and base:
        return bool(IMAGE.search(last))
    return bool(IMAGE.search(last) or NAME.search(service.name.lower()))


def find_targets(root: Path, project: Project, proxies: Sequence[str]) -> dict[str, ProxyTarget]:
    """Return where the settings of `proxies` forward to, by service, in the order of the file."""
    names = {
        alias: service.name
        for service in project.services.values()
        for alias in (service.name, *service.networking.all_aliases)
        if service.name not in proxies
    }
    found: dict[str, ProxyTarget] = {}
    for proxy in proxies:
        for line in _lines(root, project.services[proxy]):
            for name, port in _named(line, names):
                known = found.get(names[name])
                if known is None or known.port is None:
                    found[names[name]] = ProxyTarget(proxy=proxy, port=port)
    return found


def _named(line: str, names: dict[str, str]) -> Iterator[tuple[str, int | None]]:
    for found in re.finditer(r"(?<![\w.$-])([A-Za-z0-9][\w.-]*)(?::(\d{1,5}))?(?![\w-])", line):
        if found[1] in names:
            yield found[1], int(found[2]) if found[2] and 0 < int(found[2]) < 65536 else None


def _lines(root: Path, proxy: ComposeService) -> Iterator[str]:
    """Yield the lines of its settings that forward something.

    What it mounts, and what it is built of.
    """
    folders = [mount.source for mount in proxy.mounts if mount.kind is MountKind.BIND]
    if proxy.build:
        folders.append(proxy.build.context)
    paths = [path for folder in folders for path in _files(root, folder)]
    for path in list(dict.fromkeys(paths))[:MAX_FILES]:
        for line in read_text(root, path).splitlines()[:MAX_LINES]:
            plain = line.partition("#")[0][:500]
            if FORWARDS.search(plain):
                yield plain


def _files(root: Path, folder: str) -> list[str]:
    if is_file(root, folder):
        return [folder]
    prefix = "" if folder in {"", "."} else f"{folder.strip('/')}/"
    top = root / prefix
    if not top.is_dir() or top.is_symlink():
        return []
    paths = (path for path in list_files(top) if SETTINGS.search(path))
    return [f"{prefix}{path}" for path in paths if is_file(root, f"{prefix}{path}")]
