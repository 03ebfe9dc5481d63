"""`secrets` and `configs` of a service: files of the submission, or texts, that are mounted."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import Any

from grader.inspect.compose.mounts import target_of
from grader.inspect.compose.paths import is_folder
from grader.inspect.compose.project import Mount, MountKind
from grader.inspect.compose.source import show
from grader.inspect.compose.supply import Supply
from grader.inspect.files import is_file
from grader.yamldoc import Place


def read_uses(
    supply: Supply, place: Place, value: list[Any], defined: Mapping[str, Any]
) -> tuple[Mount, ...]:
    """Return the entries of `secrets` or `configs` of a service.

    `defined` are those of the file.
    """
    source, kind = supply.source, str(place[-1])
    mounts = []
    for index, item in enumerate(value):
        here = (*place, index)
        options = item if isinstance(item, dict) else {"source": source.text(here, item)}
        name = options.get("source")
        if name is None:
            continue
        if name not in defined:
            known = source.near(name, defined)
            said = f"names {show(name)}, which `{kind}:` of the file does not define; add it there."
            source.fault(here, f"{said}{known}")
            continue
        target = posixpath.join(
            "/run/secrets" if kind == "secrets" else "/", options.get("target") or name
        )
        mount = _use(supply, here, (kind, name), defined[name], target_of(source, here, target))
        mounts += [mount] if mount else []
    return tuple(mounts)


def _use(
    supply: Supply, here: Place, place: Place, item: dict[str, Any], target: str
) -> Mount | None:
    """One secret or config, defined at `place` as `item`."""
    source, (kind, name) = supply.source, map(str, place)
    path, content = "", None
    if "content" in item:
        content = item["content"]
    elif "environment" in item:
        content = supply.values.get(item["environment"], "")
    elif "file" in item:
        found = supply.path((*place, "file"), item["file"])
        if found is None:
            return None
        path = found
        if is_folder(source.root, path):
            source.fault((*place, "file"), "is a folder; name a file.")
        elif kind == "secrets":
            content = supply.secret(name, path)
        elif path not in source.given and not is_file(source.root, path):
            source.fault((*place, "file"), f"names {show(item['file'])}, which is not there.")
    else:
        source.fault(place, "says nothing of what it holds; add `file`.")
        return None
    return Mount(
        kind=MountKind.BIND,
        source="" if content is not None else path,
        target=target,
        read_only=True,
        content=content,
        line=source.line(here),
    )
