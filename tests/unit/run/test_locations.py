"""Where a criterion is lost, its result says where in the submission that is."""

from __future__ import annotations

import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from grader.criteria import COMPOSE_VALID, DOCKER_BUILDS
from grader.inspect.compose.missing import missing_locations
from grader.inspect.compose.read import read_compose
from grader.inspect.dockerfile import Dockerfile, inline_dockerfile, read_dockerfile
from grader.model import CheckResult, Outcome, SourceLocation
from grader.run import build
from grader.run.compose.invalid import invalid
from grader.run.context import RunContext
from grader.sandbox.build_log import BuildFailed, explain_log
from grader.settings import Settings
from grader.testing import a_challenge

LOG = """\
#4 [2/3] RUN pip install nothing-like-it
#4 ERROR: process "/bin/sh -c pip install" did not complete successfully: exit code: 1
------
Dockerfile:4
--------------------
   4 | >>> RUN pip install nothing-like-it
--------------------
ERROR: failed to solve: process "/bin/sh" did not complete successfully: exit code: 1
"""


def lost_by(record: Any, *args: Any, **more: Any) -> CheckResult:
    """The one result that `record` records."""
    context = RunContext.begin(
        run="r", challenge=a_challenge(), settings=Settings.from_env({}), folder=Path("/nowhere"),
        seed=1, listener=lambda event: None, cancel=threading.Event(),
    )  # fmt: skip
    record(context, *args, **more)
    (result,) = context.recorder.results.values()
    return result


def compose_faults(tmp_path: Path, text: str) -> tuple[str, ...]:
    """The faults of a Compose file with that text."""
    (tmp_path / "compose.yml").write_text(text)
    return read_compose(tmp_path, "compose.yml").faults


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("services:\n  web:\n    build: .\n    ports: 5\n", 4),
        ("services:\n  web: [\n", 3),
        ("services:\n  web:\n    build: .\n    build: .\n", 4),
        ("- services\n", 1),
        ("", 0),
    ],
)
def test_each_fault_of_a_compose_file_is_at_its_line(tmp_path: Path, text: str, line: int) -> None:
    faults = compose_faults(tmp_path, text)
    result = lost_by(invalid, *faults, first="It asks for DB_PASSWORD, a.py:3: x.")
    assert (result.criterion, result.outcome) == (COMPOSE_VALID, Outcome.FAILED)
    assert (result.locations[0].path, result.locations[0].line) == ("compose.yml", line)
    assert len(result.locations) == len(faults)
    assert str(faults[0]).endswith(result.locations[0].message)


def test_what_is_said_of_no_line_points_nowhere() -> None:
    result = lost_by(invalid, "Your repository has no Compose file; b.py:4: y")
    assert result.locations == ()


def test_what_is_missing_is_at_the_line_that_asks_for_it(tmp_path: Path) -> None:
    text = "services:\n  web:\n    build: .\n    environment:\n      KEY: ${SECRET_KEY}\n"
    (tmp_path / "compose.yml").write_text(text)
    (found,) = missing_locations(read_compose(tmp_path, "compose.yml"))
    assert (found.path, found.line) == ("compose.yml", 5)
    assert found.message.startswith("SECRET_KEY is asked for here")


def test_a_step_that_fails_is_at_its_line(tmp_path: Path) -> None:
    (tmp_path / "dockerfile").write_text("FROM python\n")
    failure = explain_log(LOG)
    result = lost_by(build._record, read_dockerfile(tmp_path, "dockerfile"), failure)
    assert result.criterion == DOCKER_BUILDS
    said = result.rationale
    assert said.startswith("This step of your Dockerfile fails (line 4)")
    assert result.locations == (SourceLocation(path="dockerfile", line=4, message=said),)


def test_a_dockerfile_in_a_compose_file_has_no_lines_of_a_file() -> None:
    dockerfile = inline_dockerfile(b"FROM python\n", {})
    assert lost_by(build._record, dockerfile, explain_log(LOG)).locations == ()


def test_without_a_line_it_points_nowhere() -> None:
    dockerfile = Dockerfile(
        path="Dockerfile", content=b"", instructions=(), sources=(), disputed=(), frontend=None
    )
    slow = BuildFailed(rationale="Dockerfile, line 3: too slow", evidence="", timed_out=True)
    result = lost_by(build._record, dockerfile, slow)
    assert (result.outcome, result.locations) == (Outcome.TIMED_OUT, ())


def test_an_image_that_is_not_allowed_is_at_the_line_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("# mine\nFROM fedora:40\n")
    dockerfile = read_dockerfile(tmp_path, "Dockerfile")
    submission = SimpleNamespace(root=tmp_path, digest="")
    result = lost_by(
        lambda context: build.build_image(context, cast("Any", submission), dockerfile)
    )
    assert [(one.path, one.line) for one in result.locations] == [("Dockerfile", 2)]
