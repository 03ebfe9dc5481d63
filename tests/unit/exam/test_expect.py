"""`Reply.expect`: statuses as an author may write them; anything else is the author's mistake."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import pytest

from grader.exam.faults import Mismatch
from grader.exam.reply import Reply


def a_reply(status: int) -> Reply:
    """An answer with that status."""
    return Reply(status=status, headers={}, body=b"", seconds=0, curl="curl -i http://x/")


@pytest.mark.parametrize(
    "wanted",
    [(303,), (302, 303), ([302, 303],), ((302, 303),), ({303},), (range(300, 400),),
     (HTTPStatus.SEE_OTHER,), (201, [303])],
)  # fmt: skip
def test_a_status_that_is_wanted(wanted: tuple[Any, ...]) -> None:
    """One by one, or as a list."""
    answer = a_reply(303)
    assert answer.expect(*wanted) is answer


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ((200,), "200"),
        (([302, 303],), "302 or 303"),
        ((range(400, 500),), "400 to 499"),
    ],
)
def test_another_status_is_the_students_loss(wanted: tuple[Any, ...], said: str) -> None:
    """All that would have done are named."""
    with pytest.raises(Mismatch, match=f"It answered 500 where {said} was expected"):
        a_reply(500).expect(*wanted)


@pytest.mark.parametrize("wanted", [(), ("302",), ([],), (True,), (99,), (None,), ([[302]],)])
def test_what_can_never_match_is_the_authors_mistake(wanted: tuple[Any, ...]) -> None:
    """It is raised as such, whatever the app answered."""
    with pytest.raises(TypeError, match=r"expect\(\) takes statuses from 100 to 599"):
        a_reply(302).expect(*wanted)
