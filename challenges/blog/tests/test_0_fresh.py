"""The database before the first migration; the first test of all, as nothing leads back there."""

import pytest


@pytest.mark.criterion("tables.none")
def test_the_app_has_made_no_table(steps):
    """It has started, and says that it is up."""
    found = steps.begin()
    assert not found, (
        f"The app has started, nobody has called `migrate`, and there is the table {found[0]}. "
        "Tables come by `migrate` only."
    )
