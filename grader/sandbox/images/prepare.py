"""What a machine needs before the first run of an exam, and what of it is there."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from grader.sandbox.engine import Engine
from grader.sandbox.images import manifests
from grader.sandbox.images.acquire import PYTHON_BASES, RARER_BASES
from grader.sandbox.images.packaged import TOOLS_IMAGE, PackagedImage
from grader.sandbox.images.progress import Progress, silent
from grader.sandbox.images.registry import local
from grader.sandbox.images.resolve import DockerfileBase
from grader.sandbox.images.servers import ServerImage, mysql_server
from grader.sandbox.images.wanted import WantedImage
from grader.settings import Settings

USUAL: tuple[WantedImage, ...] = (
    *(DockerfileBase(reference=name) for name in PYTHON_BASES), TOOLS_IMAGE,
)  # fmt: skip
"""What every exam needs: what its Dockerfiles are expected to build on, and the gateway's tools."""
COMMON: tuple[WantedImage, ...] = (*USUAL, mysql_server())
"""What most exams need: with MySQL."""
RARER: tuple[WantedImage, ...] = tuple(DockerfileBase(reference=name) for name in RARER_BASES)
"""What fewer Dockerfiles build on."""


@dataclass(frozen=True, kw_only=True)
class ImageStatus:
    """What stands for an image that runs ask for."""

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
    wanted: Sequence[WantedImage] = COMMON,
) -> list[str]:
    """Get or make what is `wanted`, in parallel, and give the local tags.

    Whatever else a run asks for is got when the first one does. What is there and of the present
    recipe is left alone. Raises the first error once all steps have ended.
    """

    def prepared(one: WantedImage) -> str:
        tag = one.obtain(engine, settings=settings, progress=progress, fresh=True).image
        if isinstance(one, PackagedImage):
            manifests.record(engine, tag, settings=settings, progress=progress, name=one.name)
        return tag

    # A server takes longest, so that none of them is left to the end.
    steps = sorted(dict.fromkeys(wanted), key=lambda one: not isinstance(one, ServerImage))
    with ThreadPoolExecutor(max_workers=max(2, min(len(steps), os.cpu_count() or 2))) as pool:
        futures = [pool.submit(prepared, one) for one in steps]
    return [future.result() for future in futures]


def status(
    engine: Engine, *, settings: Settings, wanted: Sequence[WantedImage] = COMMON
) -> list[ImageStatus]:
    """Return what stands for each image that is `wanted`, in their order; makes nothing."""
    return [_status(engine, one, settings) for one in dict.fromkeys(wanted)]


def _status(engine: Engine, wanted: WantedImage, settings: Settings) -> ImageStatus:
    found = wanted.present(engine, settings=settings)
    image = local(engine, found.image) if found.image else None
    known = manifests.history(found.made_of, settings) if found.made_of else ()
    when, changed = manifests.last_change(found.made_of, settings) if found.made_of else ("", ())
    return ImageStatus(
        reference=wanted.name,
        image=found.image if image else "",
        substitute=found.substitution.used if found.substitution else "",
        size=int(image["Size"]) if image else 0,
        packages=known[-1].digest if known else "",
        changed=f"{when}: {manifests.told(changed)}" if changed else "",
    )
