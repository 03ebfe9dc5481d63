"""Images of the grader's own, some packages on a Debian: its tools, and doubles of services."""

from __future__ import annotations

from dataclasses import dataclass

from grader.sandbox.engine import Engine
from grader.sandbox.images.acquire import ResolvedImage, made, make
from grader.sandbox.images.layers import Layer, add, tag_of
from grader.sandbox.images.progress import Progress, silent
from grader.sandbox.images.recipes import ASSETS, PATH, TOOLS, Recipe
from grader.sandbox.images.registry import Unreachable, local, obtain
from grader.sandbox.images.wanted import PresentImage, WantedImage
from grader.settings import Settings


@dataclass(frozen=True, kw_only=True)
class PackagedImage(WantedImage):
    """Packages on a base image: on the registry's where there is one, else made of a recipe."""

    recipe: Recipe
    base: str
    program: str
    """What runs in it: what reports call it."""

    @property
    def name(self) -> str:
        """The tag that its recipe makes."""
        return self.recipe.tag

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

    def obtain(
        self,
        engine: Engine,
        *,
        settings: Settings,
        progress: Progress = silent,
        fresh: bool = False,
    ) -> ResolvedImage:
        """Return it; what is there and of the present recipe is left alone, also where `fresh`."""
        tag = self._tag(engine)
        if not tag:
            base = obtain(engine, self.base, settings=settings, progress=progress, fresh=fresh)
            if isinstance(base, Unreachable):
                tag = make(engine, self.recipe, settings=settings, progress=progress)
            else:
                tag = add(engine, base, self.layer, settings=settings, progress=progress)
        return ResolvedImage(reference=self.program, image=tag, substitution=None)

    def present(self, engine: Engine, *, settings: Settings) -> PresentImage:
        """Return its tag where it is there."""
        del settings
        tag = self._tag(engine)
        return PresentImage(image=tag, made_of=self.recipe.tag if tag else "")

    def _tag(self, engine: Engine) -> str:
        """Return its local tag; empty where it is not there yet."""
        if made(engine, self.recipe):
            return self.recipe.tag
        if local(engine, self.base) is None:
            return ""
        tag = tag_of(engine, self.base, self.layer)
        return tag if local(engine, tag) else ""


TOOLS_IMAGE = PackagedImage(recipe=TOOLS, base="debian:bookworm-slim", program="tools")
MAIL_IMAGE = PackagedImage(
    recipe=Recipe(
        name="mail:trixie",
        title="aiosmtpd of Debian trixie",
        suite="trixie",
        packages=("python3", "python3-aiosmtpd"),
        env={"PATH": PATH},
    ),
    base="debian:trixie-slim",
    program="aiosmtpd",
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
    program="h11",
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
    program="joserfc",
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
    program="moto",
)
"""What the object store's double runs in."""


def tools_image(engine: Engine, *, settings: Settings, progress: Progress = silent) -> str:
    """Return the local tag of the image with socat, ip, ss and ps. Raises `ImageUnavailable`."""
    return TOOLS_IMAGE.obtain(engine, settings=settings, progress=progress).image
