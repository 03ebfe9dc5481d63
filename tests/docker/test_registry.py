"""Images from a registry: used as they are, and a registry's "no" told from its silence."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import socket
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from grader.errors import ImageUnavailable
from grader.sandbox.engine import Engine
from grader.sandbox.images import BaseImageUnknown, resolve_base
from grader.settings import Settings

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
NOT_FOUND = {"errors": [{"code": "MANIFEST_UNKNOWN", "message": "manifest unknown"}]}


def digest(content: bytes) -> str:
    """The name that a registry gives to `content`."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


@dataclass
class Registry:
    """A registry on loopback with one image, `small:1`: one file and no shell."""

    architecture: str
    port: int = 0
    failing: bool = False
    asked: list[str] = field(default_factory=list)
    content: dict[str, tuple[str, bytes]] = field(default_factory=dict)

    def reference(self, name: str) -> str:
        """What a Dockerfile writes for the image of that name."""
        return f"localhost:{self.port}/{name}"

    def fill(self) -> None:
        """Make the image."""
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as tar:
            entry = tarfile.TarInfo("hello")
            entry.size = 5
            tar.addfile(entry, io.BytesIO(b"hello"))
        layer = gzip.compress(buffer.getvalue(), mtime=0)
        about = {
            "architecture": self.architecture,
            "os": "linux",
            "config": {"User": "65534", "Cmd": ["/hello"], "Env": ["PATH=/usr/bin"]},
            "rootfs": {"type": "layers", "diff_ids": [digest(buffer.getvalue())]},
            "history": [{"created_by": f"test at port {self.port}"}],
        }
        config = json.dumps(about).encode()
        parts = {
            "config": ("application/vnd.docker.container.image.v1+json", config),
            "layer": ("application/vnd.docker.image.rootfs.diff.tar.gzip", layer),
        }
        described = {
            name: {"mediaType": kind, "size": len(body), "digest": digest(body)}
            for name, (kind, body) in parts.items()
        }
        manifest = json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": MANIFEST,
                "config": described["config"],
                "layers": [described["layer"]],
            }
        ).encode()
        self.content = {
            "/v2/": ("application/json", b"{}"),
            "/v2/small/manifests/1": (MANIFEST, manifest),
            f"/v2/small/manifests/{digest(manifest)}": (MANIFEST, manifest),
        }
        for kind, body in parts.values():
            self.content[f"/v2/small/blobs/{digest(body)}"] = (kind, body)


@pytest.fixture
def registry(engine: Engine) -> Iterator[Registry]:
    """The registry; what came from it is removed."""
    served = Registry(architecture=str(engine.client.version()["Arch"]))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.asked.append(self.path)
            missing = ("application/json", json.dumps(NOT_FOUND).encode())
            kind, body = served.content.get(self.path, missing)
            found = self.path in served.content
            self.send_response(500 if served.failing else 200 if found else 404)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Docker-Content-Digest", digest(body))
            self.send_header("Docker-Distribution-Api-Version", "registry/2.0")
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        do_HEAD = do_GET  # noqa: N815  # the base class chose these names

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        served.port = server.server_port
        served.fill()
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield served
        server.shutdown()
        thread.join()
    api = engine.client.api
    for image in api.images():
        for tag in image.get("RepoTags") or ():
            if f"localhost-{served.port}" in tag or f"localhost:{served.port}" in tag:
                api.remove_image(tag, force=True)


@pytest.fixture
def own(settings: Settings, tmp_path: Path) -> Settings:
    """Settings with a state of their own: a failure here is not remembered for others."""
    return replace(settings, state=tmp_path)


def test_an_image_of_a_registry_is_no_substitution(
    engine: Engine, own: Settings, registry: Registry
) -> None:
    """It gets pip's settings and the host's authorities, keeps its user, and is pulled once."""
    wanted = registry.reference("small:1")
    found = resolve_base(engine, wanted, settings=own)
    assert found.substitution is None
    config = engine.client.api.inspect_image(found.image)["Config"]  # type: ignore[no-untyped-call]
    assert (config["User"], config["Cmd"]) == ("65534", ["/hello"])
    registry.asked.clear()
    assert resolve_base(engine, wanted, settings=own) == found
    assert registry.asked == []


def test_a_pinned_digest_is_pulled_by_it(engine: Engine, own: Settings, registry: Registry) -> None:
    """`image@sha256:…` is what the registry has under that digest."""
    pinned = digest(registry.content["/v2/small/manifests/1"][1])
    found = resolve_base(engine, registry.reference(f"small@{pinned}"), settings=own)
    assert found.substitution is None
    assert any(path.endswith(pinned) for path in registry.asked)
    engine.client.api.remove_image(registry.reference(f"small@{pinned}"), force=True)


def test_a_registrys_no_is_the_students_fault(
    engine: Engine, own: Settings, registry: Registry
) -> None:
    """The FROM names what the registry says that it has not."""
    with pytest.raises(BaseImageUnknown, match=r"Check its name and its tag in the FROM line"):
        resolve_base(engine, registry.reference("small:2"), settings=own)


def test_a_registrys_fault_is_not(engine: Engine, own: Settings, registry: Registry) -> None:
    """An answer of 500 says nothing of the image; the platform is at fault."""
    registry.failing = True
    with pytest.raises(ImageUnavailable, match=r"the registry cannot be reached"):
        resolve_base(engine, registry.reference("small:1"), settings=own)


def test_a_registrys_silence_is_not(engine: Engine, own: Settings) -> None:
    """Nothing listens at the registry's port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        with pytest.raises(ImageUnavailable, match=r"`docker load`"):
            resolve_base(engine, f"localhost:{port}/small:1", settings=own)


def test_our_own_images_are_no_bases(engine: Engine, own: Settings) -> None:
    """A Dockerfile cannot build on what the grader made for itself or of another submission."""
    with pytest.raises(BaseImageUnknown, match=r"the grader's own"):
        resolve_base(engine, "grader/tools:latest", settings=own)
