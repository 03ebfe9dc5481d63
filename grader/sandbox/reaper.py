"""Removing what runs have made: at their end, and for those that were killed before it."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.errors import EngineUnavailable, PlatformError
from grader.sandbox.engine import Engine, translated
from grader.sandbox.labels import PROJECT, RUN, stale
from grader.waiting import wait_until

log = logging.getLogger(__name__)

REMOVAL_SECONDS = 15.0
"""How long the engine may take over a container that it could not end at once."""
_left = set[str]()
"""Runs of this process that are over, and of which something may still be there."""


@dataclass(frozen=True, kw_only=True)
class Removed:
    """How many resources were removed."""

    containers: int = 0
    networks: int = 0
    volumes: int = 0
    images: int = 0
    folders: int = 0
    left: int = 0
    """Containers and networks that are still there."""

    @property
    def total(self) -> int:
        """All of them together."""
        return self.containers + self.networks + self.volumes + self.images + self.folders


def remove_run(engine: Engine, run: str) -> Removed:
    """Remove all that the run of id `run` made. Raises `EngineUnavailable` where it is gone.

    What is left then, the next `reap` removes, although its owner is alive.
    """
    _left.add(run)
    removed = _remove(engine, lambda labels: labels.get(RUN) == run)
    if not removed.left:
        _left.discard(run)
    return removed


def remove_project(engine: Engine, project: str) -> Removed:
    """Remove the containers and volumes of a Compose project of a run; raises as `remove_run`."""
    return _remove(engine, lambda labels: labels.get(PROJECT) == project)


def reap(engine: Engine, *, everything: bool = False) -> Removed:
    """Remove what ended runs left behind; with `everything`, what live runs use as well."""
    left = set(_left)
    return _remove(engine, lambda labels: everything or stale(labels) or labels.get(RUN) in left)


def reap_folders(runs: Path, alive: Callable[[str], bool]) -> int:
    """Remove the working folders in `runs` whose owner, by their `owner` file, is not `alive`."""
    count = 0
    for folder in runs.glob("*/"):
        try:
            named = (folder / "owner").read_text("utf-8")
        except OSError:
            named = ""
        if not alive(named):
            shutil.rmtree(folder, ignore_errors=True)
            count += 1
    return count


def _remove(engine: Engine, ours: Callable[[Mapping[str, str]], bool]) -> Removed:
    """Containers first (they hold the rest), then networks, volumes and images, side by side."""
    api = engine.client.api
    label = {"label": RUN}

    def chosen(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [row for row in rows if ours(row.get("Labels") or {})]

    def listed() -> list[dict[str, Any]]:
        with translated():
            return chosen(api.containers(all=True, filters=label))

    containers = listed()
    with translated():
        networks = chosen(api.networks(filters=label))
        images = chosen(api.images(filters=label))
        volumes = chosen(api.volumes(filters=label)["Volumes"] or [])
    with ThreadPoolExecutor(max_workers=4) as pool:

        def each(
            rows: list[dict[str, Any]], key: str, remove: Callable[[str], Any], seconds: float = 0
        ) -> int:
            return sum(pool.map(lambda row: _is_gone(remove, row[key], seconds), rows))

        removed_containers = each(
            containers,
            "Id",
            lambda name: api.remove_container(name, force=True, v=True),
            REMOVAL_SECONDS,
        )
        removing = ThreadPoolExecutor(max_workers=2)
        with removing:
            gone = removing.submit(each, networks, "Id", api.remove_network)
            return Removed(
                containers=removed_containers,
                volumes=each(volumes, "Name", lambda name: api.remove_volume(name, force=True)),
                images=each(images, "Id", lambda name: api.remove_image(name, force=True)),
                networks=gone.result(),
                left=len(listed()) + len(networks) - gone.result(),
            )


def _is_gone(remove: Callable[[str], Any], name: str, seconds: float) -> bool:
    """Remove one resource, where that fails again for `seconds`; whether it is gone.

    One that is in use is logged.
    """
    from docker.errors import NotFound

    def attempt() -> bool:
        try:
            with translated():
                remove(name)
        except EngineUnavailable:
            raise
        except PlatformError as error:
            log.debug("could not remove %s: %s", name, error)
            return isinstance(error.__cause__, NotFound)
        return True

    return wait_until(attempt, within=seconds)
