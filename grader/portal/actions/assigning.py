"""Making and changing assignments, and extensions for single students."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.portal.actions.audit import record
from grader.portal.actions.notify import notify
from grader.portal.data.exams import Assignment, ExamVersion, Extension
from grader.portal.data.people import Course, Membership, User
from grader.portal.data.work import SubmissionRecord
from grader.portal.errors import ActionRefused
from grader.portal.rules.allowance import shown_time
from grader.portal.rules.late import LateKind, LateRule
from grader.portal.rules.notices import NoticeKind
from grader.portal.rules.schedule import AssignmentRules, Counting, Dates
from grader.text import clean, clip

MOST = 10_000


@dataclass(frozen=True, kw_only=True)
class AssignmentForm:
    """What an instructor sent."""

    title: str
    exam_version_id: int
    dates: Dates
    rules: AssignmentRules
    published: bool


def read_form(form: Mapping[str, str]) -> AssignmentForm:
    """Return what the form says. Raises `ActionRefused` that names the field."""
    title = clip(clean(form.get("title", "")).strip(), 200)
    if not title:
        msg = "Give the assignment a title."
        raise ActionRefused(msg)
    dates = Dates(*(_moment(form, name) for name in ("opens", "due", "closes")))
    known = [one for one in (dates.opens, dates.due, dates.closes) if one is not None]
    if known != sorted(known):
        msg = "It has to open before it is due, and to be due before it closes. Correct the dates."
        raise ActionRefused(msg)
    kind = LateKind(form.get("late", "none")) if form.get("late") in list(LateKind) else None
    counting = form.get("counting", "best")
    if kind is None or counting not in list(Counting):
        msg = "Choose a late rule, and which submission counts."
        raise ActionRefused(msg)
    rules = AssignmentRules(
        late=LateRule(
            kind=kind, per_cent=_number(form, "per_cent", 100), tokens=_number(form, "tokens", 365)
        ),
        attempts=_number(form, "attempts", MOST) or None,
        cool_down=_number(form, "cool_down", MOST) * 60,
        counting=Counting(counting),
    )
    return AssignmentForm(
        title=title, exam_version_id=_number(form, "exam", 2**31), dates=dates, rules=rules,
        published=form.get("published") == "yes",
    )  # fmt: skip


def save(
    session: Session,
    actor: User,
    sent: AssignmentForm,
    now: datetime,
    *,
    course: Course,
    assignment: Assignment | None = None,
) -> Assignment:
    """Make an assignment, or change `assignment`.

    Raises `ActionRefused` where one is to be published whose exam nobody has proven.
    """
    exam = session.get(ExamVersion, sent.exam_version_id)
    if exam is None:
        msg = "Choose an exam from the list."
        raise ActionRefused(msg)
    if sent.published and exam.verified is None:
        msg = (
            f"{exam.title} {exam.version} was not proven by `grader verify`, so students cannot "
            "have it yet. Ask the operator to verify it."
        )
        raise ActionRefused(msg)
    if assignment and assignment.exam_version_id != exam.id and _handed_in(session, assignment):
        msg = (
            "Somebody has handed in already, so the exam stays. For another version of it, begin a "
            "regrade: it shows what becomes of each submission first. For another exam, make "
            "another assignment."
        )
        raise ActionRefused(msg)
    made = assignment or Assignment(course_id=course.id)
    made.title, made.exam_version_id = sent.title, exam.id
    made.dates, made.rule_values = sent.dates, sent.rules.to_dict()
    made.published_at = (made.published_at or now) if sent.published else None
    session.add(made)
    session.flush()
    record(
        session, actor, "save assignment", f"assignment/{made.id}", title=made.title,
        exam=exam.digest, rules=made.rule_values, published=sent.published,
        dates=[one.isoformat() if one else None for one in
               (made.dates.opens, made.dates.due, made.dates.closes)],
    )  # fmt: skip
    return made


def _handed_in(session: Session, assignment: Assignment) -> bool:
    """Return whether anything was handed in; who hands in now waits for this transaction."""
    session.refresh(assignment, with_for_update=True)
    return bool(
        session.scalar(
            select(SubmissionRecord.id)
            .where(SubmissionRecord.assignment_id == assignment.id)
            .limit(1)
        )
    )


def extend_for(
    session: Session, actor: User, assignment: Assignment, form: Mapping[str, str], now: datetime
) -> Extension:
    """Give a student more time, or another end of it. Raises `ActionRefused`."""
    until, why = _moment(form, "until"), clip(clean(form.get("why", "")).strip(), 1000)
    user_id = _number(form, "user", 2**62)
    if until is None or not why:
        msg = "Say until when, and why."
        raise ActionRefused(msg)
    if session.get(Membership, (assignment.course_id, user_id)) is None:
        msg = "Choose somebody of this course."
        raise ActionRefused(msg)
    found = session.scalar(
        select(Extension).where(
            Extension.assignment_id == assignment.id, Extension.user_id == user_id
        )
    )
    made = found or Extension(assignment_id=assignment.id, user_id=user_id)
    made.until, made.why, made.granted_by = until, why, actor.id
    session.add(made)
    session.flush()
    record(
        session, actor, "extend", f"assignment/{assignment.id}", user=user_id,
        until=until.isoformat(), why=why,
    )  # fmt: skip
    notify(
        session, [user_id], NoticeKind.EXTENSION, f"assignment/{assignment.id}", now,
        assignment=assignment.title, until=shown_time(until),
    )  # fmt: skip
    return made


def _moment(form: Mapping[str, str], name: str) -> datetime | None:
    """Return a moment in UTC, as `datetime-local` fields send it."""
    text = form.get(name, "").strip()
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        msg = f"{clip(clean(text), 40)!r} is no moment; write one like 2030-06-30T18:00 (UTC)."
        raise ActionRefused(msg) from None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _number(form: Mapping[str, str], name: str, most: int) -> int:
    text = form.get(name, "").strip() or "0"
    if not text.isascii() or not text.isdigit() or int(text[:20]) > most:
        msg = f"{name.replace('_', ' ')}: write a whole number from 0 to {most}."
        raise ActionRefused(msg)
    return int(text)
