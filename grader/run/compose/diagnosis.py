"""Why a Compose project does not come up: which of its services is at fault, and how."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from grader.inspect.compose.project import Project
from grader.sandbox.container import CannotStart, Container
from grader.sandbox.diagnosis import (
    AppSettings,
    ServiceFacts,
    cannot_start,
    diagnose_service,
)
from grader.sandbox.launch import NotReady
from grader.sandbox.mysql_log import ServerFiles, explain_server, telling_lines
from grader.services.base import NotAnswering
from grader.services.mysql.server import PORT as MYSQL_PORT
from grader.text import last_lines

NEWLINE = "\n"
NO_FILES = ServerFiles()


@dataclass(frozen=True)
class ComposeDiagnosis:
    """Looks for the service that keeps a project from coming up."""

    project: Project
    started: tuple[str, ...]
    app: str
    database: str
    container: Callable[[str], Container]
    """Gives a service's container as it is now; one without an id where there is none."""
    surroundings: AppSettings
    files: ServerFiles = NO_FILES
    """What the Compose file gives its database."""
    product: str = "MySQL"
    """What the database is called in messages."""
    series: str = ""
    """The series of MySQL that was asked for."""
    port: int = MYSQL_PORT
    """Where the database should answer."""

    def of_database(self, error: Exception) -> NotReady:
        """Return why the database did not come up, from what starting it raised."""
        name = self.database
        if isinstance(error, CannotStart):
            said = f"The service {name!r}: {cannot_start(str(error))}"
            return NotReady(rationale=said, evidence=str(error))
        if isinstance(error, NotAnswering):
            said = (
                f"The service {name!r} does not answer as a {self.product} server on port "
                f"{self.port}."
            )
            logs = self.container(name).logs()
            why = self._explained(logs)
            return NotReady(
                rationale=f"{said} {why}".strip(),
                evidence=f"{str(error).partition(NEWLINE)[0]}\n{telling_lines(logs)}",
                cause="service-deaf",
            )
        return self._ended(name)

    def of_services(self) -> NotReady | None:
        """Return the first service, but for the app, that has ended badly or is never healthy."""
        for name in self.started:
            container = self.container(name)
            if name == self.app or not container.id:
                continue
            state = container.state()
            if not state.running and state.exit_code:
                return self._ended(name)
        return self.of_health()

    def of_health(self) -> NotReady | None:
        """Return the first service that is up and whose health check has always failed so far."""
        for name in self.started:
            container = self.container(name)
            if not container.id:
                continue
            state = container.state()
            if state.running and state.health in {"starting", "unhealthy"} and state.probes:
                check = self.project.services[name].lifecycle.healthcheck
                facts = ServiceFacts(
                    name=name, test=check.test if check else (), probes=state.probes
                )
                found = diagnose_service(facts)
                return NotReady(
                    rationale=found.sentence,
                    evidence="\n".join(state.probes[-2:]),
                    cause=found.cause,
                )
        return None

    def _explained(self, logs: str) -> str:
        if self.port != MYSQL_PORT:
            return ""  # what is known is of MySQL and MariaDB
        return explain_server(logs, self.files, self.series, self.product)

    def _ended(self, name: str) -> NotReady:
        container = self.container(name)
        logs = container.logs()
        if name == self.database and (why := self._explained(logs)):
            code = container.state().exit_code
            return NotReady(
                rationale=f"The service {name!r} ended with exit code {code}: {why}",
                evidence=f"Last lines of the log of {name!r}:\n{telling_lines(logs)}",
                cause="service-ended",
            )
        facts = ServiceFacts(
            name=name, running=False, exit_code=container.state().exit_code, logs=logs
        )
        found = diagnose_service(facts)
        evidence = f"Last lines of the log of {name!r}:\n{last_lines(logs)}"
        return NotReady(rationale=found.sentence, evidence=evidence, cause=found.cause)
