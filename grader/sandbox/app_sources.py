"""What a sentence may say of the files that an app was built from: the door to them."""

from __future__ import annotations

from typing import Protocol

from grader.requirement_files import RequiredPackage


class AppSources(Protocol):
    """The submission's files, as far as they tell why a program in the image cannot be run.

    Paths are those of the repository, with slashes; `program` is a path in the container.
    """

    def named(self, program: str) -> str:
        """Return the file that the container's `program` most likely is.

        Empty where there is none.
        """

    def text(self, path: str) -> str:
        """Return the first part of a file's text."""

    def has_crlf(self, path: str) -> bool:
        """Return whether the lines of a file end as on Windows."""

    def crlf_scripts(self) -> tuple[str, ...]:
        """Return the shell scripts whose lines end so."""

    def is_executable(self, path: str) -> bool:
        """Return whether the file may be executed as it was handed in."""

    def mounted_over(self, program: str) -> str:
        """Return where the Compose file mounts the repository over `program`.

        Empty where it does not.
        """

    def changes_mode(self, path: str) -> bool:
        """Return whether the Dockerfile makes a file executable."""

    def command(self, text: str) -> str:
        """Return where `text` stands as the command: a file with its line; empty where nowhere."""

    def broken_list(self) -> tuple[str, str]:
        """Return where a command stands that was to be a list and is none, and its text.

        Both are empty where there is none.
        """

    def kept_out(self, path: str) -> str:
        """Return what keeps `path` out of the repository or the image, with its line; or empty."""

    def creates_app(self) -> tuple[str, ...]:
        """Return the Python files that make a Flask application."""

    def requires(self, package: str) -> bool:
        """Return whether one of the files that name packages names `package`."""

    def requirements(self) -> tuple[RequiredPackage, ...]:
        """Return what the files that name packages ask for.

        Those of the image's own folder come first.
        """
