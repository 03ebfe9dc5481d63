"""What docker-py raises, as a sentence of the grader's."""

from __future__ import annotations

import pytest
import requests
from docker import errors

from grader.errors import EngineUnavailable, PlatformError
from grader.sandbox.engine import translated

CAUSE = "FileNotFoundError(2, 'No such file or directory'))"
LONG = f"Error while fetching server API version: ({'x' * 400}, {CAUSE}"


@pytest.mark.parametrize(
    ("error", "begins"),
    [
        (requests.Timeout(LONG), "The Docker engine did not answer a request in time (Error while"),
        (errors.DockerException(LONG), "No Docker engine answers. Start it"),
        (requests.ConnectionError(LONG), "No Docker engine answers. Start it"),
    ],
)
def test_the_cause_of_a_long_error_is_shown(error: Exception, begins: str) -> None:
    """Libraries name it last: "Caused by …", or the exception within."""
    with pytest.raises(EngineUnavailable) as caught, translated():
        raise error
    assert str(caught.value).startswith(begins)
    assert f"{CAUSE})" in str(caught.value)
    assert "characters left out" in str(caught.value)


def test_what_the_engine_refuses_is_shown_whole() -> None:
    """Its answer is a sentence of its own."""
    with pytest.raises(PlatformError) as caught, translated():
        raise errors.APIError(LONG)
    assert str(caught.value) == f"The Docker engine refused a request: {LONG}"
