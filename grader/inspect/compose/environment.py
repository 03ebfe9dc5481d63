"""`environment`, `env_file` and `args`: names and values."""

from __future__ import annotations

from typing import Any

from grader.inspect.compose.rules import is_on
from grader.inspect.compose.source import ComposeSource, scalar, show
from grader.inspect.compose.supply import MAX_ENV_FILES, Supply
from grader.yamldoc import Place


def pairs(source: ComposeSource, place: Place, value: Any) -> dict[str, str | None]:
    """Return a mapping, or a list of `NAME=value`, as a mapping; None where only a name stands."""
    if isinstance(value, dict):
        return _mapped(source, place, value)
    found: dict[str, str | None] = {}
    for index, item in enumerate(value or ()):
        here = (*place, index)
        if isinstance(item, dict) and len(item) == 1:
            ((name, inner),) = item.items()
            source.fault(here, f"is a mapping in a list; write `- {name}={scalar(inner)}`.")
        elif (text := source.word(here, item)) is not None:
            name, equals, rest = text.partition("=")
            if name.strip():
                found[name.strip()] = rest if equals else None
            else:
                source.fault(here, f"is {show(text)}, which has no name before the `=`.")
    return found


def _mapped(source: ComposeSource, place: Place, value: dict[str, Any]) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for name, item in value.items():
        if isinstance(item, dict | list):
            source.fault((*place, name), f"is {show(item)}; a variable's value is text.")
        else:
            found[name] = None if item is None else scalar(item)
    return found


def read_environment(supply: Supply, place: Place, value: Any) -> dict[str, str]:
    """`environment`; a name alone takes the variable's value.

    A literal stays as it is, also where it equals a value that was replaced: whoever writes it down
    twice has to keep the two equal, and that is what fresh credentials show.
    """
    entries = pairs(supply.source, place, value)
    given = {
        name: supply.values.get(name) if item is None else item for name, item in entries.items()
    }
    return {name: item for name, item in given.items() if item is not None}


def read_written(value: Any) -> dict[str, str]:
    """`environment` as it is written; a name alone is `${NAME}`."""
    if isinstance(value, dict):
        entries = {name: None if item is None else scalar(item) for name, item in value.items()}
    elif isinstance(value, list):
        parted = [str(item).partition("=") for item in value]
        entries = {name.strip(): rest if equals else None for name, equals, rest in parted}
    else:
        entries = {}
    return {name: f"${{{name}}}" if item is None else item for name, item in entries.items()}


def read_env_files(
    supply: Supply, place: Place, value: Any
) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return the paths of `env_file` from the top, and what they give together.

    A later one wins.
    """
    source = supply.source
    paths: list[str] = []
    given: dict[str, str] = {}
    items = value if isinstance(value, list) else [value]
    if len(items) > MAX_ENV_FILES:
        source.fault(place, f"names more than {MAX_ENV_FILES} files; name fewer.")
    for index, item in enumerate(items[:MAX_ENV_FILES]):
        here = (*place, index) if isinstance(value, list) else place
        options = item if isinstance(item, dict) else {"path": item}
        written = source.text(here, options.get("path"))
        if written is None or (path := supply.path(here, written)) is None:
            continue
        raw = options.get("format", "") == "raw"
        required = is_on(options.get("required", True))
        paths.append(path)
        given |= supply.env_file(here, path, raw=raw, required=required)
    return tuple(paths), given
