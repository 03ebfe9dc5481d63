"""`include`, `extends` and `label_file`: keys that read other files."""

from __future__ import annotations

import posixpath
from typing import Any

from grader.inspect.compose.building import REMOTE
from grader.inspect.compose.rules import ValueKind
from grader.inspect.compose.source import ComposeSource, show
from grader.inspect.compose.supply import Supply
from grader.yamldoc import Place

ONE_FILE = "The exam reads one file: write it all in this one."


def check_borrowed(supply: Supply, tree: dict[str, Any]) -> None:
    """Note a violation for what leads out of the repository, else a fault for what is borrowed."""
    if "include" in tree:
        _include(supply, ("include",), tree["include"])
    for name, service in tree.get("services", {}).items():
        place: Place = ("services", name)
        if "extends" in service:
            _extends(supply, (*place, "extends"), service["extends"])
        for index, path in enumerate(_listed(service.get("label_file"))):
            here = (*place, "label_file", index)
            if (text := supply.source.text(here, path)) is not None:
                supply.path(here, text)


def _include(supply: Supply, place: Place, value: Any) -> None:
    for index, item in enumerate(_listed(value)):
        here = (*place, index) if isinstance(value, list) else place
        options = item if isinstance(item, dict) else {"path": item}
        for key in ("path", "env_file", "project_directory"):
            for path in _listed(options.get(key)):
                _borrow(supply, here, path)


def _extends(supply: Supply, place: Place, value: Any) -> None:
    """Of another file; `extends` has put in what is of this one."""
    if not isinstance(value, dict):
        supply.source.wrong(place, value, ValueKind.MAP)
    elif "file" not in value:
        supply.source.fault(place, "lacks `service`, the name of a service; add it.")
    else:
        _borrow(supply, place, value["file"])


def _borrow(supply: Supply, place: Place, path: Any) -> None:
    source: ComposeSource = supply.source
    text = source.text(place, path)
    if text is None:
        return
    if REMOTE.match(text):
        source.reject(place, f"reads {show(text)}, which is not in your repository; remove it.")
    elif (found := supply.path(place, text)) is not None:
        source.fault(place, f"reads {show(posixpath.normpath(found))}. {ONE_FILE}")


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
