"""The layer on an image of Redis that lets the grader stop, start and empty its server."""

from __future__ import annotations

from dataclasses import replace

from grader.sandbox.engine import Engine
from grader.sandbox.images.acquire import ResolvedImage, acquire
from grader.sandbox.images.layers import Layer, add
from grader.sandbox.images.progress import Progress, silent
from grader.sandbox.images.recipes import ASSETS
from grader.settings import Settings

REDIS_ASSETS = ("entrypoint.sh", "grader.conf")
REDIS_READY = Layer(
    kind="redis-ready",
    dockerfile=(ASSETS / "redis" / "Dockerfile").read_text("utf-8"),
    files={name: (ASSETS / "redis" / name).read_bytes() for name in REDIS_ASSETS},
)


def redis_image(
    engine: Engine,
    reference: str,
    *,
    settings: Settings,
    progress: Progress = silent,
    fresh: bool = False,
) -> ResolvedImage:
    """Return a Redis or Valkey that stands for `reference` and obeys the grader's signals.

    Raises `BaseImageUnknown` where the registry has no such image, `ImageUnavailable` where none
    answers and nothing takes the image's place.
    """
    found = acquire(engine, reference, settings=settings, progress=progress, fresh=fresh)
    return replace(found, image=redis_ready(engine, found.image, settings, progress))


def redis_ready(engine: Engine, base: str, settings: Settings, progress: Progress) -> str:
    """Return the tag of `base` with the layer, made where it is not there yet."""
    return add(engine, base, REDIS_READY, settings=settings, progress=progress)
