"""The class behind each service: loaded when it is asked for."""

from __future__ import annotations

import importlib
import importlib.util
from functools import cache
from pathlib import Path
from typing import Any

from grader.errors import PlatformError
from grader.model import ServiceSpec
from grader.service_catalogue import ServiceManifest, built_in, manifest_at
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


def load_class(target: str) -> Any:
    """Return the class that `module:Class` or `/path/file.py:Class` names.

    Raises `PlatformError`.
    """
    where, _, name = target.rpartition(":")
    try:
        module = (
            _from_file(Path(where)) if where.endswith(".py") else importlib.import_module(where)
        )
        return getattr(module, name)
    except (ImportError, AttributeError, OSError, SyntaxError) as error:
        msg = f"{target} of a service cannot be loaded: {error}"
        raise PlatformError(msg) from error


def _from_file(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(f"service_{path.parent.name}_{path.stem}", path)
    if spec is None or spec.loader is None:
        msg = f"{path} is no Python module"
        raise ImportError(msg)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
