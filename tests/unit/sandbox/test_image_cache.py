"""When images that were built before are looked through."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from grader.sandbox.image_cache import EVERY, STAMP, due


def test_it_is_looked_once_in_a_while(tmp_path: Path) -> None:
    """By whichever process comes first."""
    assert due(tmp_path)
    assert not due(tmp_path)


@pytest.mark.parametrize("ago", [EVERY + 1, -3600], ids=["long ago", "by a clock that went back"])
def test_an_old_look_counts_no_more(tmp_path: Path, ago: float) -> None:
    """Nor does one in the future, which would never come to an end."""
    assert due(tmp_path)
    then = time.time() - ago
    os.utime(tmp_path / STAMP, (then, then))
    assert due(tmp_path)
    assert not due(tmp_path)
