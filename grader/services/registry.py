"""The class behind each service: loaded when it is asked for."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from grader.errors import PlatformError
from grader.model import ServiceSpec
from grader.service_catalogue import ServiceManifest, built_in, load_class, manifest_at
from grader.services.base import Service


def manifest_of(spec: ServiceSpec) -> ServiceManifest:
    """Return what the service says of itself that a challenge asks for."""
    return manifest_at(spec.folder) if spec.folder else built_in()[spec.name]


@cache
def service_of(manifest_folder: Path) -> Service:
    """Return the service in `manifest_folder`.

    Raises `PlatformError` where its class cannot be loaded: it is the operator's to correct.
    """
    manifest = manifest_at(manifest_folder)
    made = load_class(manifest.target(manifest.server))()
    if not isinstance(made, Service):
        msg = f"{manifest.server} of the service {manifest.name} is no Service; derive it from it."
        raise PlatformError(msg)
    return made
