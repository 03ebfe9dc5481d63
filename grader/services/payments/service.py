"""The payment provider as a service: its image and its server."""

from __future__ import annotations

from grader.model import ServiceSpec
from grader.sandbox import images
from grader.services.base import Server, ServerPlacement, Service, ServiceImage
from grader.services.payments.server import PaymentServer


class PaymentService(Service):
    """A payment provider that makes charges and tells the app of them."""

    def wanted(self, spec: ServiceSpec) -> images.WantedImage:
        """Name the image with h11."""
        return images.WEB_IMAGE

    def start(self, image: ServiceImage, spec: ServiceSpec, within: ServerPlacement) -> Server:
        """Start a provider with a new account."""
        webhook = str(dict(spec.options)["webhook"])
        server = PaymentServer(image.image, within, webhook)
        server.start()
        return server
