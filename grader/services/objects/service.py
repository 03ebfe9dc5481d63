"""The object store as a service: its image and its server."""

from __future__ import annotations

from grader.model import ServiceSpec
from grader.sandbox import images
from grader.services.base import Server, ServerPlacement, Service, ServiceImage
from grader.services.objects.server import ObjectServer


class ObjectService(Service):
    """An object store with a bucket for the app."""

    def wanted(self, spec: ServiceSpec) -> images.WantedImage:
        """Name the image with moto."""
        return images.OBJECTS_IMAGE

    def start(self, image: ServiceImage, spec: ServiceSpec, within: ServerPlacement) -> Server:
        """Start a store with a new bucket."""
        server = ObjectServer(image.image, within)
        server.start()
        return server
