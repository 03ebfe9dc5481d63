"""What the runner of GitHub Actions takes for a command in what a step prints.

After actions/runner, `ActionCommand.cs` and `ActionCommandManager.cs`: space before `::` is left
aside, the older form `##[…]` counts anywhere in a line, and after `stop-commands` nothing counts
up to the token.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

NEW = re.compile(r"^\s*::(?P<name>[^\s:]+)(?: (?P<properties>.*?))?::(?P<data>.*)$")
OLD = re.compile(r"##\[(?P<name>[^\s\]]+)(?: (?P<properties>[^\]]*))?\](?P<data>.*)$")
KNOWN = {
    "add-mask", "add-matcher", "add-path", "debug", "echo", "endgroup", "error", "group", "notice",
    "remove-matcher", "save-state", "set-env", "set-output", "stop-commands", "warning",
}  # fmt: skip


@dataclass(frozen=True)
class Command:
    name: str
    properties: dict[str, str]
    data: str


def commands(printed: str) -> list[Command]:
    """The commands in `printed` that the runner obeys, in their order."""
    found, token = [], ""
    for line in re.split(r"\r\n|\n|\r", printed):
        match = NEW.match(line) or OLD.search(line)
        if match is None:
            continue
        name = match["name"].lower()
        if token:
            token = "" if match["name"] == token else token
        elif name == "stop-commands":
            token = match["data"]
        elif name in KNOWN:
            found.append(Command(name, _properties(match["properties"]), _data(match["data"])))
    return found


def _properties(text: str | None) -> dict[str, str]:
    pairs = [pair.partition("=") for pair in (text or "").split(",") if pair]
    return {
        key.strip(): _data(value.replace("%3A", ":").replace("%2C", ",")) for key, _, value in pairs
    }


def _data(text: str) -> str:
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
