"""The files in the layers of an image that its own Dockerfile made, those deleted later included.

Where the engine keeps its layers as folders on this machine and they can be read, they are read
there. Elsewhere the engine is asked for the image as an archive, and the layers of its base are
passed over.
"""

from __future__ import annotations

import io
import json
import os
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.sandbox.engine import Engine, translated

MAX_FILES = 20_000
MAX_FILE = 4 * 1024 * 1024
MAX_TOTAL = 128 * 1024 * 1024
SYSTEM = frozenset({"usr", "lib", "lib64", "bin", "sbin", "boot", "dev", "proc", "sys", "var"})
"""Folders at the top of an image that packages fill."""


@dataclass(frozen=True, kw_only=True)
class LayerFile:
    """A file of one layer."""

    path: str
    """From the image's top, without a slash before it."""
    content: bytes = field(repr=False)
    commit: None = None


def own_files(engine: Engine, image: str, bases: Sequence[str]) -> Iterator[LayerFile]:
    """The files of the layers that `image` has beyond those of its `bases`; bounded.

    Raises `PlatformError`.
    """
    api = engine.client.api
    with translated():
        found = api.inspect_image(image)  # type: ignore[no-untyped-call]
        layers = found["RootFS"].get("Layers") or []
        shared = max((_shared(layers, _layers(engine, base)) for base in bases), default=0)
    folders = _folders(found)[: len(layers) - shared]
    if folders and all(os.access(folder, os.R_OK | os.X_OK) for folder in folders):
        yield from _bounded(_of_folders(folders))
    elif len(layers) > shared:
        yield from _bounded(_of_archive(engine, image, shared))


def _layers(engine: Engine, base: str) -> list[str]:
    found = engine.client.api.inspect_image(base)  # type: ignore[no-untyped-call]
    return list(found["RootFS"].get("Layers") or [])


def _shared(layers: Sequence[str], base: Sequence[str]) -> int:
    """How many layers `layers` begins with that are those of `base`."""
    return len(base) if list(layers[: len(base)]) == list(base) else 0


def _folders(found: dict[str, Any]) -> list[Path]:
    """The folders of an image's layers, the latest first; none where the engine does not say."""
    data = (found.get("GraphDriver") or {}).get("Data") or {}
    named = [data.get("UpperDir", ""), *data.get("LowerDir", "").split(":")]
    return [Path(name) for name in named if name]


def _of_folders(folders: Sequence[Path]) -> Iterator[LayerFile]:
    for top in folders:
        for folder, inner, names in os.walk(top, followlinks=False):
            if Path(folder) == top:
                inner[:] = [name for name in inner if name not in SYSTEM]
            for name in names:
                path = Path(folder, name)
                if path.is_file() and not path.is_symlink():
                    with path.open("rb") as reader:
                        content = reader.read(MAX_FILE)
                    yield LayerFile(path=path.relative_to(top).as_posix(), content=content)


def _of_archive(engine: Engine, image: str, shared: int) -> Iterator[LayerFile]:
    with translated():
        raw = b"".join(engine.client.api.get_image(image))
    with tarfile.open(fileobj=io.BytesIO(raw)) as archive:
        manifest = archive.extractfile("manifest.json")
        names = json.load(manifest)[0]["Layers"] if manifest else []
        for name in names[shared:]:
            layer = archive.extractfile(name)
            if layer is None:
                continue
            with tarfile.open(fileobj=layer) as files:
                for member in files:
                    if member.isreg() and member.name.split("/")[0] not in SYSTEM:
                        content = files.extractfile(member)
                        read = content.read(MAX_FILE) if content else b""
                        yield LayerFile(path=member.name, content=read)


def _bounded(files: Iterator[LayerFile]) -> Iterator[LayerFile]:
    total = 0
    for count, one in enumerate(files):
        total += len(one.content)
        if count >= MAX_FILES or total > MAX_TOTAL:
            return
        yield one
