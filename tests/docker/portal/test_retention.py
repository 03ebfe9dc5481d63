"""What is deleted when, and what never is."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text, update

from grader.portal.actions.signing_in import begin_session, new_link
from grader.portal.actions.tokens import new_access_token
from grader.portal.care.retention import UNKNOWN, tidy, tidy_daily
from grader.portal.data.base import TableBase, utc_now
from grader.portal.data.notifications import Notification
from grader.portal.data.operations import AuditEntry, WorkerRecord
from grader.portal.data.people import AccessToken, SignInLink, WebSession
from grader.portal.data.work import (
    BlobRecord,
    GradingEvent,
    GradingResult,
    StoredReport,
    SubmissionRecord,
)
from grader.portal.rules.notices import NoticeKind
from grader.portal.rules.retention import Keep
from grader.portal.store import BlobStore, StoredBlob
from grader.portal.worker.telling import append
from grader.testing import a_result, graded
from tests.docker.portal.people import CONTENT, School
from tests.docker.portal.web import Site, site

REPORT = graded(a_result("repo.files"), a_result("entry.create"))
DAY = timedelta(days=1)


@pytest.fixture
def place(here: School, tmp_path: Path) -> Iterator[Site]:
    """The site."""
    with closing(site(here, tmp_path)) as found:
        yield found


@pytest.fixture
def store(tmp_path: Path) -> BlobStore:
    """The site's store, with what everybody hands in."""
    found = BlobStore(tmp_path / "blobs")
    found.put(io.BytesIO(CONTENT), most=len(CONTENT))
    return found


def count(here: School, table: type[TableBase]) -> int:
    """How many rows there are."""
    with here.database.transaction() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def began_before(here: School, moment: datetime) -> None:
    """Have the database be as old as that."""
    with here.database.transaction() as session:
        session.add(AuditEntry(at=moment, action="began", subject="portal", data={}))


def age(store: BlobStore, digest: str, to: datetime) -> None:
    """Make a file as old as that."""
    os.utime(store.path(digest), (to.timestamp(), to.timestamp()))


def test_by_default_no_work_is_deleted(place: Site, store: BlobStore) -> None:
    """After twenty years: what was handed in, the report, the result and the audit are there."""
    here, later = place.school, utc_now() + 7300 * DAY
    place.graded(REPORT)
    found = tidy(here.database, store, Keep(), later)
    assert found["submissions"] == found["reports"] == found["files"] == 0
    for table in (SubmissionRecord, BlobRecord, StoredReport, GradingResult, AuditEntry):
        assert count(here, table) > 0
    assert len(list(store.digests())) == 1


def test_what_is_over_is_deleted(place: Site, store: BlobStore) -> None:
    """Sessions, links, tokens, events, notifications, workers; and nothing that is not over."""
    here, now = place.school, utc_now()
    _, grading = place.graded(REPORT)
    with here.database.transaction() as session:
        ada = here.user(session, "ada")
        append(session, grading, "progress", {"name": "build", "said": "x"})
        begin_session(session, ada, now)
        new_link(session, ada, now)
        new_access_token(session, ada, now, name="t", scopes=["read"], days=1)
        session.add(WorkerRecord(name="idle", version="0", capabilities={}))
    tables = (WebSession, SignInLink, AccessToken, GradingEvent, Notification, WorkerRecord)
    before = {table: count(here, table) for table in tables}
    tidy(here.database, store, Keep(), now + timedelta(hours=1))
    assert {table: count(here, table) for table in tables} == before
    found = tidy(here.database, store, Keep(), now + 400 * DAY)
    assert found | {"reports": 0} == {
        "sessions": 1, "tokens": 1, "links": 1, "notifications": 1, "events": 1, "reports": 0,
        "workers": 1, "submissions": 0, "files": 0, "scratch": 0,
    }  # fmt: skip
    assert count(here, WorkerRecord) == 1  # the one that has graded something
    for table in tables[:-1]:
        assert count(here, table) == 0
    keep = Keep(events=0, notifications=0, tokens=0, workers=0)
    assert not any(tidy(here.database, store, keep, now + 4000 * DAY).values())


def test_what_was_handed_in_is_deleted_where_that_is_wanted(place: Site, store: BlobStore) -> None:
    """The digest, the receipt, the result and the grade stay; the pages say what is gone."""
    here = place.school
    submission, _ = place.graded(REPORT)
    digest = here.submission(submission).blob_digest
    assert digest
    later = utc_now() + 800 * DAY
    keep = Keep(submissions=730, reports=700)
    assert place.client("ada").get(f"/submissions/{submission}/source").data == CONTENT
    found = tidy(here.database, store, keep, later)
    assert (found["submissions"], found["reports"], found["files"]) == (1, 1, 1)
    ada, ines = place.client("ada"), place.client("ines")
    gone = ada.get(f"/submissions/{submission}/source")
    assert gone.status_code == 409
    assert "was deleted on" in gone.text
    assert "not kept any more" in ada.get(f"/submissions/{submission}/report").text
    page = ada.get(f"/submissions/{submission}").text
    assert digest in page
    assert "passed" in page
    assert digest in ada.get(f"/submissions/{submission}/receipt").text
    again = ines.post(f"/submissions/{submission}/grade-again")
    assert again.status_code == 409
    assert "cannot be graded again" in again.text
    form = {"exam": "1", "scope": "all", "why": "w"}
    assert ines.post(f"/assignments/{here.assignment}/regrade", data=form).status_code == 400
    grades = ines.get(f"/assignments/{here.assignment}/grades.csv").text
    assert next(csv.DictReader(io.StringIO(grades)))["points"] == "7"
    assert "7/10" in ines.get(f"/assignments/{here.assignment}/class").text
    moodle = ines.get(f"/assignments/{here.assignment}/grades-moodle.csv")
    assert "Take the grades as CSV" in moodle.text


def test_what_is_needed_stays(place: Site, store: BlobStore) -> None:
    """What somebody else has handed in since, what is graded right now, and what comes again."""
    here, keep = place.school, Keep(submissions=10)
    place.graded(REPORT)
    later = utc_now() + 20 * DAY
    here.change_dates(later + DAY)
    here.hand_in("ben", now=later - DAY)
    assert tidy(here.database, store, keep, later)["submissions"] == 0
    much_later = later + 20 * DAY
    assert tidy(here.database, store, keep, much_later)["submissions"] == 0  # it is queued
    with here.database.transaction() as session:
        session.execute(text("UPDATE grading SET state = 'cancelled'"))
    assert tidy(here.database, store, keep, much_later)["submissions"] == 1
    assert list(store.digests()) == []
    here.change_dates(much_later + DAY)
    store.put(io.BytesIO(CONTENT), most=len(CONTENT))
    here.hand_in("ta", now=much_later)
    with here.database.transaction() as session:
        assert session.scalars(select(BlobRecord.deleted_at)).all() == [None]
    assert tidy(here.database, store, keep, much_later)["files"] == 0


def test_files_that_nothing_knows_of(place: Site, store: BlobStore) -> None:
    """Of uploads that came to nothing: after a week; what uploads left that were killed: a day."""
    here, now = place.school, utc_now()
    lost = store.put(io.BytesIO(b"lost"), most=9).digest
    here.hand_in()
    began_before(here, now - 50 * DAY)
    age(store, lost, now - UNKNOWN + DAY)
    assert tidy(here.database, store, Keep(), now)["files"] == 0
    age(store, lost, now - UNKNOWN - DAY)
    known = next(one for one in store.digests() if one != lost)
    age(store, known, now - 100 * DAY)
    assert tidy(here.database, store, Keep(), now)["files"] == 1
    assert list(store.digests()) == [known]


def test_files_of_another_database(place: Site, store: BlobStore) -> None:
    """An empty one, started with a folder whose backup is about to be restored, deletes nothing."""
    here, now = place.school, utc_now()
    (theirs,) = store.digests()
    age(store, theirs, now - 100 * DAY)
    assert tidy(here.database, store, Keep(), now)["files"] == 0
    here.hand_in(blob=StoredBlob(digest="sha256:" + "0" * 64, size=1))
    assert tidy(here.database, store, Keep(), now + 50 * DAY)["files"] == 0
    assert list(store.digests()) == [theirs]


def test_two_students_share_a_file(place: Site, store: BlobStore) -> None:
    """It goes when both of them are old."""
    here, now = place.school, utc_now()
    for name in ("ada", "ben"):
        place.graded(REPORT, name=name)
    with here.database.transaction() as session:
        session.execute(update(BlobRecord).values(kept_at=now - 40 * DAY))
        session.execute(
            update(SubmissionRecord)
            .where(SubmissionRecord.user_id == here.people["ada"])
            .values(received_at=now - 40 * DAY)
        )
    assert tidy(here.database, store, Keep(submissions=30), now)["submissions"] == 0
    assert tidy(here.database, store, Keep(submissions=30), now + 31 * DAY)["submissions"] == 1


def test_once_a_day(place: Site, store: BlobStore) -> None:
    """Whatever asks; what was done is on the operators' page and in the audit."""
    here, now = place.school, utc_now()
    assert "It was not tidied up yet" in place.client("root").get("/operations").text
    with here.database.transaction() as session:
        session.add(
            Notification(
                user_id=here.people["ada"], kind=NoticeKind.FAULT, about="submission/1", data={},
                created_at=now - 200 * DAY,
            )
        )  # fmt: skip
    assert tidy_daily(here.database, store, Keep(), now)
    assert tidy_daily(here.database, store, Keep(), now + timedelta(hours=23)) is None
    page = place.client("root").get("/operations").text
    assert "1 notifications" in page
    assert "for ever" in page
    for days in (1, 2):
        assert tidy_daily(here.database, store, Keep(), now + days * DAY) is not None
    with here.database.transaction() as session:
        actions = session.scalars(select(AuditEntry.action)).all()
    assert actions.count("tidy up") == 2  # the last time there was nothing: no session, either
