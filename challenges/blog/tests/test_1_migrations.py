"""From an empty database to the first schema, and with rows from there to the newest one."""

import pytest
from steps import held, require_same_rows
from tables import TABLES, additions_to_first, difference_from_first


@pytest.mark.criterion("migrate.first")
def test_the_first_schema_is_made(steps):
    """Tables, columns and indexes as the brief has them."""
    attempt = steps.first()
    attempt.done()
    schema = steps.past.first_schema
    if wrong := difference_from_first(schema) or additions_to_first(schema):
        attempt.fail(
            "`migrate upgrade first` should make the first schema as it stands in the brief; "
            f"{wrong}."
        )


@pytest.mark.criterion("migrate.runs")
def test_the_newest_schema_is_made(steps):
    """From the first schema with rows in it."""
    attempt = steps.upgrade()
    attempt.done()
    schema = steps.past.newest_schema
    for table in TABLES:
        if table not in schema.tables:
            attempt.fail(f"After `migrate upgrade` there is no table {table}.")
    if ("posts", "slug") not in schema.columns:
        attempt.fail("After `migrate upgrade` posts have no column slug.")


@pytest.mark.criterion("migrate.rows")
def test_rows_are_kept(steps):
    """Each with its id and all of its values; quotes and emoji are nothing special."""
    attempt, past = steps.upgrade(), steps.past
    if past.refused is not None:
        attempt.fail(
            "The grader cannot put the rows of an old blog into what `migrate upgrade first` has "
            f"made, and so none of them is there after the upgrade. {past.refused}"
        )
    for table in TABLES:
        require_same_rows(attempt, past.old.kept(table), past.rows[table], table)


@pytest.mark.criterion("migrate.slugs")
def test_old_posts_have_a_slug(steps):
    """`post-` and the id, also of two posts with one title."""
    attempt, past = steps.upgrade(), steps.past
    slugs = held(past.slugs)
    for number in past.old.kept("posts"):
        if slugs.get(number) != f"post-{number}":
            attempt.fail(
                f"The post {number} of the first schema should have the slug 'post-{number}'; "
                f"it has {slugs.get(number)!r}."
            )


@pytest.mark.criterion("migrate.orphans")
def test_rows_that_refer_to_nothing_are_gone(steps):
    """Posts without their author; comments without author or post, or on such a post."""
    attempt, past = steps.upgrade(), steps.past
    if past.orphans_refused is not None:
        attempt.fail(
            "The first schema should take posts and comments that refer to nothing, as the old "
            f"blog has them. {past.orphans_refused}"
        )
    for kind, table in (("lost_posts", "posts"), ("lost_comments", "comments")):
        left = sorted(past.old.kept(kind).keys() & held(past.rows[table]).keys())
        if left:
            row = past.old.kept(kind)[left[0]]
            attempt.fail(
                f"After `migrate upgrade` the row {left[0]} of {table} is still there: {row[:3]}. "
                "What it refers to is not there, or was deleted as well."
            )
