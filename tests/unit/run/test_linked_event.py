"""A run that gives up ends nothing around it."""

import threading

from grader.run.context import LinkedEvent


def test_the_outer_event_ends_the_inner() -> None:
    """And not the other way round."""
    outer = threading.Event()
    first, second = LinkedEvent(outer), LinkedEvent(outer)
    first.set()
    assert (first.is_set(), second.is_set(), outer.is_set()) == (True, False, False)
    outer.set()
    assert second.is_set()
