"""The JSON Schema of challenge.yml: the file, and what each service says of its own entry."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from grader.service_catalogue import built_in, manifest_at

SCHEMA = Path(__file__).with_name("challenge.schema.json")


@cache
def schema(path: Path = SCHEMA, services: tuple[Path, ...] = ()) -> dict[str, Any]:
    """Return the JSON Schema at `path`: that of challenge.yml, where none is named.

    That one asks for the services that the grader comes with, and for those in the folders
    `services`.
    """
    loaded: dict[str, Any] = json.loads(path.read_text("utf-8"))
    if path == SCHEMA:
        known = [*map(manifest_at, services), *built_in().values()]
        loaded["properties"]["services"]["properties"] = {one.name: one.options for one in known}
    return loaded


def schema_text(services: tuple[Path, ...] = ()) -> str:
    """Return the JSON Schema of challenge.yml as an editor reads it; `services` as above."""
    return json.dumps(schema(SCHEMA, services), indent=2, ensure_ascii=False) + "\n"
