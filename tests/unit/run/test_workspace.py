"""The folder of a run, and those that killed runs have left."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from grader.run.workspace import sweep, workspace


def test_the_folder_is_private_and_goes_with_the_run(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "r1"

    def run() -> None:
        with workspace(tmp_path, "r1") as found:
            assert found == folder
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
            (folder / "file").write_text("left")
            raise KeyError

    with pytest.raises(KeyError):
        run()
    assert not folder.exists()


def test_what_a_killed_run_has_left_is_removed(tmp_path: Path) -> None:
    """The folder of a run that goes on stays, unless everything is to go."""
    dead = tmp_path / "runs" / "dead"
    with workspace(tmp_path, "alive") as alive:
        dead.mkdir()
        (dead / "owner").write_text((alive / "owner").read_text().rpartition(":")[0] + ":1.00")
        assert sweep(tmp_path) == 1
        assert (alive.exists(), dead.exists()) == (True, False)
        assert sweep(tmp_path, everything=True) == 1
        assert not alive.exists()
