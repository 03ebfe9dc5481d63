"""What is left of an app's environment without some of its secrets."""

from __future__ import annotations

from grader.run.probes.environment import AppEnvironment

GIVEN = AppEnvironment(
    {"KEY": "a key", "DB_URL": "mysql://u:of-the-database@db/x", "TITLE": "Board", "EMPTY": ""},
    {"KEY": "a key", "DB_PASSWORD": "of-the-database", "DB_ROOT_PASSWORD": "of-root", "NONE": ""},
)


def test_a_variable_counts_by_its_name_and_by_what_it_holds() -> None:
    """A URL that holds a password is gone with it; an empty secret is in nothing."""
    assert GIVEN.holding(["KEY"]) == {"KEY"}
    assert GIVEN.holding(["DB_PASSWORD"]) == {"DB_URL"}
    assert GIVEN.holding(["DB_ROOT_PASSWORD", "NONE"]) == frozenset()
    assert sorted(GIVEN.without(["DB_PASSWORD", "KEY"])) == ["EMPTY", "TITLE"]
