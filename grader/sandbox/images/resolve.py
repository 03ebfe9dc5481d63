"""The images that builds stand on: those of `acquire`, with the grader's own layers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from grader.errors import ImageUnavailable
from grader.sandbox.authority import authority
from grader.sandbox.engine import Engine
from grader.sandbox.images.acquire import ResolvedImage, acquire, on_this_machine
from grader.sandbox.images.layers import Layer, add
from grader.sandbox.images.progress import Progress, silent
from grader.sandbox.images.recipes import ASSETS
from grader.sandbox.images.registry import local
from grader.sandbox.images.servers import counterpart_layer
from grader.sandbox.images.wanted import PresentImage, WantedImage, present_layer
from grader.settings import Settings

INDEX_HOST = "grader-index"
"""The package index's name inside builds; a build says its address with `--add-host`."""
AUTHORITIES = (
    Path("/usr/local/share/ca-certificates"),
    Path("/etc/pki/ca-trust/source/anchors"),
)
"""Where a host keeps the certificate authorities that it trusts beyond the usual ones."""


@dataclass(frozen=True, kw_only=True)
class DockerfileBase(WantedImage):
    """An image that a FROM names, or that a Compose file runs and that is no server of ours."""

    reference: str

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
        """Return what `resolve_base` does."""
        return resolve_base(
            engine, self.reference, settings=settings, progress=progress, fresh=fresh
        )

    def present(self, engine: Engine, *, settings: Settings) -> PresentImage:
        """Return what of it is on this machine."""
        base = on_this_machine(engine, self.reference)
        if base is None:
            return PresentImage()
        return present_layer(engine, base, *_layers(engine, base.image, settings))


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
    layer, *others = _layers(engine, found.image, settings)
    try:
        image = add(engine, found.image, layer, settings=settings, progress=progress)
    except ImageUnavailable:
        if not others:
            raise
        image = add(engine, found.image, others[0], settings=settings, progress=progress)
    return replace(found, image=image)


def _layers(engine: Engine, base: str, settings: Settings) -> tuple[Layer, ...]:
    """Return what goes onto the local image `base`, and what does where that does not build.

    The second is for an image without a shell, which can be copied into all the same.
    """
    if ready := counterpart_layer(base):
        return (ready,)
    layer = settings_layer(engine, base, settings)
    lines = layer.dockerfile.split("\n")
    copies = "\n".join(line for line in lines if not line.startswith("RUN "))
    return layer, replace(layer, dockerfile=copies)


def settings_layer(engine: Engine, base: str, settings: Settings) -> Layer:
    """Return a layer on `base` that sets pip, uv and apt to the index.

    It trusts the host's authorities.
    """
    config = (local(engine, base) or {}).get("Config") or {}
    dockerfile = (ASSETS / "settings.Dockerfile").read_text("utf-8")
    return Layer(
        kind="base",
        dockerfile=dockerfile.replace("@USER@", config.get("User") or "root"),
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
