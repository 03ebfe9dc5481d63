"""What holds for all tests."""

import gc
import signal

import pytest

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # a shell starts what runs in the background so, and programs that tests interrupt inherit it
    signal.signal(signal.SIGINT, signal.default_int_handler)

gc.disable()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Collect garbage from here on, but not among the tests: that would take a third more."""
    del session
    gc.freeze()
    gc.enable()
