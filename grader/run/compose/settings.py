"""What the files of a submission say of its Compose project: values, sources, and logins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.inspect.appfiles import AppFiles
from grader.inspect.compose.project import MountKind, Project, Reading
from grader.inspect.compose.quotes import quoted_values
from grader.inspect.dockerfile import Dockerfile
from grader.inspect.files import read_text
from grader.run.compose.project_roles import ComposeRoles
from grader.run.compose.refused import LoginDiagnosis
from grader.run.compose.unknown_database import DatabaseDiagnosis
from grader.run.missing_variables import fallbacks_of, unset_of
from grader.sandbox.app_settings import AppSettings, LiteralAdvice
from grader.sandbox.missing_variables import Fallback, Unset
from grader.sandbox.mysql_log import ServerFiles


@dataclass(frozen=True, kw_only=True)
class ProjectSettings:
    """The settings that a project is brought up with, by one reading of its Compose file."""

    root: Path
    """The top of the submission's snapshot."""
    roles: ComposeRoles
    """Who plays which part."""
    reading: Reading

    @property
    def project(self) -> Project:
        """The project of the reading."""
        return self.roles.project(self.reading)

    @property
    def app_environment(self) -> Mapping[str, str]:
        """What the app's service is given."""
        return self.project.services[self.roles.app.name].environment.values

    def app_settings(self) -> AppSettings:
        """Return where the app runs, and what it is made from."""
        return AppSettings(
            port=self.roles.port, asked_by=self.roles.listens.said_by,
            database=self.roles.database_name, database_hosts=self.roles.database_hosts,
            product=self.roles.product, service=self.roles.app.name, unset=self._unset,
            sources=lambda: self.files(self.roles.app.name),
            literals=LiteralAdvice(
                quoted=quoted_values(self.root, self.project), refused=self._refused,
                unknown_database=self._unknown_database,
                addresses={
                    address: one.name
                    for one in self.project.services.values()
                    for address in one.networking.addresses
                },
                services=self._others(), fallbacks=self._fallbacks,
            ),
        )  # fmt: skip

    def _others(self) -> dict[str, str]:
        """Return the names of the other services, each with its image where it is not started."""
        services, started = self.project.services, self.roles.started
        return {
            name: "" if one.name in started else one.image.shown or "built from your code"
            for one in services.values()
            if one.name != self.roles.app.name
            for name in (one.name, *one.networking.all_aliases)
        }

    def files(self, service: str) -> AppFiles:
        """Return the files that a service is built from."""
        found = self.project.services[service]
        return AppFiles(
            root=self.root,
            folder=found.build.context if found.build else "",
            dockerfile=self.roles.dockerfiles.get(service),
            service=found,
            compose=self.project.path,
        )

    def server_files(self) -> ServerFiles:
        """Return what the Compose file gives its database server."""
        if not self.roles.database_name:
            return ServerFiles()
        database, path = self.project.services[self.roles.database_name], self.project.path
        binds = [
            one for one in database.mounts if one.kind is MountKind.BIND and one.content is None
        ]
        line = database.lines.keys.get("command")
        return ServerFiles(
            mounts={one.target: one.source for one in binds},
            missing={
                one.target: f"{path}, line {one.line}"
                for one in binds
                if not (self.root / one.source).exists()
            },
            command=f"{path}, line {line}" if line else "",
        )

    @property
    def made_database(self) -> str:
        """The database that the image of the project's server makes; empty where it makes none."""
        if self.roles.database_kind == "postgres":
            return self.of_database("DB") or self.of_database("USER") or "postgres"
        return self.of_database("DATABASE")

    def of_database(self, name: str) -> str:
        """Return the value of `MYSQL_{name}`, or another maker's, of the database; or empty.

        It may stand in a file that is mounted, as the images' variables that end in `_FILE` say.
        """
        if not self.roles.database_name:
            return ""
        values = self.project.services[self.roles.database_name].environment.values
        of_postgres = self.roles.database_kind == "postgres"
        makers = ("POSTGRES",) if of_postgres else ("MYSQL", "MARIADB")
        for known in (f"{maker}_{name}" for maker in makers):
            if found := values.get(known) or self._held(values.get(f"{known}_FILE", "")):
                return found
        return ""

    def _held(self, path: str) -> str:
        """Return what the file at `path` of the database holds, where it is mounted; or empty."""
        mounts = self.project.services[self.roles.database_name].mounts
        for mount in mounts if path else ():
            if mount.target == path and mount.kind is MountKind.BIND:
                text = mount.content
                if text is None:
                    text = read_text(self.root, mount.source)
                return text.rstrip("\n")
        return ""

    def _refused(self, user: str) -> str:
        """Which literals make the database refuse a user; empty where none do."""
        services = self.project.services
        if not self.roles.database_name:
            return ""
        return LoginDiagnosis(
            root=self.root, project=self.project, app=services[self.roles.app.name],
            database=services[self.roles.database_name],
            drawn=frozenset(self.reading.secrets.values()),
        ).explain(user)  # fmt: skip

    def _unknown_database(self, name: str) -> str:
        """Return what makes another database than the one called `name`."""
        services = self.project.services
        if not self.roles.database_name:
            return ""
        return DatabaseDiagnosis(
            root=self.root, project=self.project, app=services[self.roles.app.name],
            database=services[self.roles.database_name],
        ).explain(name)  # fmt: skip

    def _unset(self) -> tuple[Unset, ...]:
        """Return what the app reads and the file does not give it."""
        return unset_of(*self._reading_of_app()) if self._knows_variables() else ()

    def _fallbacks(self) -> tuple[Fallback, ...]:
        """Return what the app takes in the place of what the file does not give it."""
        return fallbacks_of(*self._reading_of_app()) if self._knows_variables() else ()

    def _knows_variables(self) -> bool:
        """Whether all is known that the app is given: not where a file with variables lacks."""
        app = self.roles.app
        missing = set(app.environment.files).intersection(self.roles.fresh.missing)
        return app.build is not None and not missing

    def _reading_of_app(self) -> tuple[Path, Mapping[str, str], Dockerfile | None]:
        """Return the app's folder, what it is given, and its Dockerfile."""
        app = self.roles.app
        folder = self.root / (app.build.context if app.build else "")
        return folder, self.app_environment, self.roles.dockerfiles.get(app.name)
