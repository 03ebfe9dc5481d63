"""What doctor makes of version numbers."""

import pytest

from grader.cli.doctor import closed


@pytest.mark.parametrize(
    ("version", "good"),
    [
        ("1.1.12", True),
        ("1.2.0-rc.1", True),
        ("1.1.5", False),
        ("1.1.5+ds1", False),
        ("1.1.5+ds1-1+deb12u1", True),
        ("1.1.5+ds1-1+b1", False),
        ("1.1.4-0ubuntu3.1", True),
        ("v1.1.13", True),
    ],
)
def test_a_hole_is_closed_by_number_or_by_the_distribution(version: str, good: bool) -> None:
    """A security update of a distribution counts, a rebuilt package does not."""
    assert closed(version, (1, 1, 12)) is good
