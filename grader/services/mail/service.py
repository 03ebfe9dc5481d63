"""The mail server as a service: its image and its server."""

from __future__ import annotations

from collections.abc import Callable

from grader.model import ServiceSpec
from grader.sandbox import images
from grader.sandbox.engine import Engine
from grader.services.base import Server, ServerPlacement, Service, ServiceImage
from grader.services.mail.server import MailServer
from grader.settings import Settings


class MailService(Service):
    """A mail server that keeps what it gets."""

    def image(
        self, engine: Engine, spec: ServiceSpec, settings: Settings, progress: Callable[[str], None]
    ) -> ServiceImage:
        """Return the image with aiosmtpd."""
        found = images.mail_image(engine, settings=settings, progress=progress)
        return ServiceImage(image=found.image, wanted="aiosmtpd", base=found.base)

    def start(self, image: ServiceImage, spec: ServiceSpec, within: ServerPlacement) -> Server:
        """Start a server with a new account."""
        server = MailServer(image.image, within)
        server.start()
        return server
