"""RabbitMQ as a service: its image and its server."""

from __future__ import annotations

from grader.model import ServiceSpec
from grader.sandbox import images
from grader.services.base import Server, ServerPlacement, Service, ServiceImage
from grader.services.rabbitmq.server import RabbitServer


class RabbitService(Service):
    """A RabbitMQ with an empty virtual host, and a user for the app."""

    def wanted(self, spec: ServiceSpec) -> images.WantedImage:
        """Name an image that obeys the grader's signals."""
        return images.rabbitmq_server(spec.image)

    def start(self, image: ServiceImage, spec: ServiceSpec, within: ServerPlacement) -> Server:
        """Start a server with new names and passwords."""
        server = RabbitServer(image.image, within)
        server.start()
        return server
