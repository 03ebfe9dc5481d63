"""Secrets that several processes want at the same time, at a portal's first start."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from grader.portal.secret_files import drawn_once


def test_all_get_what_the_first_one_has_drawn(tmp_path: Path) -> None:
    """Whole, and for its owner alone; nothing else is left in the folder."""
    path, together = tmp_path / "new" / "key", Barrier(8)

    def drawn(number: int) -> bytes:
        def draw() -> bytes:
            together.wait(5)
            return f"{number:03}".encode() * 1000

        return drawn_once(path, draw)

    with ThreadPoolExecutor(max_workers=8) as pool:
        found = set(pool.map(drawn, range(8)))
    assert found == {path.read_bytes()}
    assert len(path.read_bytes()) == 3000
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]
    assert drawn_once(path, lambda: b"another") == path.read_bytes()


def test_what_cannot_be_drawn_leaves_nothing(tmp_path: Path) -> None:
    """The next start draws again."""
    path = tmp_path / "key"

    def fail() -> bytes:
        msg = "the disk is full"
        raise OSError(msg)

    with pytest.raises(OSError, match="full"):
        drawn_once(path, fail)
    assert list(tmp_path.iterdir()) == []
    assert drawn_once(path, lambda: b"drawn") == b"drawn"
