"""Redis as a service: its image and its server."""

from __future__ import annotations

from grader.model import ServiceSpec
from grader.sandbox import images
from grader.services.base import Server, ServerPlacement, Service, ServiceImage
from grader.services.redis.server import RedisServer


class RedisService(Service):
    """A Redis, or a Valkey, that holds nothing yet, with an account for the app."""

    def wanted(self, spec: ServiceSpec) -> images.WantedImage:
        """Name an image that obeys the grader's signals."""
        return images.redis_server(spec.image)

    def start(self, image: ServiceImage, spec: ServiceSpec, within: ServerPlacement) -> Server:
        """Start a server with new names and passwords."""
        server = RedisServer(image.image, within)
        server.start()
        return server
