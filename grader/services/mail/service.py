"""The mail server as a service: its image and its server."""

from __future__ import annotations

from grader.model import ServiceSpec
from grader.sandbox import images
from grader.services.base import Server, ServerPlacement, Service, ServiceImage
from grader.services.mail.server import MailServer


class MailService(Service):
    """A mail server that keeps what it gets."""

    def wanted(self, spec: ServiceSpec) -> images.WantedImage:
        """Name the image with aiosmtpd."""
        return images.MAIL_IMAGE

    def start(self, image: ServiceImage, spec: ServiceSpec, within: ServerPlacement) -> Server:
        """Start a server with a new account."""
        server = MailServer(image.image, within)
        server.start()
        return server
