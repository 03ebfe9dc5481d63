"""The object store as a service: its image and its server."""

from __future__ import annotations

from collections.abc import Callable

from grader.model import ServiceSpec
from grader.sandbox import images
from grader.sandbox.engine import Engine
from grader.services.base import Server, ServerPlacement, Service, ServiceImage
from grader.services.objects.server import ObjectServer
from grader.settings import Settings


class ObjectService(Service):
    """An object store with a bucket for the app."""

    def image(
        self, engine: Engine, spec: ServiceSpec, settings: Settings, progress: Callable[[str], None]
    ) -> ServiceImage:
        """Return the image with moto."""
        found = images.objects_image(engine, settings=settings, progress=progress)
        return ServiceImage(image=found.image, wanted="moto", base=found.base)

    def start(self, image: ServiceImage, spec: ServiceSpec, within: ServerPlacement) -> Server:
        """Start a store with a new bucket."""
        server = ObjectServer(image.image, within)
        server.start()
        return server
