"""The services that an exam can ask for, as each one's `service.json` describes it.

What only reads a challenge (its schema, its placeholders, the docs) needs no more of a service than
this, and so no door to Docker. A service stands in a folder of `grader/services`, or in the folder
`services` of the challenge that asks for it.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from grader.errors import PlatformError

BUILT_IN = Path(__file__).parent / "services"
MANIFEST = "service.json"
PLACEHOLDER = re.compile(r"\$\{([^${}]*)\}")
"""What is filled into a value of `app.env`: `${mysql.host}`."""


@dataclass(frozen=True, kw_only=True)
class Placeholder:
    """A value that a service fills in: `${SERVICE.NAME}`."""

    name: str
    text: str
    """What it is, for the docs."""
    secret: bool = False
    """Whether no app may show it."""


@dataclass(frozen=True, kw_only=True)
class ServiceManifest:
    """What a service says of itself."""

    name: str
    """What challenge.yml calls it; also its name on the submission's network."""
    title: str
    """What sentences call it."""
    summary: str
    port: int
    folder: Path
    server: str
    """The class that makes its servers: `module:Class`, or `file.py:Class` in its folder."""
    fixture: str
    """The name of the suite's fixture."""
    fixture_class: str
    """The class behind that, written as `server` is."""
    options: Mapping[str, Any]
    """The JSON Schema of its entry in challenge.yml."""
    placeholders: tuple[Placeholder, ...]

    @property
    def values(self) -> tuple[str, ...]:
        """The names of its placeholders, with its own name before each."""
        return tuple(f"{self.name}.{one.name}" for one in self.placeholders)

    @property
    def secret_values(self) -> frozenset[str]:
        """Those of them that are secret."""
        return frozenset(f"{self.name}.{one.name}" for one in self.placeholders if one.secret)

    def target(self, written: str) -> str:
        """`server` or `fixture_class`, a file with its whole path."""
        file, colon, name = written.partition(":")
        return f"{self.folder / file}:{name}" if file.endswith(".py") and colon else written


def fixture_names() -> tuple[str, ...]:
    """Return the names of the fixtures of the services that the grader comes with, sorted."""
    return tuple(sorted({one.fixture for one in built_in().values()}))


def built_in() -> dict[str, ServiceManifest]:
    """Return the services that the grader comes with, by name."""
    return dict(_in(BUILT_IN))


def services_of(challenge: Path) -> dict[str, ServiceManifest]:
    """Return the services that the challenge in the folder `challenge` can ask for, by name.

    One of its own takes no name of the grader's. Raises `OSError`, and `ValueError` or `KeyError`
    for a manifest that is none.
    """
    own = challenge / "services"
    return {**(dict(_in(own.resolve())) if own.is_dir() else {}), **built_in()}


def manifest_at(folder: Path) -> ServiceManifest:
    """Return the service in `folder`. Raises as `services_of` does."""
    return _manifest(folder)


@cache
def _in(folder: Path) -> tuple[tuple[str, ServiceManifest], ...]:
    return tuple((one.name, one) for one in _manifests(folder))


def _manifests(folder: Path) -> Iterator[ServiceManifest]:
    for path in sorted(folder.glob(f"*/{MANIFEST}")):
        yield _manifest(path.parent)


@cache
def _manifest(folder: Path) -> ServiceManifest:
    found = json.loads((folder / MANIFEST).read_text("utf-8"))
    if found["name"] != folder.name:
        msg = f"{folder / MANIFEST} calls itself {found['name']!r}; give it its folder's name."
        raise ValueError(msg)
    return ServiceManifest(
        name=found["name"], title=found["title"], summary=found["summary"], port=found["port"],
        folder=folder, server=found["server"], fixture=found["fixture"]["name"],
        fixture_class=found["fixture"]["class"], options=found["options"],
        placeholders=tuple(
            Placeholder(name=name, text=one["text"], secret=one.get("secret", False))
            for name, one in found["placeholders"].items()
        ),
    )  # fmt: skip


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
