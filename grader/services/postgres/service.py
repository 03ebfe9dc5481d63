"""PostgreSQL as a service: its image, and its server."""

from __future__ import annotations

from collections.abc import Callable

from grader.model import ServiceSpec
from grader.sandbox import images
from grader.sandbox.engine import Engine
from grader.services.base import Server, ServerPlacement, Service, ServiceImage
from grader.services.postgres.server import Postgres
from grader.settings import Settings


class PostgresService(Service):
    """A PostgreSQL with an empty database and a role for it."""

    def image(
        self, engine: Engine, spec: ServiceSpec, settings: Settings, progress: Callable[[str], None]
    ) -> ServiceImage:
        """Return PostgreSQL with a data folder that was initialised beforehand."""
        found = images.postgres_image(engine, spec.image, settings=settings, progress=progress)
        return ServiceImage(
            image=found.image, wanted=spec.image, substitution=found.substitution, base=found.base
        )

    def start(self, image: ServiceImage, spec: ServiceSpec, within: ServerPlacement) -> Server:
        """Start a server with a new password of its administrator's."""
        server = Postgres.placed(image.image, within)
        server.start()
        return server
