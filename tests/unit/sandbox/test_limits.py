"""What bounds builds and disks: the control group of RUN steps, and counting what was written."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.app_spec import Limits
from grader.sandbox.cgroup import MEMORY, PIDS, make
from grader.sandbox.disk_guard import Usage, usage


@pytest.mark.parametrize(
    ("version", "memory", "pids"),
    [
        ("1", "memory/grader-build/memory.limit_in_bytes", "pids/grader-build/pids.max"),
        ("2", "grader-build/memory.max", "grader-build/pids.max"),
    ],
)
def test_the_group_has_its_limits(version: str, memory: str, pids: str, tmp_path: Path) -> None:
    """In the files of either version of control groups."""
    for folder in {Path(memory).parent.parent, Path(pids).parent.parent}:
        (tmp_path / folder).mkdir(exist_ok=True)
    assert make("cgroupfs", version, tmp_path) == "/grader-build"
    assert (tmp_path / memory).read_text() == str(MEMORY)
    assert (tmp_path / pids).read_text() == str(PIDS)


def test_there_is_no_group_where_none_can_be_made(tmp_path: Path) -> None:
    """Under systemd's driver, or where nothing may be written."""
    assert make("systemd", "2", tmp_path) == ""
    assert make("cgroupfs", "2", tmp_path / "nowhere") == ""


def test_counting_ends_at_the_limit(tmp_path: Path) -> None:
    """Bytes and files, folders included; a link is not followed."""
    for number in range(30):
        (tmp_path / f"{number}").write_bytes(b"x" * 5000)
    (tmp_path / "link").symlink_to("/usr")
    found = usage(tmp_path, Limits())
    assert found.files == 31
    assert 30 * 5000 <= found.size < 1_000_000
    assert usage(tmp_path, Limits(files=10)).files == 11
    assert usage(tmp_path / "nowhere", Limits()) == Usage(size=0, files=0)
