"""A portal's database with courses and students, on a PostgreSQL of the benchmark's own."""

from __future__ import annotations

import io
import os
import secrets
import signal
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.model import Challenge
from grader.portal.actions.exams import register
from grader.portal.actions.hand_in import HandedIn, hand_in
from grader.portal.actions.signing_in import begin_session
from grader.portal.data.base import utc_now
from grader.portal.data.database import PortalDatabase
from grader.portal.data.exams import Assignment, ExamVersion
from grader.portal.data.migrate import migrate
from grader.portal.data.people import Course, Membership, User
from grader.portal.rules.roles import CourseRole
from grader.portal.rules.schedule import AssignmentRules, Dates
from grader.portal.serve.database_server import PortalServer, remove_database, start_database
from grader.portal.store import BlobStore, StoredBlob
from grader.portal.web.app import create_app
from grader.portal.web.config import PortalConfig
from grader.portal.web.sessions import TOKEN
from grader.portal.web.state import NAME
from grader.sandbox.engine import Engine
from grader.settings import Settings

COOKIE = "grader_portal"
"""The portal's session cookie."""


@dataclass(frozen=True, kw_only=True)
class PlannedCourse:
    """A course to make: a student has one submission under way in an assignment at a time."""

    title: str
    weight: int
    students: int
    assignments: int


@dataclass(frozen=True, kw_only=True)
class MadeCourse:
    """A course, and who and what is in it, by their ids."""

    title: str
    id: int
    weight: int
    students: tuple[int, ...]
    assignments: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class OwnServer:
    """A PostgreSQL that is the benchmark's alone."""

    engine: Engine
    server: PortalServer
    folder: Path

    @property
    def url(self) -> str:
        """Its address, with the password."""
        return self.server.url

    def crash(self) -> None:
        """Kill one of its processes: all others end with it, and it recovers from its log."""
        container = self.engine.client.containers.get(self.server.container)
        rows = container.top(ps_args="-eo pid,args")["Processes"]
        backends = [int(pid) for pid, command in rows if "postgres: portal" in command]
        if backends:
            try:
                os.kill(backends[-1], signal.SIGKILL)
            except ProcessLookupError:
                pass  # it has just ended by itself


@contextmanager
def own_server(settings: Settings) -> Iterator[OwnServer]:
    """Start a PostgreSQL with the portal's tables; nothing is left of it at the end."""
    engine, name = Engine.connect(settings.docker_host), f"benchmark-{secrets.token_hex(4)}"
    with tempfile.TemporaryDirectory(prefix="grader-benchmark-") as scratch:
        try:
            server = start_database(engine, settings, Path(scratch), name)
            database = PortalDatabase(server.url)
            migrate(database)
            database.close()
            yield OwnServer(engine=engine, server=server, folder=Path(scratch))
        finally:
            remove_database(engine, name)
            engine.close()


def make_courses(
    database: PortalDatabase, challenge: Challenge, planned: list[PlannedCourse]
) -> list[MadeCourse]:
    """Make courses whose assignments are all of `challenge`."""
    with database.transaction() as session:
        register(session, [challenge])
        session.flush()
        exam = session.scalars(
            select(ExamVersion.id).where(ExamVersion.digest == challenge.digest)
        ).one()
        return [_course(session, one, exam) for one in planned]


def _course(session: Session, planned: PlannedCourse, exam: int) -> MadeCourse:
    now = utc_now()
    course = Course(title=planned.title, weight=planned.weight)
    people = [
        User(email=f"{planned.title}-{at}@school.example".lower().replace(" ", "-"), name=f"S{at}")
        for at in range(planned.students)
    ]
    session.add_all([course, *people])
    session.flush()
    session.add_all(
        Membership(course_id=course.id, user_id=one.id, role=CourseRole.STUDENT) for one in people
    )
    assignments = [
        Assignment(
            course_id=course.id, exam_version_id=exam, title=f"Exam {at + 1}",
            dates=Dates(opens=now - timedelta(days=1), due=now + timedelta(days=1)),
            rule_values=AssignmentRules().to_dict(), published_at=now,
        )
        for at in range(planned.assignments)
    ]  # fmt: skip
    session.add_all(assignments)
    session.flush()
    return MadeCourse(
        title=planned.title, id=course.id, weight=planned.weight,
        students=tuple(one.id for one in people),
        assignments=tuple(one.id for one in assignments),
    )  # fmt: skip


def archive_of(folder: Path) -> bytes:
    """Return a zip file of a solution."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                packed.write(path, path.relative_to(folder))
    return out.getvalue()


def keep_blob(blobs: Path, content: bytes) -> StoredBlob:
    """Keep what everybody hands in."""
    return BlobStore(blobs).put(io.BytesIO(content), most=len(content))


def hand_in_all(database: PortalDatabase, course: MadeCourse, blob: StoredBlob) -> int:
    """Hand in for each student in each assignment of `course`; return how many there are."""
    count = 0
    for assignment in course.assignments:
        with database.transaction() as session:
            place = session.get_one(Assignment, assignment)
            for student in course.students:
                sent = HandedIn(
                    kind="archive", name="answer.zip", blob=blob, request_key=secrets.token_hex(8)
                )
                hand_in(session, session.get_one(User, student), place, sent, utc_now())
                count += 1
    return count


def signed_in_cookies(database: PortalDatabase, folder: Path, people: tuple[int, ...]) -> list[str]:
    """Return the value of the portal's cookie of a browser in which each of `people` signed in."""
    app = create_app(PortalConfig(database=database.url, folder=folder))
    found = []
    for person in people:
        client = app.test_client()
        with database.transaction() as session:
            token = begin_session(session, session.get_one(User, person), utc_now())
        with client.session_transaction() as cookie:
            cookie[TOKEN] = token
        made = client.get_cookie(COOKIE)
        assert made is not None
        found.append(made.value)
    state = app.extensions[NAME]
    state.hub.close()
    state.database.close()
    return found
