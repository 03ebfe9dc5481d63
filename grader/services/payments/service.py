"""The payment provider as a service: its image and its server."""

from __future__ import annotations

from collections.abc import Callable

from grader.model import ServiceSpec
from grader.sandbox import images
from grader.sandbox.engine import Engine
from grader.services.base import Server, ServerPlacement, Service, ServiceImage
from grader.services.payments.server import PaymentServer
from grader.settings import Settings


class PaymentService(Service):
    """A payment provider that makes charges and tells the app of them."""

    def image(
        self, engine: Engine, spec: ServiceSpec, settings: Settings, progress: Callable[[str], None]
    ) -> ServiceImage:
        """Return the image with h11."""
        found = images.web_image(engine, settings=settings, progress=progress)
        return ServiceImage(image=found.image, wanted="h11", base=found.base)

    def start(self, image: ServiceImage, spec: ServiceSpec, within: ServerPlacement) -> Server:
        """Start a provider with a new account."""
        webhook = str(dict(spec.options)["webhook"])
        server = PaymentServer(image.image, within, webhook)
        server.start()
        return server
