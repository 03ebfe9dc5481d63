"""Settings come from an explicit environment."""

from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.settings import Settings


def test_an_empty_environment_has_defaults() -> None:
    """Nothing needs to be set; the shipped challenges are found."""
    settings = Settings.from_env({})
    assert (settings.challenges[0] / "todo-api" / "challenge.yml").is_file()
    assert settings.index_port == 4041
    assert settings.docker_host is None
    probe = settings.references_of(Path("/exams/challenges/todo-api"))
    assert probe == Path("/exams/reference_solutions")


def test_each_variable_is_read() -> None:
    """Each documented variable has its effect."""
    settings = Settings.from_env(
        {
            "GRADER_CHALLENGES": "/c:/d:",
            "GRADER_REFERENCES": "/r",
            "GRADER_STATE": "/s",
            "GRADER_INDEX_PORT": "5001",
            "DOCKER_HOST": "unix:///x.sock",
        }
    )
    assert settings.challenges == (Path("/c"), Path("/d"))
    assert settings.references == Path("/r")
    assert settings.references_of(Path("/c/todo-api")) == Path("/r")
    assert not settings.git_file
    assert settings.state == Path("/s")
    assert settings.index_port == 5001
    assert settings.docker_host == "unix:///x.sock"


@pytest.mark.parametrize("port", ["80", "x", "70000", "-1"])
def test_a_port_that_cannot_be_is_named(port: str) -> None:
    """A bad port says which variable and what is possible."""
    with pytest.raises(UsageError, match=r"GRADER_INDEX_PORT is .* from 1024 to 65535"):
        Settings.from_env({"GRADER_INDEX_PORT": port})
