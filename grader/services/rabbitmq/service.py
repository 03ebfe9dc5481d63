"""RabbitMQ as a service: its image and its server."""

from __future__ import annotations

from collections.abc import Callable

from grader.model import ServiceSpec
from grader.sandbox import images
from grader.sandbox.engine import Engine
from grader.services.base import Server, ServerPlacement, Service, ServiceImage
from grader.services.rabbitmq.server import RabbitServer
from grader.settings import Settings


class RabbitService(Service):
    """A RabbitMQ with an empty virtual host, and a user for the app."""

    def image(
        self, engine: Engine, spec: ServiceSpec, settings: Settings, progress: Callable[[str], None]
    ) -> ServiceImage:
        """Return an image that obeys the grader's signals."""
        found = images.rabbitmq_image(engine, spec.image, settings=settings, progress=progress)
        return ServiceImage(
            image=found.image, wanted=spec.image, substitution=found.substitution, base=found.base
        )

    def start(self, image: ServiceImage, spec: ServiceSpec, within: ServerPlacement) -> Server:
        """Start a server with new names and passwords."""
        server = RabbitServer(image.image, within)
        server.start()
        return server
