"""Recipes of the images that are made here, of Debian packages, where no registry can be reached.

Each counterpart of an official image looks to a Dockerfile as the official one does: the same
paths, the same environment, the same command.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field

NAMESPACE = "grader"
"""Repository prefix of all images that the grader makes for itself."""

PYTHONS = {(3, 11): "bookworm", (3, 13): "trixie"}
"""Python versions that Debian has, to the Debian release that has them."""

COMMON = ("adduser", "ca-certificates", "netbase", "tzdata")
"""What the official slim images hold beyond Debian's essential packages."""

COMPILERS = (
    *("build-essential", "curl", "default-libmysqlclient-dev", "git", "libbz2-dev", "libffi-dev"),
    *("libjpeg-dev", "liblzma-dev", "libpq-dev", "libsqlite3-dev", "libssl-dev", "libxml2-dev"),
    *("libxslt1-dev", "openssh-client", "pkg-config", "procps", "unzip", "wget", "zlib1g-dev"),
)
"""What students use of the official images that are not slim."""

PATH = "/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"

NO_SERVICES = (
    r"""printf '#!/bin/sh\nexit 101\n' >"$1/usr/sbin/policy-rc.d"; """
    """chmod 755 "$1/usr/sbin/policy-rc.d\""""
)
"""A package that a Dockerfile installs must not start its service during the build."""

PYTHON_LAYOUT = (
    # Debian's Python installs into dist-packages, and splits --prefix off into local/. Made a
    # virtual environment, /usr/local has the official image's layout: `--prefix=/install`, `--user`
    # and copies of site-packages between stages work as they do there.
    'chroot "$1" python3 -m venv --system-site-packages /usr/local',
    'rm -f "$1"/usr/local/bin/[Aa]ctivate* "$1"/usr/lib/python3*/EXTERNALLY-MANAGED',
    'chroot "$1" python3 -c "import platform; '
    "print('PYTHON_VERSION=' + platform.python_version())\" >\"$1/image-env\"",
)

MYSQL_LAYOUT = (
    'chroot "$1" groupadd --system --gid 999 mysql',
    'chroot "$1" useradd --system --uid 999 --gid 999 --home-dir /var/lib/mysql mysql',
    'chroot "$1" install -d -o mysql -g mysql -m 1777 /var/run/mysqld',
    'chroot "$1" install -d -o mysql -g mysql /var/lib/mysql',
    'chroot "$1" install -d -o mysql -g mysql -m 750 /var/lib/mysql-files',
    'chroot "$1" mysqld --version | '
    "sed -E 's/.*Ver ([0-9.]+).*/MYSQL_VERSION=\\1/' >\"$1/image-env\"",
)


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How one image is made of Debian packages."""

    name: str
    """`repository:tag` below the grader's namespace."""
    title: str
    suite: str
    packages: tuple[str, ...]
    hooks: tuple[str, ...] = ()
    """Shell commands run once the packages are in; `$1` is the image's root."""
    env: dict[str, str] = field(default_factory=dict)
    command: tuple[str, ...] = ("bash",)

    @property
    def tag(self) -> str:
        """The local image that it makes."""
        return f"{NAMESPACE}/{self.name}"

    @property
    def digest(self) -> str:
        """Changes with anything in the recipe, so that an image of an older one is rebuilt."""
        text = json.dumps(asdict(self), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def python(minor: tuple[int, int], *, full: bool) -> Recipe:
    """The counterpart of `python:X.Y-slim`, or of `python:X.Y` where `full`."""
    version = "{}.{}".format(*minor)
    kind = "full" if full else "slim"
    return Recipe(
        name=f"python:{version}-{kind}",
        title=f"Python {version} of Debian {PYTHONS[minor]}",
        suite=PYTHONS[minor],
        packages=(
            *COMMON,
            *("python3", "python3-venv", "libpython3-dev"),
            *(COMPILERS if full else ()),
        ),
        hooks=(NO_SERVICES, *PYTHON_LAYOUT),
        env={"PATH": PATH, "LANG": "C.UTF-8"},
        command=("python3",),
    )


def debian(suite: str) -> Recipe:
    """The counterpart of `debian:SUITE-slim`."""
    return Recipe(
        name=f"debian:{suite}",
        title=f"Debian {suite}",
        suite=suite,
        packages=COMMON,
        hooks=(NO_SERVICES,),
        env={"PATH": PATH},
    )


MYSQL = Recipe(
    name="mysql:sid",
    title="MySQL of Debian sid",
    suite="sid",
    packages=("mysql-server-core", "mysql-client-core", "tzdata"),
    hooks=(NO_SERVICES, *MYSQL_LAYOUT),
    env={"PATH": PATH},
)
"""The MySQL server; no stable Debian release has one."""

TOOLS_PACKAGES = ("iproute2", "procps", "socat")

TOOLS = Recipe(
    name="tools:latest",
    title="the tools of the gateway",
    suite="bookworm",
    packages=TOOLS_PACKAGES,
    env={"PATH": PATH},
)
"""What the gateway and a look into a network namespace need."""
