"""Why a MySQL or MariaDB server ended or never answered, by its log: a sentence for its author.

What a log says is the student's to write as well, so it decides on words only, never on whose fault
something is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from grader.sandbox.images.recipes import ASSETS
from grader.text import clip, last_lines

RUNNING = re.compile(
    r"^(?:grader-mysql: |\[Note\] \[Entrypoint\]: \S+: )(?:running|sourcing) (\S+)$", re.MULTILINE
)
CLIENT_ERROR = re.compile(r"^ERROR (\d+) \(\w+\)(?: at line (\d+))?:? (.*)$", re.MULTILINE)
FOLDER = re.compile(r"^ERROR: Can't initialize batch_readline", re.MULTILINE)
SERVER_ERROR = re.compile(
    r"\[ERROR\] (?:\[MY-\d+\] \[\w+\] |(?:mariadbd|mysqld): |(?!\[))(.*)$", re.MULTILINE
)
UNKNOWN = re.compile(r"unknown (?:variable|option) '(?:--)?([^'=]+)(=[^']*)?'")
OURS = re.compile(r"^(?:grader-mysql: |\[ERROR\] \[Entrypoint\]: )(.*)$", re.MULTILINE)
OF_SERVER = re.compile(r"\] \[MY-|^\d{4}-\d\d-\d\d +\d+:\d\d:\d\d \d+ \[")
"""A line that the server itself has printed."""
NOTES = re.compile(r"\[(?:Note|System)\]")
RESTARTED = re.compile(r"^GENERATED ROOT PASSWORD: ", re.MULTILINE)
CLIENTS = frozenset({"default-character-set", "password", "host", "database", "execute"})
"""Options of the client programs that the server has not."""
SAID = 300


@dataclass(frozen=True, kw_only=True)
class ServerFiles:
    """What a Compose file gives its database, for the words of a sentence."""

    mounts: Mapping[str, str] = field(default_factory=dict)
    """Paths in the container to those of the repository."""
    missing: Mapping[str, str] = field(default_factory=dict)
    """Those of them that are not in the repository, to the file and line that mount them."""
    command: str = ""
    """The file and line of its `command`; empty without one."""

    def named(self, path: str) -> str:
        """Return the path in the repository of a file in the container, where it has one."""
        for target, source in self.mounts.items():
            if path == target or path.startswith(f"{target.rstrip('/')}/"):
                return f"{source.rstrip('/')}{path[len(target.rstrip('/')) :]}".removeprefix("./")
        return path


def explain_server(logs: str, files: ServerFiles, series: str = "", product: str = "MySQL") -> str:
    """Say what the log of a server names as its end; empty where it names nothing.

    `series` is that of the image of MySQL that was asked for, as of `mysql_series`; `product` is
    MySQL or MariaDB.
    """
    running = list(RUNNING.finditer(logs))
    errors = [found for found in SERVER_ERROR.finditer(logs) if found[1].strip() != "Aborting"]
    if running and (sentence := _scripts(logs, files, product)):
        return sentence
    if errors:
        return _refused(errors[0][1], files, series, product)
    last = OURS.fullmatch(last_lines(logs, 1).strip())  # what ends it is the last that it says
    return clip(last[1], SAID) if last and not running else ""


def telling_lines(logs: str) -> str:
    """Return the last lines of a server's log, without its notes where it has anything else."""
    kept = [line for line in logs.splitlines() if line.strip() and not NOTES.search(line)]
    return last_lines("\n".join(kept)) if kept else last_lines(logs)


def _scripts(logs: str, files: ServerFiles, product: str) -> str:
    """Return why the last script failed, of the last start of several that came as far."""
    for start in reversed(RESTARTED.split(logs)):
        running = list(RUNNING.finditer(start))
        if running and (
            sentence := _script(running[-1][1], start[running[-1].end() :], files, product)
        ):
            return sentence
    return ""


def _script(path: str, after: str, files: ServerFiles, product: str) -> str:
    """Return why the init script at `path` failed, after which this was printed."""
    name = files.named(path)
    end = f"An init script that fails ends {product}, with Docker as here."
    if FOLDER.search(after) and path in files.missing:
        return (
            f"{name} is mounted as an init script ({files.missing[path]}), and your repository "
            f"does not hold it: Docker makes an empty folder of that name, which {product} cannot "
            "run. Add the file, and see that .gitignore does not leave it out."
        )
    if FOLDER.search(after):
        return f"The init script {name} is a folder, which {product} cannot run; name a file. {end}"
    if found := CLIENT_ERROR.search(after):
        line = f" at line {found[2]}" if found[2] else ""
        said = f"{clip(found[3].strip(), SAID)} (error {found[1]})"
        return f"The init script {name} failed{line}: {said}. {end}"
    lines = [line for line in after.splitlines() if line.strip() and not OF_SERVER.search(line)]
    if not lines or lines[-1].startswith(("grader-mysql: ", "[Note] [Entrypoint]: ")):
        return ""
    return f"The init script {name} failed: {clip(lines[-1].strip(), SAID)}. {end}"


def _refused(message: str, files: ServerFiles, series: str, product: str) -> str:
    """Return a sentence for the server's own first error."""
    found = UNKNOWN.search(message)
    quoted = f"{product} ended with: [ERROR] {clip(message.strip(), SAID)}"
    if not found:
        return quoted
    option = found[1].strip().replace("_", "-")
    where = f" ({files.command})" if files.command else ""
    since = "" if product != "MySQL" else removed_options().get(option.removeprefix("skip-"), "")
    if option in CLIENTS:
        instead = " Write --character-set-server." if option == "default-character-set" else ""
        why = f"--{option} is an option of {product}'s clients, not of the server.{instead}"
    elif since and not (series and _older(series, since)):
        why = f"MySQL {since} has no option --{option} any more: remove it{where}."
    else:
        why = f"The server has no option --{option}: correct or remove it{where}."
    return f"{why} {quoted}"


@cache
def removed_options() -> Mapping[str, str]:
    """Return the options that a series of MySQL no longer has, to the first series without them."""
    text = (ASSETS / "mysql-removed-options.txt").read_text("utf-8")
    lines = (line.split() for line in text.splitlines() if not line.startswith("#"))
    return {words[0]: words[1] for words in lines if len(words) == 2}


def _older(series: str, other: str) -> bool:
    """Return whether one series is older than another; one of another maker is not."""
    numbers = [tuple(map(int, re.findall(r"\d+", one))) for one in (series, other)]
    return bool(numbers[0]) and numbers[0] < numbers[1]
