"""What a Dockerfile may not ask for."""

from __future__ import annotations

import pytest

from grader.inspect.dockerfile import inline_dockerfile
from grader.inspect.dockerfile_policy import not_allowed, violations
from grader.spec.builtin import BASE_IMAGES

HEAD = "FROM python:3.11-slim\n"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("RUN --mount=type=ssh git clone x", "`RUN --mount=type=ssh` is not allowed"),
        ("RUN --mount=type=secret,id=a cat /run/secrets/a", "the exam gives a build no secrets"),
        ("RUN --mount=id=a,type=secret true", "the exam gives a build no secrets"),
        ("RUN --security=insecure true", "all rights on the host"),
        ("RUN --network=host pip install flask", "the host's own network"),
        ("ADD https://example.org/x.tar.gz /x", "`ADD https://example.org/x.tar.gz` is not"),
        ("ADD --chmod=755 http://127.0.0.1:2375/info /x", "the engine would fetch it"),
        ('ADD ["ftp://example.org/x", "/x"]', "the engine would fetch it"),
        ("ADD git@github.com:a/b.git /b", "the engine would fetch it"),
        ("ADD git://example.org/b.git /b", "the engine would fetch it"),
        ("ONBUILD ADD https://example.org/x /x", "the engine would fetch it"),
        ("run --network=host true", "the host's own network"),
    ],
)
def test_what_reaches_out_is_named_with_its_line(line: str, reason: str) -> None:
    """File, line and reason."""
    (said,) = violations(inline_dockerfile(f"{HEAD}{line}\n".encode(), {}))
    assert said.startswith("dockerfile_inline, line 2: ")
    assert reason in said


@pytest.mark.parametrize(
    "line",
    [
        "RUN pip install -r requirements.txt",
        "RUN --mount=type=cache,target=/root/.cache pip install flask",
        "RUN echo --network=host --security=insecure",
        "RUN --network=none true",
        "ADD app.tar.gz /srv",
        'ADD ["a b", "/srv"]',
        "COPY --from=builder /x /x",
        "RUN curl https://example.org",
    ],
)
def test_what_a_student_writes_is_left_alone(line: str) -> None:
    """A command's own words are no options of RUN."""
    assert violations(inline_dockerfile(f"{HEAD}{line}\n".encode(), {})) == []


@pytest.mark.parametrize(
    ("reference", "allowed"),
    [
        ("python:3.11-slim", True),
        ("docker.io/library/python", True),
        ("python:3.11@sha256:abc", True),
        ("mysql/mysql-server:8.0", True),
        ("ghcr.io/astral-sh/uv:python3.12", True),
        ("tiangolo/uwsgi-nginx-flask", False),
        ("evil.example.org/python:3.11", False),
        ("localhost:5000/python", False),
        ("grader/base", False),
    ],
)
def test_base_images_are_those_of_the_exam(reference: str, allowed: bool) -> None:
    """By repository, whatever tag; a foreign registry is no short name."""
    assert (not_allowed(reference, BASE_IMAGES) == "") is allowed


def test_a_pattern_stands_for_many() -> None:
    """A challenge may allow a whole folder of a registry."""
    assert (
        not_allowed("registry.example.edu/course/flask:1", ["registry.example.edu/course/*"]) == ""
    )
