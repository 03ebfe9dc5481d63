"""Memory that the allocator keeps after it was freed."""

from __future__ import annotations

import ctypes


def give_back() -> None:
    """Give it back to the operating system, where the C library has a call for that (glibc).

    Reading an image's layers takes tens of megabytes for a moment, in any of several threads, and
    each of them would keep its own share for good.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
