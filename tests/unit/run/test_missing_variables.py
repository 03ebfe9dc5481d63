"""Variables that an app reads and nobody gives it."""

from __future__ import annotations

from grader.run.missing_variables import unset_of
from tests.unit.run.conftest import HandIn


def test_what_is_read_and_not_given_is_told_with_its_place(hand_in: HandIn) -> None:
    root = hand_in({"app.py": 'import os\n\nHOST = os.environ["DB_HOST"]\n'}).root
    (found,) = unset_of(root, {"PATH"}, None)
    assert (found.name, found.where, found.indirect) == ("DB_HOST", "app.py, line 3", False)
    assert unset_of(root, {"DB_HOST"}, None) == ()
