"""The certificate of a run for a Compose project, where its exam asks for TLS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from grader.run.compose.project_roles import ComposeRoles
from grader.run.compose.stand_ins import StandIns
from grader.run.context import RunContext
from grader.run.tls import issue, project_paths


def given_files(context: RunContext, root: Path, compose: str) -> dict[str, str]:
    """Return the paths in the submission that files of the exam's take, to the names of these.

    None where the exam asks for no TLS. `compose` is the path of the Compose file.
    """
    return project_paths(root, compose) if context.challenge.speaks_tls else {}


def with_certificate(
    context: RunContext, roles: ComposeRoles, stand_ins: StandIns, given: Mapping[str, str]
) -> StandIns:
    """Return `stand_ins` with the content of the files `given`, of which there may be none.

    The certificate is for the names that the app, and what plays a role, is reached by inside.
    """
    if not context.challenge.speaks_tls:
        return stand_ins
    services = roles.project(roles.fresh).services
    names = [
        name
        for one in dict.fromkeys([roles.app.name, *roles.named.values()])
        for name in (one, *services[one].networking.all_aliases)
    ]
    tls = issue(context, names)
    files = {path: tls.contents[name] for path, name in given.items()}
    return replace(stand_ins, files=files, authority=tls.authority)
