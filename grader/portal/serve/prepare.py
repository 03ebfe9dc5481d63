"""What a portal needs before its pages and workers start: tables, exams, a role, a first person."""

from __future__ import annotations

from collections.abc import Sequence

from grader.portal.actions.exams import register
from grader.portal.data.base import utc_now
from grader.portal.data.database import PortalDatabase
from grader.portal.data.migrate import migrate
from grader.portal.data.worker_role import make_worker_role
from grader.portal.serve.demo import add_demo
from grader.portal.serve.first_start import administrators_link
from grader.portal.worker.exams import exams_here
from grader.settings import Settings

WORKERS = "portal_worker"
"""The role of workers in the database."""


def prepare(
    database: PortalDatabase,
    settings: Settings,
    *,
    address: str,
    exams: Sequence[str] = (),
    worker_password: str = "",
    demo: bool = False,
) -> tuple[list[str], str]:
    """Migrate, register exams, and make the workers' role where there is a password for it.

    Return what is to be told at a first start, and the workers' address of the database.
    """
    migrate(database)
    found = exams_here(settings.challenges, exams)
    with database.transaction() as session:
        known = register(session, found.values())
        told = administrators_link(session, address, utc_now())
        if demo:
            told += add_demo(session, known, utc_now())
    narrow = make_worker_role(database, WORKERS, worker_password) if worker_password else ""
    return told, narrow
