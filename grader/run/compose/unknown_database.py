"""Why MySQL does not have the database that an app asks for: what the Compose file makes instead.

Only files are read, and of them what the database's image reads at its first start.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.inspect.compose.names import Role, role
from grader.inspect.compose.project import ComposeService, MountKind, Project
from grader.inspect.files import list_files, read_text
from grader.run.compose.refused import place_of
from grader.text import clip

MADE_BY = ("MYSQL_DATABASE", "MARIADB_DATABASE")
SCRIPTS = "/docker-entrypoint-initdb.d"
CREATES = re.compile(
    r"^[ \t]{0,20}create\s+(?:database|schema)\s+(?:if\s{1,9}not\s{1,9}exists\s{1,9})?"
    r"[`\"']?([\w$-]{1,64})",
    re.IGNORECASE | re.MULTILINE,
)
MAX_SCRIPTS = 20
MAX_CHARACTERS = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class DatabaseDiagnosis:
    """What the files say of which databases there are."""

    root: Path
    project: Project
    app: ComposeService
    database: ComposeService

    def explain(self, wanted: str) -> str:
        """Return what makes another database than `wanted`, or that nothing makes one.

        Empty where the files do not tell.
        """
        made, by, shown = tuple(self._made()), self._asked_by(wanted), clip(wanted, 60)
        if any(name == wanted for name, _ in made):
            return ""
        for name, where in made:
            slip = ", and capital letters count" if name.lower() == wanted.lower() else ""
            return f"{where} makes {clip(name, 60)!r}{by}{slip}. Write one name in both places."
        if self.database.build or self._mounts():
            return ""  # a script may make some
        return (
            f"Your Compose file has none made: write `MYSQL_DATABASE: {shown}` under `environment` "
            f"of {self.database.name!r}{by}."
        )

    def _made(self) -> Iterator[tuple[str, str]]:
        """Yield the databases that the server has at its first start, and what makes them."""
        for name in MADE_BY:
            if made := self.database.environment.values.get(name):
                place = place_of(self.root, self.project, self.database, name)
                yield made, f"{place.rstrip(',')} ({name}),"
        for path in self._scripts():
            text = read_text(self.root, path)[:MAX_CHARACTERS]
            for found in CREATES.finditer(text):
                line = text.count("\n", 0, found.start(1)) + 1
                yield found[1], f"{path}, line {line},"

    def _scripts(self) -> tuple[str, ...]:
        """Return the SQL files that are mounted to be run at the first start."""
        sources = self._mounts()
        paths = [
            path
            for path in list_files(self.root) if path.endswith(".sql")
            and any(path == one or path.startswith(f"{one}/") or one == "." for one in sources)
        ]  # fmt: skip
        return tuple(paths[:MAX_SCRIPTS])

    def _mounts(self) -> tuple[str, ...]:
        """Return what the repository has the image run at the first start."""
        return tuple(
            one.source
            for one in self.database.mounts
            if one.kind is MountKind.BIND and one.target.startswith(SCRIPTS)
        )

    def _asked_by(self, wanted: str) -> str:
        """Return a clause on what gives the app the name `wanted`; empty where nothing tells."""
        for name, value in self.app.environment.values.items():
            named = role(name) is Role.DATABASE and value == wanted
            within = role(name) is Role.URL and re.search(rf"/{re.escape(wanted)}(?:\?|$)", value)
            if named or within:
                place = place_of(self.root, self.project, self.app, name)
                return f", and {place.rstrip(',')} gives the app {name} with {clip(wanted, 60)!r}"
        return ""
