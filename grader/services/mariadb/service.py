"""MariaDB as a service: its image, and its server."""

from __future__ import annotations

from grader.model import ServiceSpec
from grader.sandbox import images
from grader.services.base import Server, ServerPlacement, Service, ServiceImage
from grader.services.mariadb.server import MariaDb


class MariaDbService(Service):
    """A MariaDB with an empty database and an account for it."""

    def wanted(self, spec: ServiceSpec) -> images.WantedImage:
        """Name MariaDB with a data folder that was initialised beforehand."""
        return images.mariadb_server(spec.image)

    def start(self, image: ServiceImage, spec: ServiceSpec, within: ServerPlacement) -> Server:
        """Start a server with a new password of its administrator's."""
        server = MariaDb.placed(image.image, within)
        server.start()
        return server
