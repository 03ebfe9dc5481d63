"""`docker compose` as the grader calls it: the file's dollars, and what a failure means."""

from __future__ import annotations

import pytest

from grader.errors import EngineUnavailable, PlatformError
from grader.sandbox.compose import _escaped, _failure
from grader.sandbox.container import CannotStart


def test_no_value_is_taken_for_a_variable() -> None:
    """Every dollar of every value is doubled; keys and numbers stay."""
    document = {"a": ["$HOME", {"b": "${X:?no}", "c": 3}], "d": "$$"}
    assert _escaped(document) == {"a": ["$$HOME", {"b": "$${X:?no}", "c": 3}], "d": "$$$$"}


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ('Error response from daemon: exec: "gunicorn": executable file not found', CannotStart),
        ("dependency failed to start: container x is unhealthy", CannotStart),
        ('service "init" didn\'t complete successfully: exit 1', CannotStart),
        ("Error response from daemon: unable to find user nobody2", CannotStart),
        ("Cannot connect to the Docker daemon at unix:///x.sock", EngineUnavailable),
        ("Error response from daemon: no such image", PlatformError),
    ],
)
def test_a_failure_is_whose_it_is(said: str, kind: type[Exception]) -> None:
    """The student's command, the engine's end, or ours."""
    assert type(_failure("up", said)) is kind
