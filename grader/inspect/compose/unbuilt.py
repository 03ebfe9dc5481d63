"""What is said where no service is built from the submission's code, and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from grader.inspect.compose.project import ComposeService, Project
from grader.inspect.dockerfile import base_of, read_dockerfile
from grader.inspect.files import list_files
from grader.inspect.near_files import SKIPPED, listed
from grader.text import LocatedSentence

DOCKERFILE = re.compile(r"(?:[\w-]+\.)?dockerfile(?:\.[\w-]+)?$", re.IGNORECASE)
"""`Dockerfile`, `Dockerfile.dev` and `dev.Dockerfile`."""
CODE = re.compile(r"\.py$|^(?:requirements[\w.-]*\.txt|pyproject\.toml|Pipfile)$")
RUNTIME = re.compile(r"(?:^|/)(?:python|pypy|uv|poetry|node|debian|ubuntu|alpine)(?:[:@]|$)")
"""Images of languages and systems, which hold no app."""
PYTHON = re.compile(r"python|uv|poetry")
MOST = 20
"""Dockerfiles that are looked into."""


@dataclass(frozen=True, kw_only=True)
class FoundBuild:
    """A Dockerfile of the submission that a service may be built from."""

    path: str
    base: str
    """The image that it stands on."""
    with_code: bool
    """Whether Python files, or what they require, stand in its own folder."""

    @property
    def folder(self) -> str:
        """Its folder; `.` is the top."""
        return str(PurePosixPath(self.path).parent)

    @property
    def written(self) -> str:
        """What a service writes to be built from it."""
        usual = PurePosixPath(self.path).name == "Dockerfile"
        if usual and (self.with_code or self.folder == "."):
            return "`build: .`" if self.folder == "." else f"`build: ./{self.folder}`"
        return f"`build: {{context: ., dockerfile: {self.path}}}`"


def find_builds(root: Path) -> tuple[FoundBuild, ...]:
    """Return the Dockerfiles under `root`: those on Python first, then those nearest to the top."""
    paths = [one for one in list_files(root) if SKIPPED.isdisjoint(PurePosixPath(one).parts)]
    coded = {str(PurePosixPath(one).parent) for one in paths if CODE.search(one.rpartition("/")[2])}
    named = [one for one in paths if DOCKERFILE.fullmatch(one.rpartition("/")[2])]
    found = [
        FoundBuild(
            path=path, base=base_of(read_dockerfile(root, path)),
            with_code=str(PurePosixPath(path).parent) in coded,
        )
        for path in sorted(named, key=lambda one: (one.count("/"), one))[:MOST]
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda one: not PYTHON.search(one.base)))


def not_built(project: Project, service: ComposeService, builds: Sequence[FoundBuild]) -> str:
    """Say that a service that may be the app runs an image, and how it is built from the code."""
    line, image = service.lines.of("image"), service.image.shown
    if RUNTIME.search(service.image.reference):
        said = (
            f"`{service.name}` runs the plain image `{image}`, and what its command installs at "
            "the start cannot be had: a container reaches no package index."
        )
        missing = (
            f"Write a Dockerfile (`FROM {image}`, `COPY . .`, `RUN pip install -r "
            "requirements.txt`, `CMD …`) and `build: .` in the place of `image`."
        )
    else:
        of = f"{service.image.lacking}," if service.image.lacks else ""
        said = f"`{service.name}` names the image `{image}`{of} and is not built from your code."
        missing = (
            "Your repository has no Dockerfile: add one, with the code that it copies, and write "
            "`build: .` in the place of `image`."
        )
    own = [one for one in builds if service.name.lower() in one.path.lower()]
    return LocatedSentence(project.path, line, f"{said} {_remedy(own or builds) or missing}")


def _remedy(builds: Sequence[FoundBuild]) -> str:
    """Return how a service is built from what was found; empty where nothing was."""
    if not builds:
        return ""
    first = builds[0]
    has = f"Your repository has {first.path}"
    if builds[1:]:
        has = f"Of your {listed([one.path for one in builds[:3]])}, {first.path} may be the app's"
    return f"{has}: write {first.written} in the place of `image`."


def none_built(
    project: Project, builds: Sequence[FoundBuild], parts: Iterable[tuple[str, str]]
) -> str:
    """Say that no service may be the app; `parts` are services and what they are instead."""
    how = (
        f"Your repository has {builds[0].path}: add a service with {builds[0].written}."
        if builds
        else "Add a Dockerfile, and a service with `build: .`."
    )
    others = "".join(f" `{name}` is {what}, not the app." for name, what in parts)
    return LocatedSentence(project.path, 0, f"no service is built from your code. {how}{others}")


def inactive(project: Project, service: ComposeService) -> str:
    """Say that profiles keep the app from being started."""
    line = service.lines.of("profiles")
    return LocatedSentence(
        project.path, line,
        f"`{service.name}` is built from your code, but its `profiles` keep "
        "`docker compose up` from starting it: remove `profiles`, or name one of them in "
        "COMPOSE_PROFILES of your .env.example.",
    )  # fmt: skip
