"""What a sentence may say of the files that an app was built from: the door to them."""

from __future__ import annotations

from typing import Protocol

from grader.requirement_files import RequiredPackage


class AppSources(Protocol):
    """The submission's files, as far as they tell why a program in the image cannot be run.

    Paths are those of the repository, with slashes; `program` is a path in the container.
    """

    def named(self, program: str) -> str:
        """The file that the container's `program` most likely is; empty where there is none."""

    def text(self, path: str) -> str:
        """The first part of a file's text."""

    def has_crlf(self, path: str) -> bool:
        """Whether the lines of a file end as on Windows."""

    def crlf_scripts(self) -> tuple[str, ...]:
        """The shell scripts whose lines end so."""

    def is_executable(self, path: str) -> bool:
        """Whether the file may be executed as it was handed in."""

    def mounted_over(self, program: str) -> str:
        """Where the Compose file mounts the repository over `program`; empty where it does not."""

    def changes_mode(self, path: str) -> bool:
        """Whether the Dockerfile makes a file executable."""

    def command(self, text: str) -> str:
        """Where `text` stands as the command: a file with its line; empty where nowhere."""

    def kept_out(self, path: str) -> str:
        """What keeps `path` out of the repository or the image, with its line; or empty."""

    def creates_app(self) -> tuple[str, ...]:
        """The Python files that make a Flask application."""

    def requires(self, package: str) -> bool:
        """Whether one of the files that name packages names `package`."""

    def requirements(self) -> tuple[RequiredPackage, ...]:
        """What the files that name packages ask for, those of the image's own folder first."""
