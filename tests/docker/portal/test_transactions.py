"""Handing in, leases, the sweeper and withdrawing, on a real PostgreSQL."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from grader.model import Outcome, Ungradable
from grader.portal.actions import leases
from grader.portal.actions.receipt import receipt_of
from grader.portal.actions.regrade import grade_again
from grader.portal.actions.results import conclude
from grader.portal.actions.sweep import MOST_ATTEMPTS, sweep
from grader.portal.actions.withdraw import withdraw
from grader.portal.data.base import TableBase, utc_now
from grader.portal.data.database import PortalDatabase, libpq_url
from grader.portal.data.exams import Assignment
from grader.portal.data.migrate import migrate
from grader.portal.data.operations import AuditEntry, QueueClock
from grader.portal.data.people import Course, User
from grader.portal.data.work import GradingResult, GradingState, SubmissionRecord
from grader.portal.errors import ActionRefused, DatabaseAway
from grader.portal.rules.schedule import AssignmentRules, Dates
from grader.testing import a_challenge, a_provenance, a_result, graded
from tests.docker.portal.conftest import execute, within
from tests.docker.portal.people import BLOB, School

LATER = leases.LEASE + timedelta(seconds=1)
REPORT = graded(a_result("entry.create"), a_result("entry.stored", Outcome.FAILED))
FAULT = Ungradable(challenge=a_challenge(), provenance=a_provenance(), reason="No engine.")


OLDER = """
INSERT INTO user_account (email, name, administrator, active, created_at)
    VALUES ('ada@school.example', 'Ada', false, true, now());
INSERT INTO course (title, weight, last_tag, created_at) VALUES ('Web', 1, 0, now());
INSERT INTO exam_version (slug, title, version, digest, facts, brief, added_at)
    VALUES ('probe', 'Probe', '1', 'sha256:x', '{}', '', now());
INSERT INTO assignment (course_id, exam_version_id, title, rules, created_at)
    VALUES (1, 1, 'Exam', '{}', now());
INSERT INTO submission (assignment_id, user_id, number, source, received_at, request_key)
    VALUES (1, 1, 1, '{}', now(), 'x');
INSERT INTO grading (submission_id, exam_version_id, seed, state, attempt, tag, queued_at, reason)
    VALUES (1, 1, 1, 'done', 1, 0, now(), '');
INSERT INTO result (grading_id, submission_id, verdict, earned, possible, passed, counts, made_at)
    VALUES (1, 1, 'graded', '7', 10, true, true, now() - interval '1 day')
"""
"""What a portal of the first version may have."""


def jobs(session: Session) -> list[tuple[int, str]]:
    """The gradings that have a job, in the order in which they are claimed, and the job's state."""
    found = session.execute(
        text(
            "SELECT args ->> 'grading_id', status FROM procrastinate_jobs "
            "ORDER BY priority DESC, id"
        )
    )
    return [(int(number), status) for number, status in found]


def claim(here: School, grading: int) -> leases.Claim:
    """Claim it."""
    with here.database.transaction() as session:
        found = leases.claim(session, grading, here.worker, utc_now())
        assert found
        return found


def test_migrations_make_the_tables_of_the_models(database: PortalDatabase) -> None:
    """Nothing is left to migrate, and migrating again changes nothing."""
    migrate(database)
    with database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"include_object": lambda one, name, kind, *_: not name.startswith("procrast")},
        )
        assert compare_metadata(context, TableBase.metadata) == []


def test_an_older_database_is_brought_up_to_date(server: str) -> None:
    """Results that it has count, and have counted since they were made; people get e-mail."""
    name = f"older_{secrets.token_hex(4)}"
    execute(server, f"CREATE DATABASE {name}")
    older = PortalDatabase(within(server, name))
    try:
        migrate(older, to="v0001")
        with older.transaction() as session:
            for statement in OLDER.split(";"):
                session.execute(text(statement))
        migrate(older)
        with older.transaction() as session:
            result = session.scalars(select(GradingResult)).one()
            assert result.counts
            assert result.counted_at == result.made_at
            assert session.scalars(select(User.mail)).all() == [True]
    finally:
        older.close()
        execute(server, f"DROP DATABASE {name} WITH (FORCE)")


def test_it_is_all_there_or_nothing(here: School) -> None:
    """Submission, grading, job and audit come together; a failure leaves none of them."""
    submission, grading = here.hand_in()
    with here.database.transaction() as session:
        assert jobs(session) == [(grading, "todo")]
        entry = session.scalars(select(AuditEntry)).one()
        assert (entry.action, entry.subject) == ("hand in", f"submission/{submission}")
    here.change(rules=AssignmentRules(attempts=1))
    with pytest.raises(ActionRefused, match="not graded yet"):
        here.hand_in()
    with here.database.transaction() as session:
        assert len(jobs(session)) == 1
        assert session.scalar(select(func.count()).select_from(SubmissionRecord)) == 1


def test_a_double_click_is_one_submission(here: School) -> None:
    """The same form, sent at once by four connections, comes to one submission."""
    with ThreadPoolExecutor(max_workers=4) as pool:
        found = list(pool.map(lambda _: here.hand_in(request_key="once"), range(4)))
    assert len(set(found)) == 1


def test_two_tabs_do_not_get_around_the_limit(here: School) -> None:
    """Of two forms that are sent at once, one is refused."""

    def one(number: int) -> bool:
        try:
            here.hand_in(request_key=f"tab {number}")
        except ActionRefused:
            return False
        return True

    with ThreadPoolExecutor(max_workers=4) as pool:
        assert sorted(pool.map(one, range(4))) == [False, False, False, True]


@pytest.mark.parametrize(("days", "said"), [(-2, "opens on"), (2.5, "closed on")])
def test_outside_of_the_dates(here: School, days: float, said: str) -> None:
    """The sentence names the moment."""
    now = utc_now()
    day = timedelta(days=1)
    here.change(dates=Dates(opens=now - day, due=now + day, closes=now + 2 * day))
    with pytest.raises(ActionRefused, match=said):
        here.hand_in(now=now + timedelta(days=days))


def test_a_result_is_written_under_its_lease(here: School) -> None:
    """And only there: the first worker was taken for dead, and its result is dropped."""
    _, grading = here.hand_in()
    slow = claim(here, grading)
    now = utc_now() + LATER
    with here.database.transaction() as session:
        assert sweep(session, now).returned == (grading,)
    quick = claim(here, grading)
    assert quick.attempt == 2
    with here.database.transaction() as session:
        assert not leases.extend(session, slow, now)
        assert not conclude(session, slow, REPORT, now)
    with here.database.transaction() as session:
        assert conclude(session, quick, REPORT, now)
    with here.database.transaction() as session:
        found = session.scalars(select(GradingResult)).one()
        assert (found.earned, found.possible, found.counts) == ("5", 10, True)
        assert not conclude(session, quick, REPORT, now)
    assert here.grading(grading).state is GradingState.DONE


def test_only_one_of_many_gets_a_claim(here: School) -> None:
    """Eight workers ask for the same grading at once."""
    _, grading = here.hand_in()

    def one(number: int) -> bool:
        with here.database.transaction() as session:
            return leases.claim(session, grading, here.worker, utc_now()) is not None

    with ThreadPoolExecutor(max_workers=8) as pool:
        assert sum(pool.map(one, range(8))) == 1


def test_a_platform_that_fails_costs_nothing(here: School) -> None:
    """Three attempts, then a fault that is in the audit; the student still has every attempt."""
    here.change(rules=AssignmentRules(attempts=1))
    _, grading = here.hand_in()
    for attempt in range(1, MOST_ATTEMPTS + 1):
        mine = claim(here, grading)
        assert mine.attempt == attempt
        with here.database.transaction() as session:
            assert conclude(session, mine, FAULT, utc_now())
    found = here.grading(grading)
    assert (found.state, found.reason) == (GradingState.FAULT, "No engine.")
    with here.database.transaction() as session:
        assert "platform fault" in session.scalars(select(AuditEntry.action)).all()
        assert session.scalars(select(GradingResult)).all() == []
    here.hand_in()


def test_a_worker_that_ends_in_order_gives_back(here: School) -> None:
    """That attempt does not count."""
    _, grading = here.hand_in()
    mine = claim(here, grading)
    with here.database.transaction() as session:
        assert leases.give_back(session, mine)
    assert claim(here, grading).attempt == 1


def test_a_job_that_is_lost_is_made_again(here: School) -> None:
    """A worker died between taking the job and claiming what it is for."""
    _, grading = here.hand_in()
    with here.database.transaction() as session:
        session.execute(text("UPDATE procrastinate_jobs SET status = 'doing'"))
    with here.database.transaction() as session:
        assert sweep(session, utc_now()).returned == (grading,)
    with here.database.transaction() as session:
        assert jobs(session) == [(grading, "todo")]
        assert sweep(session, utc_now()).returned == ()


def test_withdrawing(here: School) -> None:
    """Before it began it costs no attempt; after that it does, as criteria may have been seen."""
    here.change(rules=AssignmentRules(attempts=1))
    submission, grading = here.hand_in()
    with here.database.transaction() as session:
        ada = here.user(session, "ada")
        assert withdraw(session, ada, session.get_one(SubmissionRecord, submission), utc_now())
    submission, grading = here.hand_in()
    mine = claim(here, grading)
    with here.database.transaction() as session:
        ada = here.user(session, "ada")
        record = session.get_one(SubmissionRecord, submission)
        assert not withdraw(session, ada, record, utc_now())
    with here.database.transaction() as session:
        assert not leases.extend(session, mine, utc_now())
        with pytest.raises(ActionRefused, match="its result already"):
            withdraw(session, here.user(session, "ada"), record, utc_now())
    with pytest.raises(ActionRefused, match="all 1 attempts"):
        here.hand_in()


def test_grading_again_is_behind_live_work_and_blocks_nobody(here: School) -> None:
    """The student hands in meanwhile; what is graded again cannot be withdrawn; history stays."""
    submission, first = here.hand_in()
    with here.database.transaction() as session:
        mine = leases.claim(session, first, here.worker, utc_now())
        assert mine
        assert conclude(session, mine, REPORT, utc_now())
    with here.database.transaction() as session:
        record = session.get_one(SubmissionRecord, submission)
        assignment = session.get_one(Assignment, here.assignment)
        ines = here.user(session, "ines")
        again = grade_again(session, ines, record, assignment, utc_now()).id
    with here.database.transaction() as session, pytest.raises(ActionRefused, match="already"):
        withdraw(session, here.user(session, "ada"), record, utc_now())
    _, live = here.hand_in()
    with here.database.transaction() as session:
        assert [number for number, _ in jobs(session)][-2:] == [live, again]
        virtual = session.get_one(QueueClock, 1).virtual
    mine = claim(here, again)
    with here.database.transaction() as session:
        assert session.get_one(QueueClock, 1).virtual == virtual
        assert conclude(session, mine, REPORT, utc_now())
    with here.database.transaction() as session:
        found = session.scalars(select(GradingResult).order_by(GradingResult.grading_id)).all()
        assert [(one.grading_id, one.counts) for one in found] == [(first, False), (again, True)]


def test_courses_share_the_queue_by_weight(here: School) -> None:
    """One course has handed in long before; the other, of weight 2, is served twice as often."""
    with here.database.transaction() as session:
        other = session.scalars(select(Course).where(Course.title == "Databases")).one()
        other.weight = 2
    first = [here.hand_in(name) for name in ("ada", "ben", "ta", "ines")]
    second = [here.hand_in(name, other=True) for name in ("olga", "otto")]
    with here.database.transaction() as session:
        order = [grading for grading, _ in jobs(session)]
    assert order == [first[0][1], second[0][1], second[1][1], first[1][1], first[2][1], first[3][1]]


def test_the_audit_is_append_only(here: School) -> None:
    """Nobody changes or deletes an entry, not even the portal."""
    here.hand_in()
    for statement in ("DELETE FROM audit", "UPDATE audit SET action = 'x'", "TRUNCATE audit"):
        with pytest.raises(DBAPIError, match="never changed"), here.database.transaction() as one:
            one.execute(text(statement))


def test_the_receipt_says_what_came(here: School) -> None:
    """Digest, time, number."""
    submission, _ = here.hand_in()
    with here.database.transaction() as session:
        found = receipt_of(session, session.get_one(SubmissionRecord, submission))
    assert found.student == "ada@school.example"
    assert found.digest == BLOB.digest
    assert found.received == here.submission(submission).received_at.isoformat()


def test_a_database_that_is_away() -> None:
    """A sentence, and no waiting for long."""
    with pytest.raises(DatabaseAway, match="does not answer"):
        PortalDatabase("postgresql://x@127.0.0.1:9/x").check()


def test_the_database_takes_several_addresses() -> None:
    """As psycopg writes them, and as SQLAlchemy does."""
    assert libpq_url("postgres://u@h/d") == libpq_url("postgresql+psycopg://u@h/d")
    with pytest.raises(DatabaseAway, match="postgresql://"):
        libpq_url("mysql://u@h/d")
    assert psycopg.__version__
