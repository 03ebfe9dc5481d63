"""A fixture that takes archives into folders of a test's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.model import Submission
from grader.submission import take
from tests.unit.submission.packing import Taker


@pytest.fixture
def taken(tmp_path: Path) -> Taker:
    """Takes an archive into a folder of its own."""

    def run(source: Path) -> Submission:
        folder = tmp_path / f"run-{len(list(tmp_path.glob('run-*')))}"
        folder.mkdir()
        return take(source, folder)

    return run
