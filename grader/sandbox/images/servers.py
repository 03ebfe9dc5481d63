"""The images of servers: those of `acquire`, with the layer that the grader's own servers need."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from grader.image_names import MARIADB_IMAGES, MYSQL_IMAGES
from grader.model import Substitution
from grader.sandbox.engine import Engine
from grader.sandbox.images import mariadb, nginx, postgres, rabbitmq
from grader.sandbox.images.acquire import MYSQL_SERVER, ResolvedImage, acquire, on_this_machine
from grader.sandbox.images.layers import Layer, add
from grader.sandbox.images.progress import Progress, silent
from grader.sandbox.images.recipes import ASSETS, MYSQL
from grader.sandbox.images.redis import REDIS_TAGS
from grader.sandbox.images.references import ImageReference, mariadb_series
from grader.sandbox.images.wanted import PresentImage, WantedImage, present_layer
from grader.settings import Settings

OTHER_MAKERS = MYSQL_IMAGES - MARIADB_IMAGES - {"mysql", "mysql/mysql-server"}
"""Images of MySQL that are laid out otherwise than the usual one."""


def _layer(kind: str, dockerfile: str, folder: str, files: Iterable[str]) -> Layer:
    return Layer(
        kind=kind,
        dockerfile=(ASSETS / dockerfile).read_text("utf-8"),
        files={name: (ASSETS / folder / name).read_bytes() for name in files},
    )


MYSQL_ASSETS = (
    "mysql.cnf",
    "mysql-initialise.sh",
    "mysql-entrypoint.sh",
    "mysql-healthcheck.sh",
    "mysql-removed-options.txt",
)
TWIN = _layer("mysql-ready", "mysql.Dockerfile", "", MYSQL_ASSETS)
"""Makes of a MySQL image its twin, whose data folder was initialised beforehand."""
POSTGRES_READY = _layer("postgres-ready", "postgres/ready.Dockerfile", "postgres", postgres.LAYER)
MARIADB_READY = _layer("mariadb-ready", "mariadb/ready.Dockerfile", "mariadb", mariadb.LAYER)
RABBITMQ_READY = _layer("rabbitmq-ready", "rabbitmq/ready.Dockerfile", "rabbitmq", rabbitmq.LAYER)
REDIS_READY = _layer("redis-ready", "redis/Dockerfile", "redis", ("entrypoint.sh", "grader.conf"))
"""Lets the grader stop, start and empty a server."""
NGINX_READY = _layer("nginx-ready", "nginx/Dockerfile", "nginx", nginx.LAYER)
"""The settings, the templates and the signals of the usual image, on the counterpart."""


@dataclass(frozen=True, kw_only=True)
class ServerImage(WantedImage):
    """An image of a server, which is ready at once and obeys the grader's signals."""

    reference: str
    layer: Layer
    usual: str
    """The image that takes the place of another maker's; else the reference itself."""

    @property
    def name(self) -> str:
        """The reference."""
        return self.reference

    def obtain(
        self,
        engine: Engine,
        *,
        settings: Settings,
        progress: Progress = silent,
        fresh: bool = False,
    ) -> ResolvedImage:
        """Return the image with the layer on it; raises as `WantedImage.obtain` does."""
        found = acquire(engine, self.usual, settings=settings, progress=progress, fresh=fresh)
        image = add(engine, found.image, self.layer, settings=settings, progress=progress)
        return self._in_its_place(replace(found, image=image))

    def present(self, engine: Engine, *, settings: Settings) -> PresentImage:
        """Return what of it is on this machine."""
        del settings
        return present_layer(engine, on_this_machine(engine, self.usual), self.layer)

    def _in_its_place(self, found: ResolvedImage) -> ResolvedImage:
        """Return the usual image in the place of another maker's."""
        if self.usual == self.reference:
            return found
        used = found.substitution.used if found.substitution else found.reference
        swap = Substitution(
            wanted=self.reference, used=used, reason="the grader provides the usual image"
        )
        base = replace(found.base, reference=self.reference) if found.base else None
        return ResolvedImage(
            reference=self.reference, image=found.image, substitution=swap, base=base
        )


def mysql_server(reference: str = MYSQL_SERVER) -> ServerImage:
    """Return a MySQL that stands for `reference` and is ready in about half a second.

    It takes the variables and the init scripts of the usual MySQL image, which takes the place of
    those that are laid out otherwise.
    """
    other = ImageReference.parse(reference).repository in OTHER_MAKERS
    return ServerImage(reference=reference, layer=TWIN, usual=MYSQL_SERVER if other else reference)


def mariadb_server(reference: str) -> ServerImage:
    """Return a MariaDB that stands for `reference` and is ready in about half a second.

    It takes the variables and the init scripts of the usual MariaDB image, which takes the place
    of other makers'.
    """
    usual = reference
    if not ImageReference.parse(reference).official:
        usual = f"mariadb:{mariadb_series(reference) or 'latest'}"
    return ServerImage(reference=reference, layer=MARIADB_READY, usual=usual)


def postgres_server(reference: str) -> ServerImage:
    """Return a PostgreSQL that stands for `reference` and is ready in about a third of a second.

    It takes the variables and the init scripts of the usual PostgreSQL image.
    """
    return ServerImage(reference=reference, layer=POSTGRES_READY, usual=reference)


def redis_server(reference: str) -> ServerImage:
    """Return a Redis or Valkey that stands for `reference`."""
    return ServerImage(reference=reference, layer=REDIS_READY, usual=reference)


def rabbitmq_server(reference: str) -> ServerImage:
    """Return a RabbitMQ that stands for `reference`."""
    return ServerImage(reference=reference, layer=RABBITMQ_READY, usual=reference)


def counterpart_layer(image: str) -> Layer | None:
    """Return the layer that a server's counterpart gets wherever it is used; None for others."""
    if image == MYSQL.tag:
        return TWIN
    if image in REDIS_TAGS:
        return REDIS_READY
    if postgres.is_postgres(image):
        return POSTGRES_READY
    if mariadb.is_mariadb(image):
        return MARIADB_READY
    if nginx.is_nginx(image):
        return NGINX_READY
    return RABBITMQ_READY if rabbitmq.is_rabbitmq(image) else None
