"""PostgreSQL as a service: its image, and its server."""

from __future__ import annotations

from grader.model import ServiceSpec
from grader.sandbox import images
from grader.services.base import Server, ServerPlacement, Service, ServiceImage
from grader.services.postgres.server import Postgres


class PostgresService(Service):
    """A PostgreSQL with an empty database and a role for it."""

    def wanted(self, spec: ServiceSpec) -> images.WantedImage:
        """Name PostgreSQL with a data folder that was initialised beforehand."""
        return images.postgres_server(spec.image)

    def start(self, image: ServiceImage, spec: ServiceSpec, within: ServerPlacement) -> Server:
        """Start a server with a new password of its administrator's."""
        server = Postgres.placed(image.image, within)
        server.start()
        return server
