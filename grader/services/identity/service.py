"""The OpenID Connect provider as a service: its image and its server."""

from __future__ import annotations

from collections.abc import Callable

from grader.model import ServiceSpec
from grader.sandbox import images
from grader.sandbox.engine import Engine
from grader.services.base import Server, ServerPlacement, Service, ServiceImage
from grader.services.identity.server import IdentityServer
from grader.settings import Settings


class IdentityService(Service):
    """A provider that the suite signs in at."""

    def image(
        self, engine: Engine, spec: ServiceSpec, settings: Settings, progress: Callable[[str], None]
    ) -> ServiceImage:
        """Return the image with joserfc."""
        found = images.identity_image(engine, settings=settings, progress=progress)
        return ServiceImage(image=found.image, wanted="joserfc", base=found.base)

    def start(self, image: ServiceImage, spec: ServiceSpec, within: ServerPlacement) -> Server:
        """Start a provider with a new client."""
        server = IdentityServer(image.image, within, dict(spec.options))
        server.start()
        return server
