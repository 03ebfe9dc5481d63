"""A backup as the operators' page has it, restored into an empty database: work goes on."""

from __future__ import annotations

import io
import os
import secrets
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from grader.portal.actions import leases
from grader.portal.actions.grades import adjust
from grader.portal.actions.sweep import sweep
from grader.portal.data.base import TableBase, utc_now
from grader.portal.data.database import PortalDatabase
from grader.portal.data.migrate import migrate
from grader.portal.data.work import GradingState, SubmissionRecord
from grader.portal.receipts import verify
from grader.portal.serve.database_server import LABEL
from grader.portal.store import BlobStore
from grader.sandbox.engine import Engine
from grader.settings import Settings
from grader.testing import a_result, graded
from tests.docker.portal.conftest import RUNNING, execute, within
from tests.docker.portal.people import School
from tests.docker.portal.test_worker import quick, state_of, working
from tests.docker.portal.web import site

REPORT = graded(a_result("repo.files"), a_result("entry.create"))
Tool = Callable[..., bytes]


@pytest.fixture
def tool(server: str) -> Iterator[Tool]:
    """Runs a program of PostgreSQL's where the server is."""
    if RUNNING in os.environ:
        parts = urlsplit(server)
        told = os.environ | {
            "PGHOST": parts.hostname or "", "PGPORT": str(parts.port),
            "PGUSER": parts.username or "", "PGPASSWORD": parts.password or "",
        }  # fmt: skip
        yield lambda *words, given=b"": _run(list(words), given, told)
        return
    settings = Settings.from_env(os.environ)
    engine = Engine.connect(settings.docker_host)
    found = next(
        one.id
        for one in engine.client.containers.list(filters={"label": LABEL})
        if f":{one.attrs['NetworkSettings']['Ports']['5432/tcp'][0]['HostPort']}/" in server
    )
    within_it = ["docker", "exec", "-i", "-e", "PGUSER=portal", str(found)]
    yield lambda *words, given=b"": _run([*within_it, *words], given, dict(os.environ))
    engine.close()


def _run(command: list[str], given: bytes, told: dict[str, str]) -> bytes:
    done = subprocess.run(command, input=given, capture_output=True, env=told, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def rows(database: PortalDatabase) -> dict[str, int]:
    """How many rows each table has."""
    with database.transaction() as session:
        return {
            name: session.scalar(text(f"SELECT count(*) FROM {name}")) or 0
            for name in TableBase.metadata.tables
        }


@pytest.fixture
def restored_to(server: str) -> Iterator[PortalDatabase]:
    """An empty database."""
    name = f"restored_{secrets.token_hex(4)}"
    execute(server, f"CREATE DATABASE {name}")
    found = PortalDatabase(within(server, name))
    yield found
    found.close()
    execute(server, f"DROP DATABASE {name} WITH (FORCE)")


def test_a_backup_is_restored_and_queued_work_goes_on(
    here: School, machine: Settings, tool: Tool, restored_to: PortalDatabase, tmp_path: Path
) -> None:
    """All rows are there; what waited and what was being graded is graded; receipts still hold."""
    folder, elsewhere = tmp_path / "kept", tmp_path / "elsewhere"
    store = BlobStore(folder / "blobs")
    blob = store.put(io.BytesIO(b"PK an answer of its own"), most=100)
    with closing(site(here, folder)) as place:
        submission, _ = place.graded(REPORT, blob=blob)
        receipt = place.client("ada").get(f"/submissions/{submission}/receipt").text
    with here.database.transaction() as session:
        found = session.get_one(SubmissionRecord, submission)
        adjust(session, here.user(session, "ines"), found, utc_now(), points="1", comment="Well.")
    _, running = here.hand_in("ben", blob=blob)
    _, queued = here.hand_in("ta", blob=blob)
    with here.database.transaction() as session:
        assert leases.claim(session, running, here.worker, utc_now())
        session.execute(text("UPDATE procrastinate_jobs SET status = 'doing'"))

    name = urlsplit(here.database.url).path.removeprefix("/")
    dump = tool("pg_dump", "--format=custom", name)
    shutil.copytree(folder, elsewhere)
    shutil.rmtree(folder)
    target = urlsplit(restored_to.url).path.removeprefix("/")
    tool("pg_restore", "--no-owner", "--no-privileges", f"--dbname={target}", given=dump)
    migrate(restored_to)

    assert rows(restored_to) == rows(here.database)
    again = replace(here, database=restored_to)
    with restored_to.transaction() as session:  # half a minute later, as after any kill
        assert set(sweep(session, utc_now() + timedelta(minutes=1)).returned) == {running, queued}
    with working(again, replace(machine, state=elsewhere), quick):
        for grading in (running, queued):
            assert state_of(again, grading, GradingState.DONE) is GradingState.DONE
        _, fresh = again.hand_in("ines", blob=blob)  # numbers go on where they were
        assert state_of(again, fresh, GradingState.DONE) is GradingState.DONE
    assert again.grading(running).attempt == 2
    with closing(site(again, elsewhere)) as place:
        ada = place.client("ada")
        page = ada.get(f"/submissions/{submission}").text
        assert "Well." in page
        assert ada.get(f"/submissions/{submission}/report").status_code == 200
        assert ada.get(f"/submissions/{submission}/source").data == b"PK an answer of its own"
        assert ada.get(f"/submissions/{submission}/receipt").text == receipt
        assert verify(receipt)[0].student == "ada@school.example"
    with pytest.raises(DBAPIError, match="never changed"), restored_to.transaction() as session:
        session.execute(text("DELETE FROM audit"))
    with restored_to.transaction() as session:
        assert session.scalars(select(SubmissionRecord.number)).all() == [1, 1, 1, 1]
