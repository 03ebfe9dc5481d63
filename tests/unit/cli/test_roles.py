"""`--role ROLE=SERVICE`."""

from __future__ import annotations

import pytest

from grader.app_spec import RoleSpec
from grader.cli.roles import read_roles
from grader.errors import UsageError
from grader.testing import a_challenge

ROLES = (RoleSpec(name="app", built=True), RoleSpec(name="worker", built=True))


def test_pairs_are_read() -> None:
    found = read_roles(("worker=jobs", "app=web"), a_challenge(roles=ROLES))
    assert found == (("worker", "jobs"), ("app", "web"))


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (("worker",), "--role worker names no service: write it as --role worker=jobs."),
        (("wroker=x",), "'wroker' is no role of the exam (app, worker). Did you mean 'worker'?"),
        (("worker=a", "worker=b"), "--role names worker twice; name it once."),
    ],
)
def test_what_is_none(written: tuple[str, ...], said: str) -> None:
    """A sentence that says how it is written."""
    with pytest.raises(UsageError) as caught:
        read_roles(written, a_challenge(roles=ROLES))
    assert str(caught.value) == said


def test_an_exam_without_roles() -> None:
    with pytest.raises(UsageError, match="guestbook names no roles: leave out --role"):
        read_roles(("worker=a",), a_challenge())
