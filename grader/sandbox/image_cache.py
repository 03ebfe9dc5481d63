"""Images that were built before: what is known by its content is not built again.

They carry a label of their own and none of a run, so that they outlive it, as the engine's build
cache does; the newest are kept, and `grader clean` removes them all.
"""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from grader.errors import PlatformError
from grader.sandbox.build import BuildRequest
from grader.sandbox.engine import Engine, image_id, translated
from grader.sandbox.labels import PREFIX

log = logging.getLogger(__name__)

REPOSITORY = f"{PREFIX}/built"
LABEL = f"{PREFIX}.built"
LABELS = {LABEL: "1"}
KEPT = 20
"""How many of them are kept."""
IDLE = 600.0
"""Seconds for which one that is used is not removed: a run may be about to start it."""
EVERY = 60.0
"""Seconds between two looks for old ones after a build: each image is asked about by itself."""
STAMP = "images-looked-at"
"""The file in the state folder that says when the last one was."""
FORMAT = 2
"""Counts what the builder is told alongside the request; raised with a change of it."""


def name_of(request: BuildRequest, content: str, bases: Mapping[str, str]) -> str:
    """Return the name that the image of `request` has, if it was built before.

    `content` is the digest of its context; `bases` are the ids of the images that it builds on, by
    the references that stand in its Dockerfile.
    """
    told = [
        FORMAT, content, hashlib.sha256(request.dockerfile).hexdigest(), sorted(bases.items()),
        sorted(request.stage.args.items()), request.stage.name,
    ]  # fmt: skip
    digest = hashlib.sha256(json.dumps(told).encode("utf-8", "surrogateescape")).hexdigest()
    return f"{REPOSITORY}:{digest}"


def find(engine: Engine, name: str) -> str | None:
    """Return the id of the image that `name_of` names, which counts as used now.

    None without one.
    """
    repository, _, tag = name.partition(":")
    try:
        with translated():
            engine.client.api.tag(name, repository, tag)
        return image_id(engine, name)
    except PlatformError as error:
        log.debug("not built before: %s", error)
        return None


def due(state: Path) -> bool:
    """Return whether it is time for a look for old ones, by any process.

    It counts as taken then.
    """
    stamp = state / STAMP
    try:
        if 0 <= time.time() - stamp.stat().st_mtime < EVERY:
            return False
    except FileNotFoundError:
        pass
    stamp.touch()
    return True


def remove_old(engine: Engine, *, kept: int = 0, idle: float = 0) -> int:
    """Remove all but the `kept` that were used last, and what was in the last `idle` seconds.

    Gives how many went; what a container uses stays.
    """
    api = engine.client.api
    with translated():
        rows: list[dict[str, Any]] = api.images(filters={"label": LABEL})
    if len(rows) <= kept:
        return 0
    # not by when they were created: that is when their last layer was, which may be a cached one
    known = filter(None, (_known(engine, row["Id"]) for row in rows))
    found = sorted(known, key=lambda one: one.used)
    limit = datetime.now(UTC) - timedelta(seconds=idle)
    return sum(_removed(engine, one) for one in found[: len(found) - kept] if one.used <= limit)


@dataclass(frozen=True)
class _Known:
    """An image that was built before."""

    id: str
    names: tuple[str, ...]
    used: datetime
    """When it was built or found last."""


def _known(engine: Engine, image: str) -> _Known | None:
    try:
        with translated():
            found = engine.client.api.inspect_image(image)  # type: ignore[no-untyped-call]
    except PlatformError:
        return None  # gone meanwhile
    used = datetime.fromisoformat(found["Metadata"]["LastTagTime"])
    return _Known(found["Id"], tuple(found["RepoTags"] or ()), used)


def _removed(engine: Engine, image: _Known) -> bool:
    try:
        with translated():
            for name in image.names or (image.id,):
                engine.client.api.remove_image(name)
    except PlatformError as error:
        log.debug("could not remove %s: %s", image.id, error)
        return False
    return True
