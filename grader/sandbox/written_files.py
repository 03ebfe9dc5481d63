"""What a container has written: the files of its own layer.

The engine compares whole layers to tell what changed, which takes it half a second. Where its
folder is on this machine and can be read, the layer is walked itself.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator
from itertools import islice
from pathlib import Path

from grader.errors import PlatformError
from grader.sandbox.engine import Engine, translated

FILES_READ = 300
FILE_BYTES = 512 * 1024
"""How many of the files are read, and how much of each."""
TAR_HEADER = 512
"""Bytes before a file's content in the archive that the engine gives."""


def written_files(engine: Engine, container: str) -> Iterator[tuple[str, bytes]]:
    """Return the path inside and the first bytes of each file that `container` has made or changed.

    Only regular files, a few hundred at most. Raises `PlatformError` where the engine fails.
    """
    with translated():
        found = engine.client.api.inspect_container(container)
    layers = (found.get("GraphDriver") or {}).get("Data") or {}
    upper = layers.get("UpperDir", "")
    if upper and os.access(upper, os.R_OK | os.X_OK):
        return islice(_of_layer(Path(upper)), FILES_READ)
    mounted = {one.get("Destination", "") for one in found.get("Mounts") or ()}
    return _of_engine(engine, container, mounted)


def _of_layer(upper: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the files of a layer. The container may be changing it: no link is ever followed."""
    for folder, folders, files, descriptor in os.fwalk(upper, follow_symlinks=False):
        folders.sort()
        inner = f"/{os.path.relpath(folder, upper)}/".replace("/./", "/")
        for name in sorted(files):
            content = _first_bytes(name, descriptor)
            if content is not None:
                yield inner + name, content


def _first_bytes(name: str, folder: int) -> bytes | None:
    """Return the first bytes of a regular file in the open folder `folder`.

    None for anything else.
    """
    try:
        if not stat.S_ISREG(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
            return None  # a link, a pipe, or the mark of a file that was deleted
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
        with os.fdopen(os.open(name, flags, dir_fd=folder), "rb") as file:
            return file.read(FILE_BYTES)
    except OSError:
        return None  # it went away meanwhile


def _of_engine(
    engine: Engine, container: str, mounted: Collection[str]
) -> Iterator[tuple[str, bytes]]:
    """Yield the files that changed, but for those `mounted`: the engine reads what is mounted."""
    api = engine.client.api
    with translated():
        changes = api.diff(container) or []
    paths = [one["Path"] for one in changes if one["Kind"] in {0, 1} and one["Path"] not in mounted]
    for path in paths[:FILES_READ]:
        try:
            with translated():
                stream, found = api.get_archive(container, path)
                regular = not found["mode"] >> 31 and not found.get("linkTarget")
                raw = b"".join(_first(stream, FILE_BYTES)) if regular else b""
        except PlatformError:
            continue  # it went away meanwhile
        yield path, raw[TAR_HEADER:]


def _first(stream: Iterator[bytes], limit: int) -> Iterator[bytes]:
    """Yield the chunks of `stream` up to about `limit` bytes."""
    seen = 0
    for chunk in stream:
        yield chunk
        seen += len(chunk)
        if seen > limit:
            return
