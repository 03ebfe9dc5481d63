"""What runs ask for: an image that is found or made, and what of it is on this machine."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from grader.model import Substitution
from grader.sandbox.engine import Engine
from grader.sandbox.images.acquire import ResolvedImage
from grader.sandbox.images.layers import Layer, tag_of
from grader.sandbox.images.progress import Progress, silent
from grader.sandbox.images.registry import local
from grader.settings import Settings


@dataclass(frozen=True, kw_only=True)
class PresentImage:
    """What of an image is on this machine."""

    image: str = ""
    """The local tag that a run uses; empty where it is not there yet."""
    made_of: str = ""
    """The name that its packages are recorded under; empty where it is a registry's image."""
    substitution: Substitution | None = None
    """Set where the software is another than the one asked for."""


class WantedImage(ABC):
    """An image that a run asks for. Two that are equal are one image."""

    @property
    @abstractmethod
    def name(self) -> str:
        """What people call it: as a challenge or a Dockerfile names it, where one does."""

    @abstractmethod
    def obtain(
        self,
        engine: Engine,
        *,
        settings: Settings,
        progress: Progress = silent,
        fresh: bool = False,
    ) -> ResolvedImage:
        """Return what a run uses, got or made where it is not there.

        With `fresh`, a registry is asked even where a counterpart was prepared. Raises
        `BaseImageUnknown` where the registry has no such image, `ImageUnavailable` where none
        answers and nothing takes the image's place.
        """

    @abstractmethod
    def present(self, engine: Engine, *, settings: Settings) -> PresentImage:
        """Return what of it is on this machine; gets and makes nothing."""


def present_layer(engine: Engine, base: ResolvedImage | None, *layers: Layer) -> PresentImage:
    """Return the first of `layers` on `base` that was made; without `base` there is none."""
    if base is None:
        return PresentImage()
    tags = (tag_of(engine, base.image, layer) for layer in layers)
    return PresentImage(
        image=next((tag for tag in tags if local(engine, tag)), ""),
        made_of=base.image if base.substitution else "",
        substitution=base.substitution,
    )
