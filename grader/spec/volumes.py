"""What a schema cannot say of the volumes of a challenge.yml: where they may be, and how large."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from grader.app_spec import VolumeSpec
from grader.sizes import size
from grader.yamldoc import Document

SYSTEM = frozenset({
    "bin", "boot", "dev", "etc", "lib", "lib32", "lib64", "libx32", "proc", "sbin", "sys", "usr",
})  # fmt: skip
"""Folders at the top that hold the system: nothing below them is a volume."""
SHARED = frozenset({"home", "opt", "root", "run", "srv", "tmp", "var"})
"""Folders at the top that hold more than one program's files: what is below them may be one."""
SMALLEST, LARGEST = 1 << 20, 256 << 20
"""Bytes. A volume lies in memory, so that its size is certain."""


def volumes_of(asked: list[Any]) -> tuple[VolumeSpec, ...]:
    """Return what `app.volumes` of a valid challenge.yml asks for."""
    return tuple(
        VolumeSpec(path=one)
        if isinstance(one, str)
        else VolumeSpec(path=one["path"], **({"size": size(one["size"])} if "size" in one else {}))
        for one in asked
    )


def volume_problems(document: Document, app: dict[str, Any], mode: Any) -> Iterator[str]:
    """Yield a sentence for each volume of `app` that cannot be one."""
    asked = app.get("volumes")
    if not isinstance(asked, list) or not asked:
        return
    if mode != "dockerfile":
        where = document.at(("app", "volumes"))
        yield f"{where}: volumes are for `mode: dockerfile`; leave them out."
        return
    earlier: list[PurePosixPath] = []
    for index, one in enumerate(asked):
        where = document.at(("app", "volumes", index))
        path = one.get("path") if isinstance(one, dict) else one
        if isinstance(path, str) and path.startswith("/"):
            yield from _place_problems(where, PurePosixPath(path), earlier)
            earlier.append(PurePosixPath(path))
        if isinstance(one, dict) and isinstance(one.get("size"), str):
            yield from _size_problems(where, one["size"])


def _place_problems(where: str, path: PurePosixPath, earlier: list[PurePosixPath]) -> Iterator[str]:
    top = path.parts[1:2]
    if set(top) & SYSTEM or (len(path.parts) == 2 and set(top) & SHARED):
        yield f"{where} is {str(path)!r}, a folder of the system; take one such as /data."
    for other in earlier:
        if path == other:
            yield f"{where} is {str(path)!r}, which stands there already; keep one."
        elif path in other.parents or other in path.parents:
            yield f"{where} is {str(path)!r}, and {other} is one too; no volume is within another."


def _size_problems(where: str, written: str) -> Iterator[str]:
    try:
        found = size(written)
    except ValueError:
        return  # its form is told of already
    if not SMALLEST <= found <= LARGEST:
        yield f"{where} has a size of {written}; it can be 1m to 256m."
