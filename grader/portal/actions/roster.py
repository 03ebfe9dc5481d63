"""The people of a course, from a table: added and changed, never removed."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from grader.portal.actions.audit import record
from grader.portal.actions.signing_in import new_link
from grader.portal.data.people import Course, Membership, User, UserIdentity
from grader.portal.errors import ActionRefused
from grader.portal.rules.roles import CourseRole
from grader.text import clean, clip

MOST_ROWS = 5000
MOST_BYTES = 2 * 1024 * 1024
ADDRESS = re.compile(r"[^\s@<>\"',;:()]{1,64}@[^\s@<>\"',;:()]{1,190}\.[^\s@<>\"',;:()]{1,60}")


@dataclass(frozen=True, kw_only=True)
class RosterRow:
    """A person in a roster."""

    email: str
    name: str
    role: CourseRole
    number: str


@dataclass(frozen=True, kw_only=True)
class Invited:
    """Somebody who has no password yet, with the link to set one."""

    user: User
    token: str


def read_roster_table(text: str) -> list[RosterRow]:
    """Return the rows of a CSV file with the columns email and name, and role and number.

    Raises `ActionRefused` that names the line.
    """
    if len(text) > MOST_BYTES:
        msg = f"The table is longer than {MOST_BYTES >> 20} MiB; send it in parts."
        raise ActionRefused(msg)
    reader = csv.DictReader(io.StringIO(text.lstrip("\ufeff")), skipinitialspace=True)
    columns = [name.strip().lower() for name in reader.fieldnames or []]
    if not {"email", "name"} <= set(columns):
        msg = (
            "The first line names the columns: email,name,role,number (the last two are optional)."
        )
        raise ActionRefused(msg)
    reader.fieldnames = columns
    rows: list[RosterRow] = []
    for row in reader:
        if len(rows) >= MOST_ROWS:
            msg = f"The table has more than {MOST_ROWS} people; send it in parts."
            raise ActionRefused(msg)
        if any((value or "").strip() for value in row.values() if isinstance(value, str)):
            rows.append(_row(row, reader.line_num))
    if not rows:
        msg = "The table names nobody. Give a line for each person below the first one."
        raise ActionRefused(msg)
    return rows


def _row(row: dict[str, str | None], line: int) -> RosterRow:
    values = {name: (row.get(name) or "").strip() for name in ("email", "name", "role", "number")}
    if not ADDRESS.fullmatch(values["email"]):
        shown = clip(clean(values["email"]), 80)
        msg = f"Line {line}: {shown!r} is no e-mail address. Nothing was changed."
        raise ActionRefused(msg)
    try:
        role = CourseRole(values["role"].lower() or "student")
    except ValueError:
        roles = ", ".join(CourseRole)
        shown = clip(clean(values["role"]), 80)
        msg = f"Line {line}: {shown!r} is no role; there are {roles}. Nothing was changed."
        raise ActionRefused(msg) from None
    name = clip(clean(values["name"]), 200).replace("\n", " ") or values["email"]
    return RosterRow(
        email=values["email"], name=name, role=role, number=clip(clean(values["number"]), 100)
    )


def enrol(
    session: Session,
    actor: User | None,
    course: Course,
    rows: Iterable[RosterRow],
    now: datetime,
    *,
    links: bool = True,
) -> list[Invited]:
    """Add the people of `rows` to `course`, or change their role.

    Who could not sign in yet gets a link, unless `links` says that there are none.
    """
    invited, count = [], 0
    for row in rows:
        user, count = _user(session, row), count + 1
        membership = session.get(Membership, (course.id, user.id))
        if membership is None:
            membership = Membership(course_id=course.id, user_id=user.id, role=row.role)
            session.add(membership)
        membership.role = row.role
        membership.number = row.number or membership.number or ""
        if links and user.password_hash is None and not _is_linked(session, user):
            invited.append(Invited(user=user, token=new_link(session, user, now)))
    record(session, actor, "enrol", f"course/{course.id}", people=count)
    session.flush()
    return invited


def invite(session: Session, actor: User, user: User, now: datetime) -> Invited:
    """Give a person a new link, who has forgotten the password."""
    record(session, actor, "invite", f"user/{user.id}")
    return Invited(user=user, token=new_link(session, user, now))


def _is_linked(session: Session, user: User) -> bool:
    """Return whether the person signs in at a provider."""
    return bool(session.scalar(select(exists().where(UserIdentity.user_id == user.id))))


def _user(session: Session, row: RosterRow) -> User:
    found = session.scalar(select(User).where(func.lower(User.email) == row.email.lower()))
    if found is not None:
        return found
    made = User(email=row.email, name=row.name)
    session.add(made)
    session.flush()
    return made
