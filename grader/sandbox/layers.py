"""The files in the layers of an image that its own Dockerfile made, those deleted later included.

Where the engine keeps its layers as folders on this machine and they can be read, they are read
there. Elsewhere the engine is asked for the image as an archive, and the layers of its base are
passed over.
"""

from __future__ import annotations

import csv
import json
import os
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from grader.sandbox.engine import Engine, translated

MAX_FILES = 20_000
MAX_FILE = 8 * 1024 * 1024 + 1
"""Bytes of one file that are read; the last one tells a reader that there are more."""
MAX_TOTAL = 128 * 1024 * 1024
SYSTEM = frozenset({"usr", "lib", "lib64", "bin", "sbin", "boot", "dev", "proc", "sys", "var"})
"""Folders at the top of an image that packages fill."""
INSTALLED = frozenset({"node_modules", "site-packages", "dist-packages", "bower_components"})
"""Folders of packages that others wrote, wherever they are."""
RECORD = "RECORD"
DIST_INFO = ".dist-info"
MAX_RECORDS = 8 * 1024 * 1024
"""Bytes of packages' lists of files that are read of a layer; what others name is looked at."""


@dataclass(frozen=True, kw_only=True)
class LayerFile:
    """A file of one layer."""

    path: str
    """From the image's top, without a slash before it."""
    content: bytes = field(repr=False)
    commit: None = None


class OwnFiles:
    """The files of the layers that `image` has beyond those of its `bases`; bounded."""

    def __init__(self, engine: Engine, image: str, bases: Sequence[str]) -> None:
        self._engine = engine
        self._image = image
        self._bases = bases
        self.cut = ""
        """Once they were read: why not all of them were; empty where all were."""

    def __iter__(self) -> Iterator[LayerFile]:
        """Each file with its content. Raises `PlatformError`."""
        total = 0
        for count, one in enumerate(self._all()):
            total += len(one.content)
            if count >= MAX_FILES or total > MAX_TOTAL:
                self.cut = (
                    f"The image's own layers hold more than {MAX_FILES} files or "
                    f"{MAX_TOTAL >> 20} MiB; what is beyond that was not read."
                )
                return
            yield one

    def _all(self) -> Iterator[LayerFile]:
        engine = self._engine
        with translated():
            found = engine.client.api.inspect_image(self._image)  # type: ignore[no-untyped-call]
            layers = found["RootFS"].get("Layers") or []
            shared = max((_shared(layers, _layers(engine, one)) for one in self._bases), default=0)
        folders = _folders(found)[: len(layers) - shared]
        if folders and all(os.access(folder, os.R_OK | os.X_OK) for folder in folders):
            return _of_folders(folders)
        if len(layers) > shared:
            return _of_archive(engine, self._image, shared)
        return iter(())


def _layers(engine: Engine, base: str) -> list[str]:
    found = engine.client.api.inspect_image(base)  # type: ignore[no-untyped-call]
    return list(found["RootFS"].get("Layers") or [])


def _shared(layers: Sequence[str], base: Sequence[str]) -> int:
    """Return how many layers `layers` begins with that are those of `base`."""
    return len(base) if list(layers[: len(base)]) == list(base) else 0


def _folders(found: dict[str, Any]) -> list[Path]:
    """Return the folders of an image's layers, the latest first.

    None where the engine does not say.
    """
    data = (found.get("GraphDriver") or {}).get("Data") or {}
    named = [data.get("UpperDir", ""), *data.get("LowerDir", "").split(":")]
    return [Path(name) for name in named if name]


def _of_folders(folders: Sequence[Path]) -> Iterator[LayerFile]:
    for top in folders:
        packaged, left = set[str](), MAX_RECORDS
        for folder, inner, names in os.walk(top, followlinks=False):
            if Path(folder) == top:
                inner[:] = [name for name in inner if name not in SYSTEM]
            inner[:] = [name for name in inner if name not in INSTALLED]
            for name in [one for one in inner if one.endswith(DIST_INFO)]:
                record = _record(Path(folder, name, RECORD), left)
                packaged |= _recorded(record, folder)
                left -= len(record)
            for name in names:
                path = Path(folder, name)
                if path.is_file() and not path.is_symlink() and str(path) not in packaged:
                    with path.open("rb") as reader:
                        # a buffer of the file's own size: for the bound's it takes megabytes
                        content = reader.read(min(path.stat().st_size + 1, MAX_FILE))
                    yield LayerFile(path=path.relative_to(top).as_posix(), content=content)


def _record(path: Path, limit: int) -> bytes:
    """Return a package's list of its files.

    Empty where there is none, or it is longer than `limit`.
    """
    if path.is_symlink() or not path.is_file() or path.stat().st_size > limit:
        return b""
    return path.read_bytes()


def _recorded(record: bytes, folder: str) -> set[str]:
    """Return the paths below `folder` that a RECORD names (PyPA: Recording installed projects).

    `folder` is where the package stands, as after `pip install --target`; empty is the top.
    """
    rows = csv.reader(record.decode(errors="replace").splitlines())
    try:
        names = [row[0] for row in rows if row]
    except csv.Error:  # a line that is too long, say: then what it names is looked at
        return set()
    return {f"{folder}/{name}" if folder else name for name in names}


def _of_archive(engine: Engine, image: str, shared: int) -> Iterator[LayerFile]:
    with tempfile.TemporaryFile() as raw:
        with translated():
            for part in engine.client.api.get_image(image):
                raw.write(part)
        raw.seek(0)
        yield from _of_layers(raw, shared)


def _of_layers(raw: IO[bytes], shared: int) -> Iterator[LayerFile]:
    with tarfile.open(fileobj=raw) as archive:
        manifest = archive.extractfile("manifest.json")
        names = json.load(manifest)[0]["Layers"] if manifest else []
        for name in names[shared:]:
            layer = archive.extractfile(name)
            if layer is None:
                continue
            with tarfile.open(fileobj=layer) as files:
                packaged = _packaged(files)
                for member in files:
                    folders = member.name.split("/")[:-1]
                    others = member.name.split("/")[0] in SYSTEM or member.name in packaged
                    if member.isreg() and not others and INSTALLED.isdisjoint(folders):
                        content = files.extractfile(member)
                        read = content.read(MAX_FILE) if content else b""
                        yield LayerFile(path=member.name, content=read)


def _packaged(files: tarfile.TarFile) -> set[str]:
    """Return the paths of the packages that a layer holds, with their lists."""
    found, left = set[str](), MAX_RECORDS
    for member in files:
        folder, _, name = member.name.rpartition("/")
        listed = name == RECORD and folder.endswith(DIST_INFO) and member.isreg()
        content = files.extractfile(member) if listed and member.size <= left else None
        if content:
            found |= _recorded(content.read(), folder.rpartition("/")[0])
            left -= member.size
    return found
