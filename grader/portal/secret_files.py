"""Files that hold one secret: drawn once, and never seen half written by another process."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def drawn_once(path: Path, draw: Callable[[], bytes]) -> bytes:
    """Return what is in the file `path`; what `draw` gives is put there where there is none.

    Of several processes that do so at the same time, all get what the first one has put there.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # for its owner alone
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(draw())
            file.flush()
            os.fsync(handle)
        try:
            os.link(name, path)
        except FileExistsError:
            pass  # another process was first
    finally:
        Path(name).unlink()
    return path.read_bytes()
