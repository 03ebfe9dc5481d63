"""Which files of a folder have changed, as the operating system tells it."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from watchfiles import Change, DefaultFilter, watch

STEP = 50
"""Milliseconds without another change after which one is told; editors write a file in steps."""
DEBOUNCE = 1000
"""Milliseconds after which it is told although more are coming."""


class Cancel(threading.Event):
    """Ends a run."""

    by_change = False
    """Whether it was set because a file has changed, and by nobody's Ctrl-C."""


class Changes:
    """The files of a folder that have changed, and the run that a change is to end."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._lock = threading.Lock()
        self._names: list[str] = []
        self._changed = threading.Event()
        self._cancel = Cancel()

    def note(self, paths: Collection[str]) -> None:
        """Note that these have changed: a run that is under way ends."""
        names = sorted(str(Path(path).relative_to(self._folder)) for path in paths)
        with self._lock:
            self._names = list(dict.fromkeys([*self._names, *names]))
            self._changed.set()
            self._cancel.by_change = True
            self._cancel.set()

    def begin(self) -> tuple[list[str], Cancel]:
        """Return what has changed since the last call, and the event that will end the next run."""
        with self._lock:
            names, self._names = self._names, []
            self._changed.clear()
            self._cancel = Cancel()
            return names, self._cancel

    def wait(self) -> None:
        """Return once something has changed since `begin`."""
        self._changed.wait()


class _Ours(DefaultFilter):
    """Leaves out what editors, git and Python write alongside the code, and files of our own."""

    def __init__(self, without: Collection[Path]) -> None:
        self._without = {str(path.resolve()) for path in without}
        super().__init__()

    def __call__(self, change: Change, path: str) -> bool:
        """Whether `path` counts."""
        return path not in self._without and super().__call__(change, path)


@contextmanager
def changes_in(folder: Path, without: Collection[Path] = ()) -> Iterator[Changes]:
    """Yield the changes in `folder` from now on; those of the files `without` do not count."""
    changes, stop, ready = Changes(folder), threading.Event(), threading.Event()

    def follow() -> None:
        found = watch(
            folder.resolve(),
            watch_filter=_Ours(without),
            debounce=DEBOUNCE,
            step=STEP,
            stop_event=stop,
            rust_timeout=STEP,
            yield_on_timeout=True,  # the first one says that it watches
            raise_interrupt=False,
        )
        for some in found:
            ready.set()
            if some:
                changes.note([path for _, path in some])

    thread = threading.Thread(target=follow, name="changes", daemon=True)
    thread.start()
    try:
        ready.wait(timeout=5)
        yield changes
    finally:
        stop.set()
        thread.join(timeout=5)
