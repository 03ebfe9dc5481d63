"""Everything that a machine needs before its first run, and what of it is there."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from grader.sandbox.engine import Engine
from grader.sandbox.images import manifests
from grader.sandbox.images.acquire import (
    MYSQL_SERVER,
    PYTHON_BASES,
    ResolvedImage,
    on_this_machine,
)
from grader.sandbox.images.layers import tag_of
from grader.sandbox.images.packaged import (
    DOUBLES,
    TOOLS_IMAGE,
    packaged_on_this_machine,
    tools_image,
)
from grader.sandbox.images.progress import Progress, silent
from grader.sandbox.images.recipes import TOOLS
from grader.sandbox.images.registry import local
from grader.sandbox.images.resolve import (
    TWIN,
    mysql_image,
    resolve_base,
    settings_layer,
)
from grader.settings import Settings


@dataclass(frozen=True, kw_only=True)
class ImageStatus:
    """What stands for one of the images that machines need."""

    reference: str
    image: str
    """The local tag; empty where it is not there and `prepare` would get it."""
    substitute: str
    """The software that takes the place of `reference`; empty where it is that very image."""
    size: int
    """Bytes, with those of layers that images share."""
    packages: str
    """Digest of the versions of the packages that it is made of; empty where none were recorded."""
    changed: str
    """When its packages last became others, and which; empty where they never did."""


def prepare(
    engine: Engine,
    *,
    settings: Settings,
    progress: Progress = silent,
    bases: tuple[str, ...] = PYTHON_BASES,
) -> list[str]:
    """Get or make all that a run needs, in parallel, and give the local tags.

    `bases` are what Dockerfiles are expected to build on; others are got when the first of them
    comes. What is there and of the present recipe is left alone. Raises the first error once all
    steps have ended.
    """
    steps: list[Callable[[], str]] = [
        lambda: mysql_image(engine, settings=settings, progress=progress, fresh=True).image,
        *(partial(_base, engine, name, settings, progress) for name in reversed(bases)),
        partial(_tools, engine, settings, progress),
    ]
    with ThreadPoolExecutor(max_workers=max(2, min(len(steps), os.cpu_count() or 2))) as pool:
        futures = [pool.submit(step) for step in steps]
    return [future.result() for future in futures]


def status(engine: Engine, *, settings: Settings) -> list[ImageStatus]:
    """Return what stands for each image that every machine needs; gets and makes nothing.

    Those of services' doubles come after them, where an exam has asked for them.
    """
    found = []
    for reference in (*PYTHON_BASES, MYSQL_SERVER):
        base = on_this_machine(engine, reference)
        layer = (
            TWIN
            if reference == MYSQL_SERVER
            else settings_layer(engine, base.image, settings)
            if base
            else None
        )
        tag = tag_of(engine, base.image, layer) if base and layer else ""
        made_of = base.image if base and base.substitution else ""
        found.append(_status(engine, reference, tag, base, made_of=made_of, settings=settings))
    tools = packaged_on_this_machine(engine, TOOLS_IMAGE)
    made_of = tools and TOOLS.tag
    found.append(_status(engine, TOOLS.tag, tools, None, made_of=made_of, settings=settings))
    for double in DOUBLES:
        if tag := packaged_on_this_machine(engine, double):
            name = double.recipe.tag
            found.append(_status(engine, name, tag, None, made_of=name, settings=settings))
    return found


def _base(engine: Engine, reference: str, settings: Settings, progress: Progress) -> str:
    return resolve_base(engine, reference, settings=settings, progress=progress, fresh=True).image


def _tools(engine: Engine, settings: Settings, progress: Progress) -> str:
    tag = tools_image(engine, settings=settings, progress=progress)
    manifests.record(engine, tag, settings=settings, progress=progress, name=TOOLS.tag)
    return tag


def _status(
    engine: Engine,
    reference: str,
    tag: str,
    base: ResolvedImage | None,
    *,
    made_of: str,
    settings: Settings,
) -> ImageStatus:
    """`made_of` is the name that the manifests are kept under; empty for a registry's image."""
    image = local(engine, tag) if tag else None
    swap = base.substitution if base else None
    known = manifests.history(made_of, settings) if made_of else ()
    when, changed = manifests.last_change(made_of, settings) if made_of else ("", ())
    return ImageStatus(
        reference=reference,
        image=tag if image else "",
        substitute=swap.used if swap else "",
        size=int(image["Size"]) if image else 0,
        packages=known[-1].digest if known else "",
        changed=f"{when}: {manifests.told(changed)}" if changed else "",
    )
