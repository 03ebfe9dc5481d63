"""Databases and caches other than MySQL that a project brings and that can be had here.

An exam asks for them as roles; `grader diagnose` starts them, as the app may need them.
"""

from __future__ import annotations

from collections.abc import Callable

from grader.run.context import RunContext
from grader.sandbox import images
from grader.sandbox.images import ResolvedImage
from grader.sandbox.images.references import ImageReference

Obtain = Callable[..., ResolvedImage]


def _obtain(reference: str) -> Obtain | None:
    """Return what finds or makes the image; None where it can be had from nowhere."""
    repository = ImageReference.parse(reference).repository
    if repository == "postgres":
        return images.postgres_image
    return images.redis_image if repository in {"redis", "valkey/valkey"} else None


def is_store(reference: str) -> bool:
    """Return whether an image is that of a store which can be started here."""
    return bool(reference) and _obtain(reference) is not None


def service_image(context: RunContext, reference: str) -> ResolvedImage:
    """Return what stands for the image that a service runs.

    Raises `BaseImageUnknown`, `ImageUnavailable`.
    """
    obtain = _obtain(reference) or images.resolve_base
    return obtain(
        context.resources.engine, reference, settings=context.settings,
        progress=lambda text: context.recorder.progress("provision", text),
    )  # fmt: skip
