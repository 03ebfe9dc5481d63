"""What services lack that are not started: a plain `docker compose up` would stop there."""

from __future__ import annotations

import shutil

import pytest

from grader.criteria import COMPOSE_COMPLETE
from grader.model import Outcome, Submission
from grader.run.compose import credentials
from grader.run.compose.left_out import left_out_faults
from grader.run.compose.project_roles import ComposeChoice, ComposeRoles
from grader.run.compose.resolve import resolve_roles
from tests.unit.run.conftest import Begin, HandIn

BOTH = "services:\n  db:\n    image: mysql:8.4\n  web:\n    build: .\n"
FILES = {"Dockerfile": "FROM python:3.12\n"}
EMPTY = "Docker puts an empty folder in its place"


def _roles(begin: Begin, submission: Submission) -> ComposeRoles:
    found = resolve_roles(begin(), submission, ComposeChoice(), {})
    assert found is not None
    return found


def nginx(mount: str, more: str = "") -> str:
    return f"{BOTH}  nginx:\n    image: nginx:alpine\n    volumes:\n      - {mount}\n{more}"


def test_a_file_that_a_proxy_mounts(begin: Begin, hand_in: HandIn) -> None:
    """It is named with its line, and so is the file that may be meant."""
    text = nginx("./config/flask.conf:/etc/nginx/conf.d/default.conf")
    submission = hand_in({**FILES, "flask.conf": "", "compose.yaml": text})
    (said,) = left_out_faults(submission.root, _roles(begin, submission))
    assert said == (
        "compose.yaml:9: `nginx` mounts the file config/flask.conf, which is not in your "
        "repository (there is flask.conf: correct the path). Docker puts an empty folder in its "
        "place: a plain `docker compose up` fails there, or the service runs without it."
    )


@pytest.mark.parametrize(
    "mount",
    [
        "./conf.d:/etc/nginx/conf.d", "./html:/usr/share/nginx/html", "./logs:/var/log/nginx",
        "logs:/etc/nginx/nginx.conf\nvolumes:\n  logs:", "./there.conf:/etc/nginx/nginx.conf",
    ],
)  # fmt: skip
def test_what_docker_may_make_or_what_is_there(begin: Begin, hand_in: HandIn, mount: str) -> None:
    """A folder that is not there is made by Docker, and often meant to be."""
    submission = hand_in({**FILES, "there.conf": "", "compose.yaml": nginx(mount)})
    assert left_out_faults(submission.root, _roles(begin, submission)) == ()


def test_a_service_that_is_started_shows_it_itself(begin: Begin, hand_in: HandIn) -> None:
    text = f"{BOTH}    volumes: ['./settings.json:/app/settings.json']\n"
    submission = hand_in({**FILES, "compose.yaml": text})
    assert left_out_faults(submission.root, _roles(begin, submission)) == ()


def test_a_proxy_without_a_dockerfile(begin: Begin, hand_in: HandIn) -> None:
    """It is built by a plain `docker compose up`."""
    text = f"{BOTH}  nginx:\n    build: ./nginx\n"
    submission = hand_in({**FILES, "nginx/Dockerfile.txt": "", "compose.yaml": text})
    (said,) = left_out_faults(submission.root, _roles(begin, submission))
    assert said.startswith("compose.yaml:7: `nginx` is built from 'nginx', which has no Dockerfile")
    assert said.endswith("a plain `docker compose up` stops there.")


def test_it_costs_what_is_missing_costs(begin: Begin, hand_in: HandIn) -> None:
    """So it is no "It builds and starts", though the app does."""
    text = nginx("./nginx.conf:/etc/nginx/nginx.conf")
    submission = hand_in({**FILES, "compose.yaml": text})
    context = begin()
    shutil.copytree(submission.root, context.snapshot)
    found = resolve_roles(context, submission, ComposeChoice(), {})
    assert found is not None
    credentials.record(context, found, found.fresh, "", None)
    result = context.recorder.results[COMPOSE_COMPLETE]
    assert result.outcome is Outcome.FAILED
    assert "mounts the file nginx.conf, which is not in your repository" in result.rationale
    assert [(one.path, one.line) for one in result.locations] == [("compose.yaml", 9)]
