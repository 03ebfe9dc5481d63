"""What is said of a submission's files before anything is built."""

from __future__ import annotations

import pytest

from grader.criteria import DOCKER_BUILDS, REPO_FILES
from grader.errors import SubmissionRejected
from grader.model import Outcome
from grader.run.static_checks import inspect, near
from tests.unit.run.conftest import Begin, HandIn


def test_the_dockerfile_is_read_and_the_files_are_looked_for(begin: Begin, hand_in: HandIn) -> None:
    context = begin(required_files=("Dockerfile", "app.py"))
    found = inspect(context, hand_in({"Dockerfile": "FROM python:3.11\n"}))
    assert found is not None
    assert found.images == ("python:3.11",)
    result = context.recorder.results[REPO_FILES]
    assert result.outcome is Outcome.FAILED
    assert "app.py" in result.rationale
    assert DOCKER_BUILDS not in context.recorder.results


def test_without_a_dockerfile_nothing_can_be_built(begin: Begin, hand_in: HandIn) -> None:
    """A file whose ending Windows hides is named."""
    context = begin()
    submission = hand_in({"Dockerfile.txt": "FROM python:3.11\n"})
    assert inspect(context, submission) is None
    said = context.recorder.results[DOCKER_BUILDS].rationale
    assert said.startswith("Your repository has no Dockerfile at its top (")
    assert "Dockerfile.txt" in said
    assert near(submission.root, "web") == ""


def test_a_dockerfile_in_small_letters_is_taken_and_noted(begin: Begin, hand_in: HandIn) -> None:
    context = begin()
    assert inspect(context, hand_in({"dockerfile": "FROM python:3.11\n"})) is not None
    assert context.recorder.notes == ["dockerfile was taken for the Dockerfile."]
    assert context.recorder.results[REPO_FILES].outcome is Outcome.PASSED


def test_what_reaches_out_of_the_build_is_rejected(begin: Begin, hand_in: HandIn) -> None:
    text = "FROM python:3.11\nRUN --security=insecure mount\n"
    with pytest.raises(SubmissionRejected, match="line 2: `RUN --security=insecure`"):
        inspect(begin(), hand_in({"Dockerfile": text}))
