"""A worker with the role of workers: it grades all there is, and can read no secret."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner
from sqlalchemy import select, text

from grader.cli.worker_role import worker_role
from grader.errors import PlatformError, SourceError, UsageError
from grader.model import GradeReport
from grader.portal.actions import leases
from grader.portal.actions.regrading import begin
from grader.portal.data.base import TableBase, utc_now
from grader.portal.data.database import PortalDatabase, libpq_url
from grader.portal.data.exams import Assignment
from grader.portal.data.notifications import Notification
from grader.portal.data.operations import AuditEntry
from grader.portal.data.regrades import RegradeItem, RegradeScope
from grader.portal.data.work import GradingState
from grader.portal.data.worker_role import GRANTS, make_worker_role
from grader.portal.rules.notices import NoticeKind
from grader.settings import Settings
from tests.docker.portal.conftest import execute
from tests.docker.portal.people import School
from tests.docker.portal.test_worker import quick, state_of, working

SECRETS = (
    "user_account", "user_identity", "web_session", "access_token", "sign_in_link", "adjustment",
    "extension", "course", "blob", "chore",
)  # fmt: skip


@pytest.fixture
def narrow(here: School, server: str) -> Iterator[PortalDatabase]:
    """The school's database with the role of workers."""
    name = f"worker_{secrets.token_hex(4)}"
    found = PortalDatabase(make_worker_role(here.database, name, secrets.token_urlsafe(9) + "/@:"))
    yield found
    found.close()
    with psycopg.connect(libpq_url(here.database.url), autocommit=True) as connection:
        connection.execute(f"DROP OWNED BY {name}".encode())
    execute(server, f"DROP ROLE {name}")


def test_it_grades_whatever_comes(here: School, narrow: PortalDatabase, machine: Settings) -> None:
    """Results, what cannot be read, faults, regrades, and what a worker before it has left."""
    _, left = here.hand_in("ta")
    with here.database.transaction() as session:
        assert leases.claim(session, left, here.worker, utc_now())
        session.execute(text("UPDATE grading SET lease_until = now() - interval '1 minute'"))
        session.execute(text("UPDATE procrastinate_jobs SET status = 'doing'"))
    fails: dict[int, Exception] = {}

    def any_of_them(*args: Any, **more: Any) -> GradeReport:
        if raised := fails.get(more["options"].seed):
            raise raised
        return quick(*args, **more)

    worker = replace(here, database=narrow)
    with working(worker, machine, any_of_them):
        _, good = here.hand_in("ada")
        assert state_of(here, good, GradingState.DONE) is GradingState.DONE
        assert state_of(here, left, GradingState.DONE) is GradingState.DONE
        for name, error, state in (
            ("ben", SourceError("It is damaged."), GradingState.UNREADABLE),
            ("ines", PlatformError("No engine."), GradingState.FAULT),
        ):
            with pytest.MonkeyPatch.context() as patch:
                seed = 1000 + here.people[name]
                patch.setattr(secrets, "randbelow", lambda _, seed=seed: seed)
                fails[seed] = error
                _, bad = here.hand_in(name)
            assert state_of(here, bad, state) is state
        with here.database.transaction() as session:
            assignment = session.get_one(Assignment, here.assignment)
            begin(
                session, here.user(session, "ines"), assignment, utc_now(), why="w",
                exam_version_id=assignment.exam_version_id, scope=RegradeScope.ALL,
            )  # fmt: skip
        with here.database.transaction() as session:
            again = session.scalars(select(RegradeItem.grading_id)).all()
        for grading in again:
            assert state_of(here, grading, GradingState.DONE) is GradingState.DONE
    with here.database.transaction() as session:
        kinds = set(session.scalars(select(Notification.kind)))
        assert kinds == {
            NoticeKind.RESULT, NoticeKind.UNREADABLE, NoticeKind.FAULT, NoticeKind.FAULT_IN_CLASS,
            NoticeKind.REGRADE_READY,
        }  # fmt: skip
        assert {"result", "platform fault"} <= set(session.scalars(select(AuditEntry.action)))
        assert all(one.summary for one in session.scalars(select(RegradeItem)))


def test_it_reads_no_secret(here: School, narrow: PortalDatabase) -> None:
    """No password, session or token; a new table is none of its business until somebody says so."""
    assert set(SECRETS) | set(GRANTS) == set(TableBase.metadata.tables)
    with psycopg.connect(libpq_url(narrow.url), autocommit=True) as connection:
        for table in SECRETS:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"SELECT * FROM {table}".encode())
            can = connection.execute(
                "SELECT has_any_column_privilege(%s, 'SELECT, INSERT, UPDATE')", (table,)
            ).fetchone()
            assert can == (False,), table


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE submission SET received_at = now()",
        "UPDATE submission SET blob_digest = NULL",
        "DELETE FROM submission",
        "INSERT INTO grading (submission_id) VALUES (1)",
        "DELETE FROM result",
        "UPDATE result SET earned = '10'",
        "UPDATE stored_report SET document = ''",
        "SELECT * FROM audit",
        "UPDATE audit SET action = 'x'",
        "TRUNCATE audit",
        "UPDATE membership SET role = 'instructor'",
        "SELECT number FROM membership",
        "UPDATE assignment SET published_at = NULL",
        "UPDATE exam_version SET verified = '{}'",
        "UPDATE notification SET user_id = 1",
        "CREATE TABLE mine (x int)",
        "DROP TABLE audit",
        "ALTER TABLE audit DISABLE TRIGGER ALL",
        "CREATE ROLE other",
        "COPY audit TO PROGRAM 'true'",
        "SET ROLE portal",
    ],
)
def test_what_it_may_not_do(narrow: PortalDatabase, statement: str) -> None:
    """Nothing that is not grading."""
    with (
        psycopg.connect(libpq_url(narrow.url), autocommit=True) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement.encode())


def test_the_command(here: School, server: str, tmp_path: Path) -> None:
    """It draws a password once, may be run again, and prints none."""
    name, file = f"worker_{secrets.token_hex(4)}", tmp_path / "password"
    words = [f"--database={here.database.url}", f"--name={name}", f"--password-file={file}"]
    first = CliRunner().invoke(worker_role, words)
    assert first.exit_code == 0, first.output
    password = file.read_text("utf-8")
    assert file.stat().st_mode & 0o777 == 0o600
    assert password not in first.output
    assert CliRunner().invoke(worker_role, words).exit_code == 0
    assert file.read_text("utf-8") == password
    with psycopg.connect(libpq_url(here.database.url), autocommit=True) as connection:
        connection.execute(f"DROP OWNED BY {name}".encode())
    execute(server, f"DROP ROLE {name}")
    file.write_text("")
    raised = CliRunner().invoke(worker_role, words).exception
    assert isinstance(raised, UsageError)
    assert "is empty" in str(raised)


def test_who_may_make_none(here: School, narrow: PortalDatabase) -> None:
    """Each a sentence."""
    with pytest.raises(UsageError, match="may make no role"):
        make_worker_role(narrow, "other", "x")
    with pytest.raises(UsageError, match="no name for a role"):
        make_worker_role(here.database, "x; DROP TABLE audit", "x")
