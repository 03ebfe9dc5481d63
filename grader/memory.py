"""Memory: what the collector looks at, and what the allocator keeps after it was freed."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

M_MMAP_THRESHOLD = -3
M_ARENA_MAX = -8
"""glibc's names for what it does with large blocks, and for the number of its heaps (malloc.h;
mallopt(3))."""
LARGE = 256 * 1024


@contextmanager
def loading() -> Iterator[None]:
    """Import modules within the block; what they define is never looked at as garbage.

    The collector would go through all of it again and again meanwhile, for nothing: a quarter of
    the time.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def share_heap() -> None:
    """Have all threads share one heap, where the C library has a call for that (glibc).

    Otherwise each of many short-lived threads leaves a few pages in a heap of its own, 0.3 MiB in
    all for each run of a batch, that nobody can give back. One thread runs Python at a time. Blocks
    from `LARGE` on stay out of it: glibc would have them in there once one of their size was freed.
    """
    if option := _libc("mallopt"):
        option(M_ARENA_MAX, 1)
        option(M_MMAP_THRESHOLD, LARGE)


def give_back() -> None:
    """Give back to the operating system what was freed, where there is a call for that (glibc).

    Reading an image's layers takes tens of megabytes for a moment.
    """
    if trim := _libc("malloc_trim"):
        trim(0)


def _libc(name: str) -> Any:
    import ctypes

    return getattr(ctypes.CDLL(None), name, None)
