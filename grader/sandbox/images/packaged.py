"""Images of the grader's own, some packages on a Debian: its tools, and doubles of services."""

from __future__ import annotations

from dataclasses import dataclass

from grader.model import BaseImage
from grader.sandbox.engine import Engine
from grader.sandbox.images import manifests
from grader.sandbox.images.acquire import ResolvedImage, made, make
from grader.sandbox.images.layers import Layer, add, tag_of
from grader.sandbox.images.progress import Progress, silent
from grader.sandbox.images.recipes import ASSETS, PATH, TOOLS, Recipe
from grader.sandbox.images.registry import Unreachable, local, obtain
from grader.settings import Settings


@dataclass(frozen=True, kw_only=True)
class PackagedImage:
    """Packages on a base image: on the registry's where there is one, else made of a recipe."""

    recipe: Recipe
    base: str

    @property
    def layer(self) -> Layer:
        """The packages, on the registry's base image."""
        dockerfile = (ASSETS / "packages.Dockerfile").read_text("utf-8")
        return Layer(
            kind=self.recipe.name.partition(":")[0],
            dockerfile=dockerfile.replace("@PACKAGES@", " ".join(self.recipe.packages)),
            files={},
            fetches=True,
        )


TOOLS_IMAGE = PackagedImage(recipe=TOOLS, base="debian:bookworm-slim")
MAIL_IMAGE = PackagedImage(
    recipe=Recipe(
        name="mail:trixie",
        title="aiosmtpd of Debian trixie",
        suite="trixie",
        packages=("python3", "python3-aiosmtpd"),
        env={"PATH": PATH},
    ),
    base="debian:trixie-slim",
)
"""What the mail server's double runs in."""
WEB_IMAGE = PackagedImage(
    recipe=Recipe(
        name="web:trixie",
        title="h11 of Debian trixie",
        suite="trixie",
        packages=("python3", "python3-h11"),
        env={"PATH": PATH},
    ),
    base="debian:trixie-slim",
)
"""What doubles run in that speak HTTP and need nothing else."""
IDENTITY_IMAGE = PackagedImage(
    recipe=Recipe(
        name="identity:trixie",
        title="joserfc of Debian trixie",
        suite="trixie",
        packages=("python3", "python3-h11", "python3-joserfc"),
        env={"PATH": PATH},
    ),
    base="debian:trixie-slim",
)
"""What the identity provider's double runs in."""
OBJECTS_IMAGE = PackagedImage(
    recipe=Recipe(
        name="objects:trixie",
        title="moto of Debian trixie",
        suite="trixie",
        packages=("python3", "python3-flask-cors", "python3-h11", "python3-moto"),
        env={"PATH": PATH},
    ),
    base="debian:trixie-slim",
)
"""What the object store's double runs in."""


DOUBLES = (MAIL_IMAGE, WEB_IMAGE, IDENTITY_IMAGE, OBJECTS_IMAGE)
"""What services of the grader's own run in; each is made when the first exam asks for it."""


def tools_image(engine: Engine, *, settings: Settings, progress: Progress = silent) -> str:
    """Return the local tag of the image with socat, ip, ss and ps. Raises `ImageUnavailable`.

    Its packages are recorded by `prepare`: a run asks for it many times, and grades nothing by it.
    """
    return _ready(engine, TOOLS_IMAGE, settings=settings, progress=progress)


def mail_image(engine: Engine, *, settings: Settings, progress: Progress = silent) -> ResolvedImage:
    """Return the image with aiosmtpd. Raises `ImageUnavailable`."""
    return packaged_image(engine, MAIL_IMAGE, settings=settings, progress=progress)


def web_image(engine: Engine, *, settings: Settings, progress: Progress = silent) -> ResolvedImage:
    """Return the image with h11. Raises `ImageUnavailable`."""
    return packaged_image(engine, WEB_IMAGE, settings=settings, progress=progress)


def identity_image(
    engine: Engine, *, settings: Settings, progress: Progress = silent
) -> ResolvedImage:
    """Return the image with joserfc. Raises `ImageUnavailable`."""
    return packaged_image(engine, IDENTITY_IMAGE, settings=settings, progress=progress)


def objects_image(
    engine: Engine, *, settings: Settings, progress: Progress = silent
) -> ResolvedImage:
    """Return the image with moto. Raises `ImageUnavailable`."""
    return packaged_image(engine, OBJECTS_IMAGE, settings=settings, progress=progress)


def packaged_image(
    engine: Engine, wanted: PackagedImage, *, settings: Settings, progress: Progress
) -> ResolvedImage:
    """Return `wanted`, made where it is not there, with the versions of its packages recorded.

    They are kept under the recipe's tag, whichever way it was made. Raises `ImageUnavailable`.
    """
    tag, name = _ready(engine, wanted, settings=settings, progress=progress), wanted.recipe.tag
    manifest = manifests.record(engine, tag, settings=settings, progress=progress, name=name)
    base = BaseImage(reference=name, packages=manifest.digest if manifest else None)
    return ResolvedImage(reference=name, image=tag, substitution=None, base=base)


def packaged_on_this_machine(engine: Engine, wanted: PackagedImage) -> str:
    """Return the local tag of `wanted`; empty where it is not there yet."""
    if made(engine, wanted.recipe):
        return wanted.recipe.tag
    if local(engine, wanted.base) is None:
        return ""
    tag = tag_of(engine, wanted.base, wanted.layer)
    return tag if local(engine, tag) else ""


def _ready(engine: Engine, wanted: PackagedImage, *, settings: Settings, progress: Progress) -> str:
    """Return the local tag of `wanted`, made where it is not there."""
    if ready := packaged_on_this_machine(engine, wanted):
        return ready
    base = obtain(engine, wanted.base, settings=settings, progress=progress, fresh=False)
    if isinstance(base, Unreachable):
        return make(engine, wanted.recipe, settings=settings, progress=progress)
    return add(engine, base, wanted.layer, settings=settings, progress=progress)
