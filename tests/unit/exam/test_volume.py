"""A volume as a suite sees it: what is asked of the grader, in which order."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from grader.exam.dispatch import remote
from grader.exam.faults import Mismatch
from grader.exam.operations import VolumeFile, VolumeOperations
from grader.exam.volume import Volume
from grader.testing import operations_of


def volume(asked: list[str], **answers: Any) -> Volume:
    """One whose operations note what is asked."""

    def do(name: str) -> Any:
        def call(**arguments: Any) -> Any:
            asked.append(name)
            answer = answers.get(name)
            return answer(**arguments) if callable(answer) else answer

        return call

    names = ("files", "read", "fill", "free", "make_read_only", "make_writable")
    offered = operations_of({f"volume.{name}": do(name) for name in names})
    caller = lambda name, /, **arguments: offered.call(name, arguments)  # noqa: E731
    return Volume(
        "/data", remote(VolumeOperations, "volume", caller), lambda: asked.append("close")
    )


def test_files_and_bytes_come_over() -> None:
    """Entries with all that is known of them, and the bytes as they are."""
    asked: list[str] = []
    entry = VolumeFile(path="a/x", kind="file", size=3, mode=0o600, owner=7)
    content = bytes(range(256))
    found = volume(
        asked,
        files=lambda path, folder: [entry] if (path, folder) == ("/data", "a") else [],
        read=lambda path, name, most: base64.b64encode(content[:most]).decode(),
    )
    assert found.files("a") == [entry]
    assert found.read("a/x") == content
    assert found.read("a/x", most=5) == content[:5]


def test_what_was_filled_is_freed() -> None:
    """Also where the block fails, or filling does."""
    asked: list[str] = []
    with pytest.raises(ZeroDivisionError), volume(asked).full():
        asked.append(str(1 // 0))
    assert asked == ["fill", "free"]


def test_a_volume_is_writable_again_after_the_block() -> None:
    """Also where the app did not come back; connections are closed before each new container."""
    asked: list[str] = []
    with volume(asked).read_only():
        asked.append("block")
    assert asked == ["close", "make_read_only", "block", "close", "make_writable"]
    asked.clear()

    def refuse(path: str) -> None:
        raise Mismatch(path)

    with pytest.raises(Mismatch), volume(asked, make_read_only=refuse).read_only():
        asked.append("block")
    assert asked == ["close", "make_read_only", "close", "make_writable"]
