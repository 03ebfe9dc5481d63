"""Why MySQL refuses a user: which literals of the Compose file and of the code differ."""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from grader.inspect.compose.names import is_of_database, role
from grader.inspect.compose.project import ComposeService, Project
from grader.inspect.files import read_text
from grader.inspect.login_literals import PASSWORDS, LoginLiteral, login_literals
from grader.inspect.secrets.finding import shortened
from grader.text import clip

MAKERS = ("MYSQL", "MARIADB", "POSTGRES")
FAR = 100_000
"""Lines: further from a user than any password of the same file."""
SHARE = "Have the app take it from the environment: name it under `environment` of the service"
NEW = "{} of the database comes from a variable, which is new at every start"


@dataclass(frozen=True, kw_only=True)
class LoginDiagnosis:
    """What the files say of how an app logs in to its MySQL."""

    root: Path
    project: Project
    app: ComposeService
    database: ComposeService
    drawn: Collection[str]
    """The values that were drawn for this bring-up: no literals."""

    def explain(self, user: str) -> str:
        """Return which literals differ, for a `user` that was refused; empty where none tell.

        Passwords are named and not shown whole.
        """
        if user != "root" and (said := self._other_user(user)):
            return said
        end = "ROOT_PASSWORD" if user == "root" else "PASSWORD"
        name = next((one for one in _names(end) if one in self.database.environment.values), "")
        if not name:
            return ""
        value, literal = (
            self.database.environment.values[name],
            self._is_literal(self.database, name),
        )
        place = self._place(self.database, name)
        sets = f"{place} sets {name} to another literal" if literal else NEW.format(name)
        if given := self._given(value):
            return (
                f"{self._place(self.app, given)} gives the app {given} as a literal, and {sets}. "
                "Write one variable in both places."
            )
        if one := self._in_code(user, value):
            return (
                f'{one.where} has {one.name} = "{shortened(one.value)}", and {sets}. {SHARE} '
                f"{self.app.name!r}, and read it there."
            )
        if not literal:
            return ""
        return (
            f"{place} sets {name} to a literal, the same at every start. {SHARE} "
            f"{self.app.name!r}, and read it there."
        )

    def _other_user(self, user: str) -> str:
        """Return a sentence where the Compose file makes another user than the app logs in as."""
        literals = (one for one in _names("USER") if self._is_literal(self.database, one))
        name = next(literals, "")
        if not name or self.database.environment.values[name] == user:
            return ""
        code = next(
            (one for one in self._literals() if not one.password and one.value == user), None
        )
        by = f", which stands at {code.where}" if code else ""
        makes = clip(self.database.environment.values[name], 60)
        return (
            f"{self._place(self.database, name)} makes the user {makes!r} ({name}), and no "
            f"{clip(user, 60)!r}{by}. Write one name in both places."
        )

    def _given(self, value: str) -> str:
        """Return the app's variable that is a password, a literal, and not `value`; or empty."""
        passwords = (name for name in self.app.environment.values if role(name) in PASSWORDS)
        literals = (name for name in passwords if self._is_literal(self.app, name))
        return next((name for name in literals if self.app.environment.values[name] != value), "")

    def _in_code(self, user: str, value: str) -> LoginLiteral | None:
        """Return the password in the code that `user` most likely logs in by, unless it is `value`.

        It is one for a database by its name, or the nearest to where the user stands.
        """
        users = [one for one in self._literals() if not one.password and one.value == user]
        best: LoginLiteral | None = None
        nearest = math.inf
        for one in self._literals():
            away = [abs(one.line - other.line) for other in users if other.path == one.path]
            distance = min(away, default=FAR if is_of_database(one.name) else math.inf)
            if one.password and one.value != value and distance < nearest:
                best, nearest = one, distance
        return best

    def _literals(self) -> tuple[LoginLiteral, ...]:
        return login_literals(self.root, self.app.build.context if self.app.build else "")

    def _is_literal(self, service: ComposeService, name: str) -> bool:
        written, value = service.environment.written.get(name), service.environment.values.get(name)
        return bool(written and value) and "$" not in str(written) and value not in self.drawn

    def _place(self, service: ComposeService, name: str) -> str:
        return place_of(self.root, self.project, service, name)


def place_of(root: Path, project: Project, service: ComposeService, name: str) -> str:
    """Return the file and the line that give the variable `name` to a service."""
    start = service.lines.of("environment")
    entry = re.compile(rf"^\s*(?:-\s*)?[\"']?{re.escape(name)}[\"']?\s*[:=]")
    lines = read_text(root, project.path).splitlines()
    found = (at for at, line in enumerate(lines, 1) if at >= start and entry.match(line))
    return f"{project.path}, line {next(found, start)},"


def _names(end: str) -> tuple[str, ...]:
    return tuple(f"{maker}_{end}" for maker in MAKERS)
