"""`volumes` and `tmpfs` of a service: what is mounted where."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from typing import Any

from grader.inspect.compose.paths import WINDOWS
from grader.inspect.compose.project import Mount, MountKind
from grader.inspect.compose.rules import is_on
from grader.inspect.compose.source import ComposeSource, show
from grader.inspect.compose.supply import Supply
from grader.yamldoc import Place

PATH = re.compile(r"[./~]|[A-Za-z]:[\\/]|\\\\")
"""How a source begins that is a path and no volume's name."""
HOST_FOLDERS = "only paths within your repository can be mounted"


def read_mounts(
    supply: Supply, place: Place, value: list[Any], volumes: Mapping[str, Any]
) -> tuple[Mount, ...]:
    """Return the entries of `volumes`, in both forms; `volumes` are those that the file defines."""
    mounts = []
    for index, item in enumerate(value):
        here = (*place, index)
        options = item if isinstance(item, dict) else _short(supply.source, here, item)
        if options is not None and (mount := _mount(supply, here, options, volumes)):
            mounts.append(mount)
    return tuple(mounts)


def read_tmpfs(source: ComposeSource, place: Place, value: Any) -> tuple[Mount, ...]:
    """Return the entries of `tmpfs`; their options are left out."""
    mounts = []
    for index, item in enumerate(value if isinstance(value, list) else [value]):
        text = source.text((*place, index), item)
        target = target_of(source, (*place, index), text.partition(":")[0]) if text else ""
        if target:
            line = source.line((*place, index))
            mounts.append(Mount(kind=MountKind.TMPFS, target=target, line=line))
    return tuple(mounts)


def _short(source: ComposeSource, place: Place, item: Any) -> dict[str, Any] | None:
    """`SOURCE:TARGET:MODE` in the long form's words."""
    text = source.text(place, item)
    if text is None:
        return None
    drive = text[:2] if WINDOWS.match(text) else ""
    first, *rest = text[len(drive) :].split(":")
    first = drive + first
    if not rest:
        return {"type": "volume", "target": first}
    if len(rest) > 2 or not first:
        source.fault(place, f"is {show(text)}; write it like `./data:/data` or `data:/data`.")
        return None
    return {
        "type": "bind" if PATH.match(first) else "volume",
        "source": first,
        "target": rest[0],
        "read_only": "ro" in rest[-1].split(",") if len(rest) == 2 else False,
    }


def _mount(
    supply: Supply, place: Place, options: dict[str, Any], volumes: Mapping[str, Any]
) -> Mount | None:
    source = supply.source
    kind, name = options.get("type", "volume"), options.get("source", "")
    target = target_of(source, place, options.get("target", ""))
    if kind == "bind":
        path = _bind(supply, place, name)
        kind, name = MountKind.BIND, path or ""
        if path is None:
            return None
    elif kind == "volume":
        if name and name not in volumes:
            _undefined(source, place, name, volumes)
            return None
        kind = MountKind.VOLUME if name else MountKind.ANONYMOUS
    elif kind == "tmpfs":
        kind, name = MountKind.TMPFS, ""
    elif kind in {"npipe", "cluster", "image"}:
        source.reject(place, f"mounts {show(kind)}; only volumes, tmpfs and {HOST_FOLDERS[5:]}.")
        return None
    else:
        known = source.near(str(kind), ["bind", "volume", "tmpfs"])
        source.fault(place, f"is of type {show(kind)}; it can be bind, volume or tmpfs.{known}")
        return None
    if not target:
        return None
    return Mount(
        kind=kind,
        source=name,
        target=target,
        read_only=is_on(options.get("read_only")),
        line=source.line(place),
    )


def _bind(supply: Supply, place: Place, path: str) -> str | None:
    if not path:
        supply.source.fault(place, "lacks `source`, the path of your repository; add it.")
        return None
    if "docker.sock" in path:
        supply.source.reject(place, "mounts the machine's Docker; remove it.")
        return None
    return supply.path(place, path)


def target_of(source: ComposeSource, place: Place, target: str) -> str:
    """`target` if it is a path in a container; else a fault and nothing."""
    if not target:
        source.fault(place, "has no path in the container; write it like `./data:/data`.")
    elif not target.startswith("/"):
        source.fault(place, f"leads to {show(target)}; a path in the container begins with `/`.")
    elif posixpath.normpath(target) in {"/", "//"}:
        source.fault(place, "leads to `/`; mount it to a folder of the container.")
    else:
        return target
    return ""


def _undefined(source: ComposeSource, place: Place, name: str, volumes: Mapping[str, Any]) -> None:
    hint = source.near(name, volumes)
    if "/" in name or "\\" in name:
        hint = f" For a folder of your repository write `./{name}`."
    source.fault(
        place,
        f"names the volume {show(name)}, which `volumes:` at the end of the file does not "
        f"define; add it there.{hint}",
    )
