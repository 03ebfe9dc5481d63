"""`grader setup-portal`: from an empty database to one that pages and workers can start with."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from grader.cli.setup_portal import setup_portal
from grader.errors import UsageError
from grader.portal.actions.signing_in import use_link
from grader.portal.care.mail_server import ADDRESS
from grader.portal.data.address import DATABASE, PASSWORD_FILE, with_password
from grader.portal.data.base import utc_now
from grader.portal.data.database import PortalDatabase, libpq_url
from grader.portal.data.exams import ExamVersion
from grader.portal.data.operations import AuditEntry
from grader.portal.data.people import User
from grader.portal.serve import prepare
from tests.docker.portal.conftest import execute, within

EXAMS = Path(__file__).parents[2] / "challenges"
LINK = re.compile(r"begins here, once: https://exams\.school\.example/sign-in/(\S+)")


@pytest.fixture
def empty(server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[PortalDatabase]:
    """A database without a table, which the environment names; workers have a role of its own."""
    name, role = f"empty_{secrets.token_hex(4)}", f"worker_{secrets.token_hex(4)}"
    execute(server, f"CREATE DATABASE {name}")
    monkeypatch.setattr(prepare, "WORKERS", role)
    monkeypatch.setenv(DATABASE, within(server, name))
    monkeypatch.setenv(ADDRESS, "https://exams.school.example/")
    found = PortalDatabase(within(server, name))
    yield found
    found.close()
    execute(server, f"DROP DATABASE {name} WITH (FORCE)")
    execute(server, f"DROP ROLE IF EXISTS {role}")


def call(*words: str) -> Result:
    """Call it, with the tests' own exams."""
    return CliRunner().invoke(setup_portal, ["--challenges", str(EXAMS), "--exam=probe", *words])


def count(database: PortalDatabase, kind: type) -> int:
    """How many rows there are."""
    with database.transaction() as session:
        return session.scalar(select(func.count()).select_from(kind)) or 0


def test_from_nothing(empty: PortalDatabase, tmp_path: Path) -> None:
    """Tables, exams, the workers' role, and a link until an administrator has a password."""
    file = tmp_path / "password"
    first = call("--worker-password-file", str(file))
    assert first.exit_code == 0, first.output
    assert count(empty, ExamVersion) == 1
    narrow = with_password(libpq_url(empty.url), file.read_text().strip(), prepare.WORKERS)
    with psycopg.connect(narrow) as connection:
        assert connection.execute("SELECT count(*) FROM worker").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT * FROM user_identity")
    again = call("--worker-password-file", str(file))
    assert again.exit_code == 0
    [link] = LINK.findall(again.output)
    assert LINK.findall(first.output) != [link]
    with empty.transaction() as session:
        assert use_link(session, link, "three or four words", utc_now()).administrator
    before = count(empty, AuditEntry)
    last = call()
    assert (last.exit_code, LINK.findall(last.output)) == (0, [])
    assert (count(empty, User), count(empty, AuditEntry)) == (1, before)


def test_a_password_in_a_file(
    empty: PortalDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: str
) -> None:
    """As Compose has it."""
    owner = f"owner_{secrets.token_hex(4)}"
    name = empty.url.rsplit("/", 1)[1]
    execute(server, f"CREATE ROLE {owner} LOGIN PASSWORD 'a/b@c'")
    execute(server, f"ALTER DATABASE {name} OWNER TO {owner}")
    (tmp_path / "password").write_text("a/b@c\n")
    host = empty.url.rpartition("@")[2]
    monkeypatch.setenv(DATABASE, f"postgresql://{owner}@{host}")
    monkeypatch.setenv(PASSWORD_FILE, str(tmp_path / "password"))
    try:
        done = call()
        assert done.exit_code == 0, done.output
        with psycopg.connect(libpq_url(empty.url)) as connection:
            found = connection.execute(
                "SELECT tableowner FROM pg_tables WHERE tablename = 'user_account'"
            ).fetchone()
        assert found == (owner,)
    finally:
        execute(server, f"ALTER DATABASE {name} OWNER TO CURRENT_USER")
        with psycopg.connect(libpq_url(empty.url), autocommit=True) as connection:
            connection.execute(f"DROP OWNED BY {owner}".encode())
        execute(server, f"DROP ROLE {owner}")


def test_what_it_needs(empty: PortalDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database and the portal's address; nothing is made without them."""
    monkeypatch.delenv(ADDRESS)
    assert isinstance(call().exception, UsageError)
    monkeypatch.delenv(DATABASE)
    raised = call().exception
    assert isinstance(raised, UsageError)
    assert DATABASE in str(raised)
    with psycopg.connect(libpq_url(empty.url)) as connection:
        tables = connection.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        ).fetchone()
    assert tables == (0,)
