"""Recipes of the images that are made here, of Debian packages, where no registry can be reached.

Each counterpart of an official image looks to a Dockerfile as the official one does: the same
paths, the same environment, the same command.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

ASSETS = Path(__file__).parent / "assets"
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


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How one image is made of Debian packages."""

    name: str
    """`repository:tag` below the grader's namespace."""
    title: str
    suite: str
    packages: tuple[str, ...]
    scripts: tuple[str, ...] = ()
    """Assets run once the packages are in, each with the image's root as its argument."""
    tells_env: bool = False
    """Whether a script leaves further variables in the file /image-env."""
    env: dict[str, str] = field(default_factory=dict, hash=False)
    command: tuple[str, ...] = ("bash",)

    @property
    def tag(self) -> str:
        """The local image that it makes."""
        return f"{NAMESPACE}/{self.name}"

    @property
    def digest(self) -> str:
        """Changes with anything in the recipe, so that an image of an older one is rebuilt."""
        scripts = [(ASSETS / name).read_text("utf-8") for name in self.scripts]
        text = json.dumps([asdict(self), scripts], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def python(minor: tuple[int, int], *, full: bool) -> Recipe:
    """Return the counterpart of `python:X.Y-slim`, or of `python:X.Y` where `full`."""
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
        scripts=("no-services.sh", "python-layout.sh"),
        tells_env=True,
        env={"PATH": PATH, "LANG": "C.UTF-8"},
        command=("python3",),
    )


def debian(suite: str) -> Recipe:
    """Return the counterpart of `debian:SUITE-slim`."""
    return Recipe(
        name=f"debian:{suite}",
        title=f"Debian {suite}",
        suite=suite,
        packages=COMMON,
        scripts=("no-services.sh",),
        env={"PATH": PATH},
    )


MYSQL = Recipe(
    name="mysql:sid",
    title="MySQL of Debian sid",
    suite="sid",
    packages=("mysql-server-core", "mysql-client-core", "tzdata"),
    scripts=("no-services.sh", "mysql-layout.sh"),
    tells_env=True,
    env={"PATH": PATH},
)
"""The MySQL server; no stable Debian release has one."""

TOOLS = Recipe(
    name="tools:latest",
    title="the tools of the gateway",
    suite="bookworm",
    packages=("iproute2", "procps", "socat"),
    env={"PATH": PATH},
)
"""What the gateway and a look into a network namespace need."""
