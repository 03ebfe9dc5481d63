"""Two courses, with people of every role and an assignment each."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.portal.actions.hand_in import HandedIn, hand_in
from grader.portal.data.base import utc_now
from grader.portal.data.database import PortalDatabase
from grader.portal.data.exams import Assignment, ExamVersion
from grader.portal.data.operations import WorkerRecord
from grader.portal.data.people import Course, Membership, User
from grader.portal.data.work import Grading, SubmissionRecord
from grader.portal.rules.roles import CourseRole
from grader.portal.rules.schedule import AssignmentRules, Dates
from grader.portal.store import StoredBlob

CONTENT = b"PK the answer"
BLOB = StoredBlob(digest=f"sha256:{hashlib.sha256(CONTENT).hexdigest()}", size=len(CONTENT))
PEOPLE = {
    "ada": CourseRole.STUDENT,
    "ben": CourseRole.STUDENT,
    "ta": CourseRole.ASSISTANT,
    "ines": CourseRole.INSTRUCTOR,
}
OTHERS = {"olga": CourseRole.STUDENT, "otto": CourseRole.INSTRUCTOR}
"""Those of the other course."""


@dataclass(frozen=True, kw_only=True)
class School:
    """What the tests begin with."""

    database: PortalDatabase
    people: dict[str, int]
    """Names to ids; `root` is an administrator."""
    assignment: int
    other_assignment: int
    worker: int

    def user(self, session: Session, name: str) -> User:
        """The person of that name."""
        return session.get_one(User, self.people[name])

    def hand_in(
        self, name: str = "ada", *, now: datetime | None = None, other: bool = False, **more: Any
    ) -> tuple[int, int]:
        """Hand in as `name`; gives the ids of the submission and its grading."""
        sent = HandedIn(**{
            "kind": "archive", "name": more.pop("file", "answer.zip"), "blob": BLOB,
            "request_key": secrets.token_hex(8), **more,
        })  # fmt: skip
        with self.database.transaction() as session:
            place = self.other_assignment if other else self.assignment
            assignment = session.get_one(Assignment, place)
            made = hand_in(session, self.user(session, name), assignment, sent, now or utc_now())
            found = session.scalars(
                select(Grading.id).where(Grading.submission_id == made.id)
            ).one()
            return made.id, found

    def change(self, *, dates: Dates | None = None, rules: AssignmentRules | None = None) -> None:
        """Change the assignment."""
        with self.database.transaction() as session:
            assignment = session.get_one(Assignment, self.assignment)
            if dates:
                assignment.dates = dates
            if rules:
                assignment.rule_values = rules.to_dict()

    def change_dates(self, due: datetime) -> None:
        """Have the assignment be due later."""
        self.change(dates=Dates(opens=None, due=due))

    def grading(self, number: int) -> Grading:
        """The grading of that id, as it is now."""
        with self.database.transaction() as session:
            return session.get_one(Grading, number)

    def submission(self, number: int) -> SubmissionRecord:
        """The submission of that id, as it is now."""
        with self.database.transaction() as session:
            return session.get_one(SubmissionRecord, number)


def school(database: PortalDatabase) -> School:
    """Make it."""
    now = utc_now()
    with database.transaction() as session:
        people = {
            name: User(
                email=f"{name}@school.example", name=name.title(), administrator=name == "root"
            )
            for name in (*PEOPLE, *OTHERS, "root")
        }
        exam = ExamVersion(
            slug="probe", title="Probe", version="1.0.0", digest="sha256:" + "e" * 64,
            facts={"pass_mark": 60, "criteria": []}, brief="# Probe\n\nBuild it.",
            verified={"how": "shipped"},
        )  # fmt: skip
        worker = WorkerRecord(name="worker", version="0", capabilities={}, ended_at=now)
        session.add_all([*people.values(), exam, worker])
        made = [_course(session, title) for title in ("Web 1", "Databases")]
        session.flush()
        for course, roles in zip(made, (PEOPLE, OTHERS), strict=True):
            session.add_all(
                Membership(course_id=course.id, user_id=people[name].id, role=role)
                for name, role in roles.items()
            )
        assignments = [
            Assignment(
                course_id=course.id, exam_version_id=exam.id, title=f"Exam of {course.title}",
                dates=Dates(opens=now - timedelta(days=1), due=now + timedelta(days=1)),
                rule_values=AssignmentRules().to_dict(), published_at=now,
            )
            for course in made
        ]  # fmt: skip
        session.add_all(assignments)
        session.flush()
        return School(
            database=database,
            people={name: person.id for name, person in people.items()},
            assignment=assignments[0].id,
            other_assignment=assignments[1].id,
            worker=worker.id,
        )


def _course(session: Session, title: str) -> Course:
    course = Course(title=title)
    session.add(course)
    return course
