"""MySQL as a service: its image, its server, and what a suite may have it do."""

from __future__ import annotations

from grader.model import ServiceSpec
from grader.sandbox import images
from grader.sandbox.images.references import mysql_series
from grader.services.base import Server, ServerPlacement, Service, ServiceImage
from grader.services.mysql.server import MySql


class MySqlService(Service):
    """A MySQL with an empty database and an account for it."""

    def wanted(self, spec: ServiceSpec) -> images.WantedImage:
        """Name MySQL with a data folder that was initialised beforehand."""
        return images.mysql_server(spec.image)

    def start(self, image: ServiceImage, spec: ServiceSpec, within: ServerPlacement) -> Server:
        """Start a server with new names and passwords."""
        server = MySql.placed(image.image, within, mysql_series(image.wanted))
        server.start()
        return server
