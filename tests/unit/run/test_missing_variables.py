"""Variables that an app reads and nobody gives it."""

from __future__ import annotations

from grader.run.missing_variables import fallbacks_of, unset_of
from tests.unit.run.conftest import HandIn


def test_what_is_read_and_not_given_is_told_with_its_place(hand_in: HandIn) -> None:
    root = hand_in({"app.py": 'import os\n\nHOST = os.environ["DB_HOST"]\n'}).root
    (found,) = unset_of(root, {"PATH"}, None)
    assert (found.name, found.where, found.indirect) == ("DB_HOST", "app.py, line 3", False)
    assert unset_of(root, {"DB_HOST"}, None) == ()


def test_a_default_is_told_with_what_it_stands_for(hand_in: HandIn) -> None:
    """A password that is not for a database stands for nothing here."""
    code = "import os\na = os.getenv('MAIL_PASSWORD', 'x')\nb = os.getenv('MYSQL_DB', 'shop')\n"
    found = fallbacks_of(hand_in({"app.py": code}).root, {"PATH"}, None)
    assert [(one.name, one.value, one.role, one.where) for one in found] == [
        ("MAIL_PASSWORD", "x", "", "app.py, line 2"),
        ("MYSQL_DB", "shop", "database", "app.py, line 3"),
    ]
