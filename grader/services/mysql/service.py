"""MySQL as a service: its image, its server, and what a suite may have it do."""

from __future__ import annotations

from collections.abc import Callable

from grader.model import ServiceSpec
from grader.sandbox import images
from grader.sandbox.engine import Engine
from grader.sandbox.images.references import mysql_series
from grader.services.base import Server, ServerPlacement, Service, ServiceImage
from grader.services.mysql.server import MySql
from grader.settings import Settings


class MySqlService(Service):
    """A MySQL with an empty database and an account for it."""

    def image(
        self, engine: Engine, spec: ServiceSpec, settings: Settings, progress: Callable[[str], None]
    ) -> ServiceImage:
        """Return MySQL with a data folder that was initialised beforehand."""
        twin = images.mysql_image(engine, spec.image, settings=settings, progress=progress)
        return ServiceImage(
            image=twin.image, wanted=spec.image, substitution=twin.substitution, base=twin.base
        )

    def start(self, image: ServiceImage, spec: ServiceSpec, within: ServerPlacement) -> Server:
        """Start a server with new names and passwords."""
        server = MySql.placed(image.image, within, mysql_series(image.wanted))
        server.start()
        return server
