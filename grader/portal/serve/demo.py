"""A course to look around in: three exams and a few people, with one password for all."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.portal.actions.audit import record
from grader.portal.data.exams import Assignment, ExamVersion
from grader.portal.data.people import Course, Membership, User
from grader.portal.rules.late import LateKind, LateRule
from grader.portal.rules.roles import CourseRole
from grader.portal.rules.schedule import AssignmentRules, Dates

TITLE = "Demo: web applications"
EXAMS = ("cli-calculator", "hello-routes", "todo-api")
PEOPLE = (
    ("ines@demo.example", "Ines Instructor", CourseRole.INSTRUCTOR),
    ("tom@demo.example", "Tom Assistant", CourseRole.ASSISTANT),
    ("ada@demo.example", "Ada Student", CourseRole.STUDENT),
    ("ben@demo.example", "Ben Student", CourseRole.STUDENT),
    ("cleo@demo.example", "Cleo Student", CourseRole.STUDENT),
)
WEEK = timedelta(days=7)


def add_demo(session: Session, exams: Sequence[ExamVersion], now: datetime) -> list[str]:
    """Add the course, unless it is there; returns lines that say how to sign in."""
    if session.scalar(select(Course.id).where(Course.title == TITLE)) is not None:
        return []
    password = secrets.token_urlsafe(12)
    hashed = PasswordHasher().hash(password)
    course = Course(title=TITLE)
    people = [User(email=email, name=name, password_hash=hashed) for email, name, _ in PEOPLE]
    session.add_all([course, *people])
    session.flush()
    session.add_all(
        Membership(course_id=course.id, user_id=user.id, role=role, number=f"D{user.id:04}")
        for user, (_, _, role) in zip(people, PEOPLE, strict=True)
    )
    chosen = [one for one in exams if one.slug in EXAMS] or list(exams)
    for number, exam in enumerate(chosen[: len(EXAMS)]):
        session.add(_assignment(course, exam, number, now))
    record(session, None, "add demo", f"course/{course.id}")
    names = ", ".join(email for email, _, _ in PEOPLE)
    return [f"Demo: sign in as one of {names} with the password {password}"]


def _assignment(course: Course, exam: ExamVersion, number: int, now: datetime) -> Assignment:
    late = LateRule(kind=LateKind.PER_CENT, per_cent=10)
    return Assignment(
        course_id=course.id, exam_version_id=exam.id, title=exam.title,
        dates=Dates(opens=now, due=now + WEEK * (number + 1), closes=now + WEEK * (number + 2)),
        rule_values=AssignmentRules(late=late).to_dict(), published_at=now,
    )  # fmt: skip
