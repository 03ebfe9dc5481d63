"""What a FROM names, and what takes its place where there is no registry."""

from __future__ import annotations

import pytest

from grader.sandbox.images.recipes import Recipe
from grader.sandbox.images.references import (
    ImageReference,
    NoCounterpart,
    counterpart,
    is_mariadb_image,
    is_mysql,
    mariadb_series,
    nearest_python,
)


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("python", ImageReference(repository="python")),
        ("python:3.11-slim", ImageReference(repository="python", tag="3.11-slim")),
        ("docker.io/library/python:3", ImageReference(repository="python", tag="3")),
        ("index.docker.io/library/mysql", ImageReference(repository="mysql")),
        ("localhost:5000/app", ImageReference(repository="localhost:5000/app")),
        ("localhost:5000/app:1", ImageReference(repository="localhost:5000/app", tag="1")),
        (
            "python:3.11@sha256:abc",
            ImageReference(repository="python", tag="3.11", digest="sha256:abc"),
        ),
    ],
)
def test_a_reference_is_taken_apart(text: str, parsed: ImageReference) -> None:
    """The registry's short forms, ports and digests are told from tags."""
    assert ImageReference.parse(text) == parsed


@pytest.mark.parametrize(
    ("reference", "made"),
    [
        ("python:3.11-slim", "grader/python:3.11-slim"),
        ("python:3.11.9-slim-bookworm", "grader/python:3.11-slim"),
        ("python:3.9-slim", "grader/python:3.11-slim"),
        ("python:3.9-slim-buster", "grader/python:3.11-slim"),
        ("python:3.10-bullseye", "grader/python:3.11-full"),
        ("python:3.12-slim", "grader/python:3.13-slim"),
        ("python:3.13-rc-slim", "grader/python:3.13-slim"),
        ("python:3.13.0rc1-slim", "grader/python:3.13-slim"),
        ("python:3.14-slim", "grader/python:3.13-slim"),
        ("python:3-slim", "grader/python:3.13-slim"),
        ("python:slim", "grader/python:3.13-slim"),
        ("python:slim-bookworm", "grader/python:3.13-slim"),
        ("python:3", "grader/python:3.13-full"),
        ("python", "grader/python:3.13-full"),
        ("python:latest", "grader/python:3.13-full"),
        ("docker.io/library/python:3.11-slim", "grader/python:3.11-slim"),
        ("mysql:8.0", "grader/mysql:sid"),
        ("mysql", "grader/mysql:sid"),
        ("mariadb:11", "grader/mariadb:11.8"),
        ("mariadb:10.6", "grader/mariadb:10.11"),
        ("mariadb:10.11.7-jammy", "grader/mariadb:10.11"),
        ("mariadb:12", "grader/mariadb:11.8"),
        ("mariadb:lts", "grader/mariadb:11.8"),
        ("bitnami/mariadb:11", "grader/mariadb:11.8"),
        ("percona:8", "grader/mysql:sid"),
        ("nginx", "grader/nginx:1.26"),
        ("nginx:1.21-alpine", "grader/nginx:1.22"),
        ("nginx:1.25.3", "grader/nginx:1.26"),
        ("nginx:1.29", "grader/nginx:1.26"),
        ("nginx:stable-alpine", "grader/nginx:1.26"),
        ("debian:bookworm-slim", "grader/debian:bookworm"),
        ("debian:12.5", "grader/debian:bookworm"),
        ("debian:bullseye", "grader/debian:bookworm"),
        ("debian:stable-slim", "grader/debian:trixie"),
        ("debian", "grader/debian:trixie"),
    ],
)
def test_each_has_the_nearest_counterpart(reference: str, made: str) -> None:
    """The same version where there is one, else the nearest newer, else the newest."""
    choice = counterpart(ImageReference.parse(reference))
    assert isinstance(choice, Recipe)
    assert choice.tag == made


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("python:3.11-alpine", "variant 'alpine'"),
        ("python:3.12-slim-windowsservercore", "variant 'windowsservercore'"),
        ("python:2.7-slim", "Python 2"),
        ("ubuntu:24.04", "only python, debian, mysql, postgres, redis"),
        ("someone/python:3.11-slim", "only python, debian, mysql, postgres, redis"),
        ("debian:unstable", "Debian 'unstable'"),
    ],
)
def test_what_has_none_is_told(reference: str, said: str) -> None:
    """The reason is a clause that says what to name instead."""
    choice = counterpart(ImageReference.parse(reference))
    assert isinstance(choice, NoCounterpart)
    assert said in choice.reason


def test_the_nearest_python_is_never_older_where_a_newer_is_there() -> None:
    """An older one would lack syntax and modules that the code may use."""
    assert nearest_python((3, 12)) == (3, 13)
    assert nearest_python((3, 8)) == (3, 11)
    assert nearest_python((3, 99)) == (3, 13)
    assert nearest_python(None) == (3, 13)


@pytest.mark.parametrize(
    ("reference", "mariadb", "series"),
    [
        ("mariadb", True, ""), ("mariadb:lts", True, ""), ("mariadb:11", True, "11"),
        ("library/mariadb:10.6.12-focal", True, "10.6"), ("bitnami/mariadb:11.4", True, "11.4"),
        ("docker.io/library/mariadb:10.11", True, "10.11"), ("mysql:8.4", False, "8.4"),
        ("percona:8.0", False, "8.0"),
    ],
)  # fmt: skip
def test_mariadb_and_its_series(reference: str, mariadb: bool, series: str) -> None:
    """A MariaDB counts among MySQL's kin, and is told from it."""
    assert is_mysql(reference)
    assert is_mariadb_image(reference) is mariadb
    assert mariadb_series(reference) == series
