"""A failure on another version than the one that was asked for."""

from __future__ import annotations

from unittest.mock import Mock

import pytest

from grader.errors import ImageUnavailable
from grader.model import Substitution
from grader.run.stand_ins import with_differences

PYTHON = Substitution(
    wanted="python:3.9-slim", used="Python 3.11 of Debian bookworm (3.11.2)", reason="none is here"
)
MYSQL = Substitution(wanted="mysql:8.0", used="MySQL of Debian sid (9.7.4)", reason="none is here")
CONTEXT = Mock(**{"recorder.materials.substitutions": [PYTHON, MYSQL]})
ALL = ("python:3.9-slim", "mysql:8.0")


def test_a_difference_that_may_matter_comes_last() -> None:
    """Of what failed on it, and of nothing else."""
    crash = "AttributeError: module 'inspect' has no attribute 'get_sauce'"
    last = "Python 3.11 of Debian bookworm (3.11.2) stands in for python:3.9-slim, as none is here."
    assert with_differences(CONTEXT, ALL, "It ended.", crash) == f"It ended. {last}"
    assert with_differences(CONTEXT, ("mysql:8.0",), "It ended.", crash) == "It ended."
    assert (
        with_differences(CONTEXT, ALL, "It ended.", "Traceback:\nValueError: five") == "It ended."
    )
    odd = "It ended. Its last error: ValueError: five"
    assert with_differences(CONTEXT, ALL, odd, "") == f"{odd} {last}"
    assert (
        with_differences(CONTEXT, ALL, "It listens on port 8000.", "") == "It listens on port 8000."
    )
    assert (
        with_differences(Mock(**{"recorder.materials.substitutions": []}), ALL, "It ended.", crash)
        == "It ended."
    )


@pytest.mark.parametrize(
    ("said", "native"),
    [
        ("ERROR 1524 (HY000) at line 1: Plugin 'mysql_native_password' is not loaded", False),
        ("RuntimeError: 'cryptography' package is required for caching_sha2_password", True),
    ],
)
def test_a_difference_that_is_the_cause_ends_the_run(said: str, native: bool) -> None:
    """There is no score, and the reason says what to bring, and what failed."""
    with pytest.raises(ImageUnavailable) as raised:
        with_differences(CONTEXT, ALL, "The service 'db' ended.", said, native=native)
    assert str(raised.value).startswith("MySQL of Debian sid (9.7.4) stands in for mysql:8.0, as")
    assert str(raised.value).endswith("What failed: The service 'db' ended.")
