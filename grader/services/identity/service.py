"""The OpenID Connect provider as a service: its image and its server."""

from __future__ import annotations

from grader.model import ServiceSpec
from grader.sandbox import images
from grader.services.base import Server, ServerPlacement, Service, ServiceImage
from grader.services.identity.server import IdentityServer


class IdentityService(Service):
    """A provider that the suite signs in at."""

    def wanted(self, spec: ServiceSpec) -> images.WantedImage:
        """Name the image with joserfc."""
        return images.IDENTITY_IMAGE

    def start(self, image: ServiceImage, spec: ServiceSpec, within: ServerPlacement) -> Server:
        """Start a provider with a new client."""
        server = IdentityServer(image.image, within, dict(spec.options))
        server.start()
        return server
