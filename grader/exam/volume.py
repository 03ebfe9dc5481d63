"""A volume of the app's, as a suite sees it: what is in it, and the ways in which it can fail."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from grader.exam.operations import VolumeFile, VolumeOperations

MOST_BYTES = 1 << 20
"""Bytes of a file that are read where nothing else is asked for."""


class Volume:
    """One of `app.volumes` in challenge.yml."""

    def __init__(
        self, path: str, operations: VolumeOperations, disconnect: Callable[[], None]
    ) -> None:
        """`disconnect` closes the connections to an app that will be made again."""
        self.path = path
        """Its folder in the app's container."""
        self._operations = operations
        self._disconnect = disconnect

    def files(self, folder: str = "") -> list[VolumeFile]:
        """Return all that is in `folder` of it and below, sorted by path; links as what they are.

        Fails where there is no such folder, and where it holds more than 2000 entries.
        """
        return self._operations.files(self.path, folder)

    def read(self, name: str, *, most: int = MOST_BYTES) -> bytes:
        """Return the bytes of the regular file `name` in it.

        Fails where there is none, where it is a link or no regular file, and where it is larger
        than `most` bytes (8 MiB at most).
        """
        return base64.b64decode(self._operations.read(self.path, name, most))

    @contextmanager
    def full(self) -> Iterator[None]:
        """Leave no space in it for the block: what the app writes fails, what it frees is taken."""
        try:
            self._operations.fill(self.path)
            yield
        finally:
            self._operations.free(self.path)

    @contextmanager
    def read_only(self) -> Iterator[None]:
        """Make the app's container again with the volume read-only, for the block, and back.

        Fails where the app does not come back.
        """
        self._disconnect()
        try:
            self._operations.make_read_only(self.path)
            yield
        finally:
            self._disconnect()
            self._operations.make_writable(self.path)
