"""The images that builds and runs use: those of `acquire`, with the grader's own layers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from grader.errors import ImageUnavailable
from grader.image_names import MARIADB_IMAGES, MYSQL_IMAGES
from grader.model import Substitution
from grader.sandbox.authority import authority
from grader.sandbox.engine import Engine
from grader.sandbox.images import mariadb, nginx, postgres, rabbitmq
from grader.sandbox.images.acquire import (
    MYSQL_SERVER,
    ResolvedImage,
    acquire,
)
from grader.sandbox.images.layers import Layer, add
from grader.sandbox.images.progress import Progress, silent
from grader.sandbox.images.recipes import ASSETS, MYSQL
from grader.sandbox.images.redis import REDIS_TAGS
from grader.sandbox.images.redis_ready import redis_ready
from grader.sandbox.images.references import ImageReference, mariadb_series
from grader.sandbox.images.registry import local
from grader.settings import Settings

INDEX_HOST = "grader-index"
"""The package index's name inside builds; a build says its address with `--add-host`."""
AUTHORITIES = (
    Path("/usr/local/share/ca-certificates"),
    Path("/etc/pki/ca-trust/source/anchors"),
)
"""Where a host keeps the certificate authorities that it trusts beyond the usual ones."""


def _asset(name: str) -> str:
    return (ASSETS / name).read_text("utf-8")


MYSQL_ASSETS = (
    "mysql.cnf",
    "mysql-initialise.sh",
    "mysql-entrypoint.sh",
    "mysql-healthcheck.sh",
    "mysql-removed-options.txt",
)
TWIN = Layer(
    kind="mysql-ready",
    dockerfile=_asset("mysql.Dockerfile"),
    files={name: _asset(name).encode() for name in MYSQL_ASSETS},
)
"""Makes of a MySQL image its twin, whose data folder was initialised beforehand."""
POSTGRES_READY = Layer(
    kind="postgres-ready",
    dockerfile=_asset("postgres/ready.Dockerfile"),
    files={name: _asset(f"postgres/{name}").encode() for name in postgres.LAYER},
)
MARIADB_READY = Layer(
    kind="mariadb-ready",
    dockerfile=_asset("mariadb/ready.Dockerfile"),
    files={name: _asset(f"mariadb/{name}").encode() for name in mariadb.LAYER},
)
NGINX_READY = Layer(
    kind="nginx-ready",
    dockerfile=_asset("nginx/Dockerfile"),
    files={name: _asset(f"nginx/{name}").encode() for name in nginx.LAYER},
)
"""The settings, the templates and the signals of the usual image, on the counterpart."""
RABBITMQ_READY = Layer(
    kind="rabbitmq-ready",
    dockerfile=_asset("rabbitmq/ready.Dockerfile"),
    files={name: _asset(f"rabbitmq/{name}").encode() for name in rabbitmq.LAYER},
)
OTHER_MAKERS = MYSQL_IMAGES - MARIADB_IMAGES - {"mysql", "mysql/mysql-server"}
"""Images of MySQL that are laid out otherwise than the usual one."""


def resolve_base(
    engine: Engine,
    reference: str,
    *,
    settings: Settings,
    progress: Progress = silent,
    fresh: bool = False,
) -> ResolvedImage:
    """Return the image to build on in the place of `reference`, one FROM of a Dockerfile.

    It has pip and apt set to the local index and trusts the host's authorities; that alone is no
    substitution. `scratch` is not an image and must not come here. With `fresh`, a registry is
    asked even where a counterpart was prepared. Raises `BaseImageUnknown` (the student's fault)
    where the registry has no such image, `ImageUnavailable` where none answers and nothing takes
    the image's place.
    """
    found = acquire(engine, reference, settings=settings, progress=progress, fresh=fresh)
    if found.image == MYSQL.tag:
        return replace(found, image=_twin(engine, found.image, settings, progress))
    if found.image in REDIS_TAGS:
        return replace(found, image=redis_ready(engine, found.image, settings, progress))
    if postgres.is_postgres(found.image):
        return _ready(engine, found, POSTGRES_READY, settings, progress)
    if mariadb.is_mariadb(found.image):
        return _ready(engine, found, MARIADB_READY, settings, progress)
    if nginx.is_nginx(found.image):
        return _ready(engine, found, NGINX_READY, settings, progress)
    if rabbitmq.is_rabbitmq(found.image):
        return _ready(engine, found, RABBITMQ_READY, settings, progress)
    layer = settings_layer(engine, found.image, settings)
    try:
        image = add(engine, found.image, layer, settings=settings, progress=progress)
    except ImageUnavailable:  # an image without a shell, which can be copied into all the same
        copies = "\n".join(
            line for line in layer.dockerfile.split("\n") if not line.startswith("RUN ")
        )
        layer = replace(layer, dockerfile=copies)
        image = add(engine, found.image, layer, settings=settings, progress=progress)
    return replace(found, image=image)


def mysql_image(
    engine: Engine,
    reference: str = MYSQL_SERVER,
    *,
    settings: Settings,
    progress: Progress = silent,
    fresh: bool = False,
) -> ResolvedImage:
    """Return a MySQL that stands for `reference` and is ready in about half a second.

    Its data folder was initialised beforehand. It takes the variables and the init scripts of the
    usual MySQL image. Raises as `resolve_base` does.
    """
    if ImageReference.parse(reference).repository in OTHER_MAKERS:
        return _other_maker(engine, reference, settings, progress)
    found = acquire(engine, reference, settings=settings, progress=progress, fresh=fresh)
    return replace(found, image=_twin(engine, found.image, settings, progress))


def postgres_image(
    engine: Engine, reference: str, *, settings: Settings, progress: Progress = silent
) -> ResolvedImage:
    """Return a PostgreSQL that stands for `reference` and is ready in about a third of a second.

    It takes the variables and the init scripts of the usual PostgreSQL image. Raises as
    `resolve_base` does.
    """
    found = acquire(engine, reference, settings=settings, progress=progress, fresh=False)
    return _ready(engine, found, POSTGRES_READY, settings, progress)


def mariadb_image(
    engine: Engine, reference: str, *, settings: Settings, progress: Progress = silent
) -> ResolvedImage:
    """Return a MariaDB that stands for `reference` and is ready in about half a second.

    It takes the variables and the init scripts of the usual MariaDB image, which takes the place
    of other makers'. Raises as `resolve_base` does.
    """
    usual = reference
    if not ImageReference.parse(reference).official:
        usual = f"mariadb:{mariadb_series(reference) or 'latest'}"
    found = acquire(engine, usual, settings=settings, progress=progress, fresh=False)
    found = _ready(engine, found, MARIADB_READY, settings, progress)
    return found if usual == reference else _in_place_of(reference, found)


def rabbitmq_image(
    engine: Engine, reference: str, *, settings: Settings, progress: Progress = silent
) -> ResolvedImage:
    """Return a RabbitMQ that stands for `reference` and obeys the grader's signals.

    Raises as `resolve_base` does.
    """
    found = acquire(engine, reference, settings=settings, progress=progress, fresh=False)
    return _ready(engine, found, RABBITMQ_READY, settings, progress)


def settings_layer(engine: Engine, base: str, settings: Settings) -> Layer:
    """Return a layer on `base` that sets pip, uv and apt to the index.

    It trusts the host's authorities.
    """
    config = (local(engine, base) or {}).get("Config") or {}
    return Layer(
        kind="base",
        dockerfile=_asset("settings.Dockerfile").replace("@USER@", config.get("User") or "root"),
        files=_settings_files(settings),
        variant=f"port{settings.index_port}",
    )


def pip_configuration(port: int) -> str:
    """Return a pip.conf that names the local index, which listens on `port`."""
    return (
        "[global]\n"
        f"index-url = http://{INDEX_HOST}:{port}/index/\n"
        f"trusted-host = {INDEX_HOST}\n"
        "disable-pip-version-check = true\n"
        "root-user-action = ignore\n"
        "retries = 2\n"
        "timeout = 60\n"
    )


def apt_configuration(port: int) -> str:
    """Return an apt.conf that names the local index, which listens on `port`, as apt's proxy.

    An update that got half of the lists fails: the next step would miss a package that is there,
    and the half would be kept as a layer.
    """
    return (
        f'Acquire::http::Proxy "http://{INDEX_HOST}:{port}/";\n'
        'Acquire::http::Timeout "120";\n'
        'Acquire::https::Timeout "120";\n'
        'Acquire::Retries "0";\n'
        'APT::Update::Error-Mode "any";\n'
    )


def host_authorities() -> dict[str, bytes]:
    """Return the certificates of the authorities that were added on this host, by file name."""
    found: dict[str, bytes] = {}
    for folder in AUTHORITIES:
        for path in sorted(folder.rglob("*.crt")) + sorted(folder.rglob("*.pem")):
            found.setdefault(f"host-{path.stem}.crt", path.read_bytes())
    return found


def uv_configuration() -> str:
    """Return a uv.toml that has uv trust what the system trusts, and take the image's Python."""
    return 'native-tls = true\npython-downloads = "never"\nconcurrent-downloads = 8\n'


def _settings_files(settings: Settings) -> dict[str, bytes]:
    files = {f"authorities/{name}": content for name, content in host_authorities().items()}
    # BuildKit copies no folder that is not there: this line makes it exist on any host.
    files["authorities/README"] = b"Certificate authorities that the host of the grader trusts.\n"
    port = settings.index_port
    files["authorities/grader-index.crt"] = authority(settings)
    files["etc/pip.conf"] = pip_configuration(port).encode()
    files["etc/uv/uv.toml"] = uv_configuration().encode()
    files["etc/apt/apt.conf.d/90grader-index"] = apt_configuration(port).encode()
    return files


def _twin(engine: Engine, base: str, settings: Settings, progress: Progress) -> str:
    return add(engine, base, TWIN, settings=settings, progress=progress)


def _ready(
    engine: Engine, found: ResolvedImage, layer: Layer, settings: Settings, progress: Progress
) -> ResolvedImage:
    """`found` with `layer` on it."""
    image = add(engine, found.image, layer, settings=settings, progress=progress)
    return replace(found, image=image)


def _other_maker(
    engine: Engine, reference: str, settings: Settings, progress: Progress
) -> ResolvedImage:
    """MySQL for a server of another maker's, which the twin's recipe does not fit."""
    return _in_place_of(reference, mysql_image(engine, settings=settings, progress=progress))


def _in_place_of(reference: str, usual: ResolvedImage) -> ResolvedImage:
    """Return the usual image of a server in the place of another maker's."""
    used = usual.substitution.used if usual.substitution else usual.reference
    swap = Substitution(wanted=reference, used=used, reason="the grader provides the usual image")
    base = replace(usual.base, reference=reference) if usual.base else None
    return ResolvedImage(reference=reference, image=usual.image, substitution=swap, base=base)
