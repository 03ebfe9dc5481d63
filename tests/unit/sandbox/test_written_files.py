"""What a container has written, read from its layer."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from grader.sandbox import written_files as module
from grader.sandbox.engine import Engine
from grader.sandbox.written_files import written_files


def engine_with(upper: Path) -> Engine:
    found: dict[str, Any] = {"GraphDriver": {"Data": {"UpperDir": str(upper)}}}
    api = SimpleNamespace(inspect_container=lambda _: found)
    return cast("Engine", SimpleNamespace(client=SimpleNamespace(api=api)))


@pytest.fixture
def upper(tmp_path: Path) -> Path:
    folder = tmp_path / "upper"
    (folder / "srv" / "data").mkdir(parents=True)
    (folder / "srv" / "data" / "notes.txt").write_text("one", "utf-8")
    (folder / "top").write_text("two", "utf-8")
    return folder


def test_files_are_given_with_their_paths_inside(upper: Path) -> None:
    assert dict(written_files(engine_with(upper), "id")) == {
        "/top": b"two",
        "/srv/data/notes.txt": b"one",
    }


def test_nothing_is_followed_and_nothing_hangs(upper: Path, tmp_path: Path) -> None:
    """A link to a file or folder of the host's is not read, and a pipe does not block."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "canary").write_text("of the host", "utf-8")
    (upper / "srv" / "file").symlink_to(outside / "canary")
    (upper / "folder").symlink_to(outside)
    os.mkfifo(upper / "pipe")
    assert sorted(path for path, _ in written_files(engine_with(upper), "id")) == [
        "/srv/data/notes.txt",
        "/top",
    ]


def test_much_is_read_in_part(upper: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FILES_READ", 1)
    monkeypatch.setattr(module, "FILE_BYTES", 2)
    assert list(written_files(engine_with(upper), "id")) == [("/top", b"tw")]
