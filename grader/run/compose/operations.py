"""What a suite may ask of a Compose project: `ComposeOperations`, and its own database."""

from __future__ import annotations

from dataclasses import dataclass

from grader.run.app import DeployedApp
from grader.run.compose.project import ComposeProject


@dataclass(frozen=True)
class ProjectOperations:
    """Acts on the whole project; each method raises `Mismatch` where the app does not come back."""

    project: ComposeProject
    app: DeployedApp

    def down_up(self) -> None:
        """Run `down` without `-v`, then `up`."""
        self.project.down_up(self.app)

    def kill(self) -> None:
        """Kill every container and start all."""
        self.project.kill(self.app)


@dataclass(frozen=True)
class ProjectDatabase:
    """Stops and starts the project's own database server."""

    project: ComposeProject

    def restart(self) -> None:
        """Kill the server and start it. Raises `Mismatch` where it does not come back."""
        self.project.restart_database()

    def stop(self) -> None:
        """Stop the server."""
        self.project.environment.database.stop()

    def start(self) -> None:
        """Start it after a stop. Raises `Mismatch` where it does not come back."""
        self.project.start_database_again()
