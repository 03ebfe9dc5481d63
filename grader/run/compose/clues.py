"""What Dockerfiles and the settings of proxies tell of the services of a Compose file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from pathlib import PurePosixPath

from grader.inspect.compose.project import ComposeService, Project
from grader.inspect.compose.proxies import Clues, find_targets, is_proxy
from grader.inspect.compose.unbuilt import find_builds
from grader.inspect.dockerfile import (
    Dockerfile,
    base_of,
    find_dockerfile,
    inline_dockerfile,
    read_dockerfile,
)
from grader.model import Submission
from grader.sandbox.images import is_mysql

PYTHON = re.compile(r"(?:^|/)[^/]*(?:python|uv|poetry)[^/]*$")
"""The names of images that a Flask app is built on."""


def dockerfiles_of(submission: Submission, project: Project) -> dict[str, Dockerfile]:
    """Return the Dockerfiles of the services that are built and have one."""
    return {
        name: dockerfile
        for name, service in project.services.items()
        if (dockerfile := _dockerfile(submission, service))
    }


def clues_of(
    submission: Submission, project: Project, dockerfiles: Mapping[str, Dockerfile]
) -> Clues:
    """Return what Dockerfiles and the settings of proxies tell of the services."""
    bases = {name: base_of(one) for name, one in dockerfiles.items()}
    everything = {**project.inactive, **project.services}.items()
    proxies = [name for name, one in everything if is_proxy(one, bases.get(name, ""))]
    active = [name for name in proxies if name in project.services]
    return Clues(
        databases=frozenset(name for name, base in bases.items() if base and is_mysql(base)),
        proxies=frozenset(proxies),
        python=frozenset(name for name, base in bases.items() if PYTHON.search(base)),
        targets=find_targets(submission.root, project, active),
        builds=partial(find_builds, submission.root),
    )


def _dockerfile(submission: Submission, service: ComposeService) -> Dockerfile | None:
    """Return the Dockerfile that a service is built from.

    None where it is not built or has none.
    """
    build = service.build
    if build is None:
        return None
    if build.inline is not None:
        return inline_dockerfile(build.inline, build.args)
    path = build.dockerfile
    if not path:
        folder = submission.root / build.context
        name = find_dockerfile(folder)
        if name is None:
            return None
        path = str(PurePosixPath(build.context, name))
    return read_dockerfile(submission.root, path, build.args)
