"""A service is named in its own folder: what knows one by name cannot take another in its place."""

from __future__ import annotations

import re
from pathlib import Path

import grader
from grader.service_catalogue import built_in

PACKAGE = Path(grader.__file__).parent
ROOMS = ("exam", "report", "run", "spec")
OWN = ("exam/services/",)
"""The suite's side of each service."""
COMPOSE = "the database of a Compose project that a suite looks into is a MySQL or a MariaDB"
MAY: dict[str, str] = {
    "exam/connection.py": "`identity` is an encoding of HTTP, too",
    "exam/forkserver.py": "loads beforehand what most suites ask for",
    "run/compose/asked_roles.py": COMPOSE,
    "run/compose/clues.py": COMPOSE,
    "run/compose/credentials.py": COMPOSE,
    "run/compose/deploy.py": COMPOSE,
    "run/compose/diagnosis.py": COMPOSE,
    "run/compose/endpoints.py": COMPOSE,
    "run/compose/environment.py": COMPOSE,
    "run/compose/first_said.py": COMPOSE,
    "run/compose/database_server.py": COMPOSE,
    "run/compose/mysql_version.py": COMPOSE,
    "run/compose/project.py": COMPOSE,
    "run/compose/refused.py": COMPOSE,
    "run/compose/render.py": COMPOSE,
    "run/compose/project_roles.py": COMPOSE,
    "run/compose/resolve.py": COMPOSE,
    "run/compose/settings.py": COMPOSE,
    "run/compose/stores.py": "which images of a project's services are made here",
    "run/compose/unknown_database.py": COMPOSE,
    "run/probes/late_database.py": COMPOSE,
    "run/stand_ins.py": "what MySQL stands in for is told from what Python does",
    "spec/base_images.py": "names of images that a Dockerfile may build on",
    "spec/challenge.schema.json": "`submission.mysql`, and examples",
    "spec/loader.py": "`submission.mysql`: the version of a Compose project's MySQL",
    "spec/roles.py": COMPOSE,
}
"""Files that name a service, each with the reason."""


ADDRESSES = re.compile(r"e-?mail|mailto", re.IGNORECASE)
"""What is about addresses of mail, and no mail server."""
ORDINARY = re.compile(r"(?<![\"'{])\b(identity|objects)\b", re.IGNORECASE)
"""Words that are also names of services: such a name stands in quotes or in a placeholder."""


def naming(text: str) -> set[str]:
    """The services that a text names."""
    text = ORDINARY.sub("", ADDRESSES.sub("", text)).lower()
    return {name for name in built_in() if name in text}


def test_nothing_else_names_a_service() -> None:
    named = {
        path.relative_to(PACKAGE).as_posix()
        for room in ROOMS
        for path in (PACKAGE / room).rglob("*")
        if path.suffix in {".py", ".json", ".html"} and naming(path.read_text("utf-8"))
    }
    assert {one for one in named if not one.startswith(OWN)} == set(MAY)
