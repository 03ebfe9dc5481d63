"""The sockets of an app that crashes again and again."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest.mock import Mock, patch

import pytest

from grader.errors import PlatformError
from grader.run import app as run_app
from grader.run.app import DeployedApp
from grader.sandbox.container import ContainerState
from grader.sandbox.diagnosis import AppSettings
from grader.testing import a_challenge

UP = ContainerState(running=True, exit_code=0, oom_killed=False)
GONE = ContainerState(running=False, exit_code=1, oom_killed=False)
WAITING = ContainerState(running=True, waiting=True, exit_code=1, oom_killed=False)
AGAIN = ContainerState(running=True, exit_code=0, oom_killed=False, restarts=1)


def sockets(*states: ContainerState) -> Any:
    """What is seen where the engine refuses to look, and says `states` before and after."""
    container = Mock(id="c", **{"state.side_effect": states})
    context = Mock(challenge=a_challenge(), folder=Path())
    app = DeployedApp(context, container, ("127.0.0.1", 1), surroundings=AppSettings(port=5000))
    refusal = PlatformError("Container c is restarting, wait until the container is running")
    with (
        patch.object(run_app, "listening", side_effect=refusal),
        patch("grader.sandbox.images.tools_image"),
    ):
        return app._listening("c")


@pytest.mark.parametrize("after", [GONE, WAITING, AGAIN])
def test_an_app_that_went_meanwhile_listens_nowhere(after: ContainerState) -> None:
    """It has ended, waits to be started again, or was: no fault of the platform."""
    assert sockets(UP, after) == ()


def test_an_app_that_was_to_be_started_again_listens_nowhere() -> None:
    """It runs again by the time that it is looked at; the engine has counted before."""
    assert sockets(WAITING, UP) == ()


def test_a_refusal_without_such_a_reason_is_the_platforms() -> None:
    """The container runs as it did before."""
    with pytest.raises(PlatformError):
        sockets(UP, UP)
