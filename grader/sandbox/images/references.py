"""Image references: taken apart, and the counterpart of each that can be made here."""

from __future__ import annotations

import re
from dataclasses import dataclass

from grader.image_names import MARIADB_IMAGES, MYSQL_IMAGES
from grader.sandbox.images import mariadb, nginx, postgres, rabbitmq, recipes
from grader.sandbox.images.recipes import Recipe
from grader.sandbox.images.redis import COUNTERPARTS, redis_counterpart

PYTHON_TAG = re.compile(r"(?P<major>\d+)(?:\.(?P<minor>\d+))?(?:\.\d+)?(?:(?:a|b|rc)\d*)?(?:-|$)")
DEBIAN_RELEASES = {"trixie", "bookworm", "bullseye", "buster", "stretch", "jessie"}
OLDER_DEBIAN = {"oldstable", "12", "11", "10", "9", "8"} | DEBIAN_RELEASES - {"trixie"}
NEWER_DEBIAN = {"", "latest", "stable", "13", "trixie", "slim"}
NEWEST_MYSQL = "9.7"
MYSQL_SERIES = {"5": "5.7", "8": "8.4", "9": NEWEST_MYSQL}
"""What a tag of the first number alone stands for."""


@dataclass(frozen=True, kw_only=True)
class ImageReference:
    """What a FROM names: `repository` in Docker's short form, `tag` and `digest` or nothing."""

    repository: str
    tag: str = ""
    digest: str = ""

    @classmethod
    def parse(cls, text: str) -> ImageReference:
        """Take `text` apart; what is no reference at all comes back as a repository."""
        name, _, digest = text.strip().partition("@")
        repository, tag = name, ""
        if ":" in name.rpartition("/")[2]:
            repository, _, tag = name.rpartition(":")
        for prefix in ("index.docker.io/", "docker.io/", "library/"):
            repository = repository.removeprefix(prefix)
        return cls(repository=repository, tag=tag, digest=digest)

    @property
    def official(self) -> bool:
        """Whether it is one of the registry's own images, such as `python`."""
        return "/" not in self.repository

    @property
    def pull_tag(self) -> str:
        """What to ask a registry for: the digest where one is pinned, else the tag."""
        return self.digest or self.tag or "latest"


def is_mysql(reference: str) -> bool:
    """Return whether an image is a MySQL server, or one of its kin such as MariaDB."""
    return ImageReference.parse(reference).repository in MYSQL_IMAGES


def is_mariadb_image(reference: str) -> bool:
    """Return whether an image is a MariaDB server, of whichever maker."""
    return ImageReference.parse(reference).repository in MARIADB_IMAGES


def mariadb_series(reference: str) -> str:
    """Return the series that the tag of a MariaDB image names, such as `10.6` or `11`; or empty."""
    found = re.match(r"\d+(?:\.\d+)?", ImageReference.parse(reference).tag)
    return found[0] if found else ""


def python_version(reference: str) -> str:
    """Return the `3.9` of a Python image; empty for another image, and where its tag names none."""
    image = ImageReference.parse(reference)
    found = PYTHON_TAG.match(image.tag)
    named = image.repository == "python" and found is not None and found["minor"]
    return f"{found['major']}.{found['minor']}" if found and named else ""


def mysql_series(reference: str) -> str:
    """Return the series of a MySQL image: `5.7`, `8.0`, `8.4` or `9.7`.

    `any` for one of another maker.

    What tags without a series stand for is as of 9.7 (https://hub.docker.com/_/mysql).
    """
    image = ImageReference.parse(reference)
    if image.repository not in {"mysql", "mysql/mysql-server", "bitnami/mysql"}:
        return "any"
    found = re.match(r"(\d+)(?:\.(\d+))?", image.tag)
    if found is None:
        return NEWEST_MYSQL
    return f"{found[1]}.{found[2]}" if found[2] else MYSQL_SERIES.get(found[1], NEWEST_MYSQL)


@dataclass(frozen=True, kw_only=True)
class NoCounterpart:
    """Nothing that can be made here takes the image's place; `reason` is a clause."""

    reason: str


def counterpart(reference: ImageReference) -> Recipe | NoCounterpart:
    """Return what takes the place of `reference` on a machine with no registry."""
    if reference.repository == "python":
        return _python(reference.tag)
    if reference.repository in MARIADB_IMAGES:
        return mariadb.nearest(reference.tag)
    if reference.repository in MYSQL_IMAGES:
        return recipes.MYSQL
    if reference.repository in postgres.REPOSITORIES:
        return postgres.nearest(reference.tag)
    if reference.repository == "nginx":
        return nginx.nearest(reference.tag)
    if reference.repository == "debian":
        return _debian(reference.tag)
    if reference.repository == "rabbitmq":
        return rabbitmq.nearest(reference.tag)
    if reference.repository in COUNTERPARTS:
        return redis_counterpart(reference.repository, reference.tag)
    return NoCounterpart(
        reason=(
            "only python, debian, mysql, postgres, redis, valkey, mariadb, rabbitmq and nginx "
            "images can be made here"
        )
    )


def _python(tag: str) -> Recipe | NoCounterpart:
    version = PYTHON_TAG.match(tag)
    words = set((tag[version.end() :] if version else tag).split("-")) - {"", "latest", "rc"}
    strange = words - DEBIAN_RELEASES - {"slim"}
    if strange:
        kind = "-".join(sorted(strange))
        return NoCounterpart(reason=f"there is no counterpart of the variant {kind!r}; use -slim")
    if version and version["major"] != "3":
        return NoCounterpart(reason=f"there is no counterpart of Python {version['major']}")
    wanted = (3, int(version["minor"])) if version and version["minor"] else None
    return recipes.python(nearest_python(wanted), full="slim" not in words)


def nearest_python(wanted: tuple[int, int] | None) -> tuple[int, int]:
    """Return the version that can be had: `wanted`, else the nearest newer, else the newest."""
    newer = [version for version in sorted(recipes.PYTHONS) if wanted and version >= wanted]
    return newer[0] if newer else max(recipes.PYTHONS)


def _debian(tag: str) -> Recipe | NoCounterpart:
    word = tag.removesuffix("-slim").split(".")[0].split("-")[0]
    if word in NEWER_DEBIAN:
        return recipes.debian("trixie")
    if word in OLDER_DEBIAN:
        return recipes.debian("bookworm")
    return NoCounterpart(reason=f"there is no counterpart of Debian {word!r}; use bookworm-slim")
