"""The way back to the first schema, the upgrade after it, and an empty database; last of all."""

import pytest
from steps import Attempt, require_same_rows, sound
from tables import TABLES, difference_from_first, find_links


@pytest.mark.criterion("migrate.downgrade")
def test_the_first_schema_comes_back(steps):
    """With all rows of users, posts and comments, and without what is new."""
    attempt, past = steps.downgrade(), steps.past
    attempt.done()
    schema = past.down_schema.of(TABLES)
    if wrong := difference(past, schema):
        attempt.fail(f"`{attempt.name}` should lead back to the first schema; {wrong}.")
    for table, column, other, _ in sorted(schema.foreign - past.first_schema.foreign):
        attempt.fail(f"After `{attempt.name}` {table}.{column} still refers to {other}.")
    for table in TABLES:
        require_same_rows(attempt, past.before[table], past.down[table], table)
        if len(past.down[table]) != len(past.before[table]):
            attempt.fail(f"After `{attempt.name}` there are rows of {table} that were not before.")


@pytest.mark.criterion("migrate.leftovers")
def test_nothing_is_left_behind(steps):
    """No index for a key that is gone, and no table of the tags."""
    attempt, past = steps.downgrade(), steps.past
    attempt.done()
    left = past.down_schema.of(TABLES).indexes
    for table, names, _ in sorted(left - past.first_schema.indexes):
        attempt.fail(
            f"After `{attempt.name}` the table {table} still has an index for {', '.join(names)}."
        )
    if found := find_links(past.newest_schema):
        for table in (found.table, found.tags):
            if table in past.down_schema.tables:
                attempt.fail(f"After `{attempt.name}` there is still the table {table}.")


@pytest.mark.criterion("migrate.again")
def test_the_upgrade_works_again(steps):
    """With the rows as they were; a second one changes nothing."""
    attempt, past = steps.again(), steps.past
    attempt.done()
    past.twice.done()
    before = sound(past.before)
    for table in TABLES:
        require_same_rows(attempt, before[table], past.again_rows[table], table)
    require_same_schema(attempt, past.newest_schema, past.again_schema)
    require_same_schema(past.twice, past.newest_schema, past.twice_schema)


@pytest.mark.criterion("migrate.empty")
def test_an_empty_database_comes_up(steps):
    """`base` takes all tables away, and the upgrade makes the same ones as it did before."""
    attempt, past = steps.empty(), steps.past
    past.base.done()
    found = find_links(past.newest_schema)
    for table in (*TABLES, *((found.table, found.tags) if found else ())):
        if table in past.base_schema.tables:
            past.base.fail(f"After `{past.base.name}` there is still the table {table}.")
    attempt.done()
    require_same_schema(attempt, past.newest_schema, past.empty_schema)


@pytest.mark.criterion("migrate.exit")
@pytest.mark.parametrize("what", ["no such version", "no MySQL"])
def test_a_failure_is_an_exit_code(app, steps, draw, what):
    """For a version that there is not, and where MySQL is not to be reached."""
    steps.upgrade()
    if what == "no MySQL":
        attempt = Attempt(app, "upgrade", environment={"DB_PORT": "1"})
    else:
        attempt = Attempt(app, "upgrade", draw.word())
    if attempt.lost is not None:
        raise attempt.lost
    if attempt.ran.exit_code == 0:
        attempt.ran.fail(
            f"There is {what}, so that `migrate upgrade` cannot do what it was asked for; it "
            "should end with another exit code than 0."
        )


def difference(past, schema):
    """What is not as `migrate upgrade first` made it, in words; that has a criterion of its own."""
    if ("posts", "slug") in schema.columns:
        return "posts still have the column slug"
    if set(TABLES) - past.first_schema.tables:
        return difference_from_first(schema)
    first = past.first_schema.of(TABLES).columns
    for table, column in sorted(first.keys() | schema.columns.keys()):
        if first.get((table, column)) != schema.columns.get((table, column)):
            return f"the column {table}.{column} is not as it was there"
    return ""


def require_same_schema(attempt, expected, found):
    """Fail unless the three tables, and those of the tags, are as after the first upgrade."""
    links = find_links(expected)
    tables = (*TABLES, *((links.table, links.tags) if links else ()))
    expected, found = expected.of(tables), found.of(tables)
    for table in sorted(expected.tables - found.tables):
        attempt.fail(f"After `{attempt.name}` there is no table {table}; there was one before.")
    places = sorted(
        place
        for place in expected.columns.keys() | found.columns.keys()
        if expected.columns.get(place) != found.columns.get(place)
    )
    if places:
        table, column = places[0]
        attempt.fail(
            f"After `{attempt.name}` the column {table}.{column} is not as after the first upgrade."
        )
    for kind, before, after in (
        ("foreign keys", expected.foreign, found.foreign),
        ("indexes", expected.indexes, found.indexes),
    ):
        if different := sorted(map(str, before ^ after)):
            attempt.fail(
                f"After `{attempt.name}` the {kind} are not as after the first upgrade: "
                f"{different[0]}"
            )
