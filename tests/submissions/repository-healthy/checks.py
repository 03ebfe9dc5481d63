"""Tests of the sum."""
from total import total


def test_nothing_is_nothing():
    assert total([]) == 0
