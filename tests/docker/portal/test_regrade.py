"""Regrades: begun, looked at, applied or dropped; live work goes first, and history stays."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from grader.model import GradeReport, Outcome, Ungradable
from grader.portal.actions import leases
from grader.portal.actions.results import conclude
from grader.portal.data.base import utc_now
from grader.portal.data.exams import Assignment, ExamVersion
from grader.portal.data.operations import AuditEntry
from grader.portal.data.regrades import Regrade, RegradeItem, RegradeState
from grader.portal.data.work import Grading, GradingResult, GradingState
from grader.portal.queue import queue_of, regrade_queue_of
from grader.settings import Settings
from grader.testing import a_challenge, a_provenance, a_result, graded
from tests.docker.portal.people import School
from tests.docker.portal.test_transactions import jobs
from tests.docker.portal.test_worker import WITHIN, quick, state_of, working
from tests.docker.portal.web import Site, site

NEW = "sha256:" + "f" * 64
LOST = a_result("entry.create", Outcome.FAILED, rationale="It answers 500.", evidence="500 x")
BEFORE = graded(a_result("repo.files"), LOST, a_result("entry.stored"))
AFTER = replace(
    graded(
        a_result("repo.files"), a_result("entry.create"), a_result("entry.stored"),
        challenge=a_challenge(digest=NEW, version="1.1.0"),
    ),
    provenance=a_provenance(challenge_digest=NEW, challenge_version="1.1.0"),
)  # fmt: skip
FAULT = Ungradable(challenge=a_challenge(), provenance=a_provenance(), reason="No engine.")


@pytest.fixture
def place(here: School, tmp_path: Path) -> Iterator[Site]:
    """The site, with a second version of the exam."""
    with here.database.transaction() as session:
        session.add(
            ExamVersion(
                slug="probe", title="Probe", version="1.1.0", digest=NEW, brief="# Probe",
                facts={"pass_mark": 60, "criteria": []}, verified={"how": "shipped"},
            )
        )  # fmt: skip
    with closing(site(here, tmp_path)) as found:
        yield found


def version(place: Site, digest: str = NEW) -> int:
    """The id of a version of the exam."""
    with place.school.database.transaction() as session:
        return session.scalars(select(ExamVersion.id).where(ExamVersion.digest == digest)).one()


def begin(place: Site, client: FlaskClient, **form: str) -> str:
    """Begin a regrade; gives the address of its preview."""
    sent = {"exam": str(version(place)), "scope": "counting", "why": "a test was wrong"} | form
    answer = client.post(f"/assignments/{place.school.assignment}/regrade", data=sent)
    assert answer.status_code == 303, answer.text
    assert answer.location
    return answer.location


def grade_next(place: Site, report: GradeReport = AFTER) -> int:
    """Grade what is first in the queue; gives the grading."""
    with place.school.database.transaction() as session:
        first = session.scalars(
            select(Grading.id)
            .where(Grading.state == GradingState.QUEUED)
            .order_by(Grading.tag, Grading.id)
        ).first()
        assert first
        mine = leases.claim(session, first, place.school.worker, utc_now())
        assert mine
        assert conclude(session, mine, report, utc_now())
        return first


def mark_of(client: FlaskClient, address: str) -> str:
    """The mark of a preview as the page has it."""
    page = client.get(address).text
    return page.split('name="seen" value="')[1].split('"')[0]


def results(place: Site, submission: int) -> list[tuple[str, bool]]:
    """The results of a submission, the first one first, and whether each counts."""
    with place.school.database.transaction() as session:
        return [
            (one.earned, one.counts)
            for one in session.scalars(
                select(GradingResult)
                .where(GradingResult.submission_id == submission)
                .order_by(GradingResult.grading_id)
            )
        ]


def test_a_regrade_is_looked_at_and_applied(place: Site) -> None:
    """The preview has criteria, evidence and cause; nothing counts before it is applied."""
    submission, first = place.graded(BEFORE)
    ines, ada = place.client("ines"), place.client("ada")
    empty = ines.get(f"/assignments/{place.school.assignment}/regrade").text
    assert "None yet." in empty
    assert "1 result by version 1.0.0" in empty
    address = begin(place, ines)
    assert "0 of 1 are done" in ines.get(address).text
    assert "Apply: let it count" not in ines.get(address).text
    again = grade_next(place)
    assert results(place, submission) == [("2", True), ("10", False)]
    page = ines.get(address).text
    for said in (
        "All 1 are done", "Ada, submission 1", "POST /entries", "It was lost because:",
        "It answers 500.", "500 x", "The exam itself differs", "2 → 10 of 10",
    ):  # fmt: skip
        assert said in page, said
    assert "2/10" in ada.get(f"/assignments/{place.school.assignment}").text
    assert "All results" not in ada.get(f"/submissions/{submission}").text
    assert ada.get(f"/submissions/{submission}/report/{again}").status_code == 404
    assert ines.get(f"/submissions/{submission}/report/{again}").status_code == 200
    seen = mark_of(ines, address)
    assert ines.post(f"{address}/apply", data={"seen": seen}).status_code == 303
    assert results(place, submission) == [("2", False), ("10", True)]
    assert "10/10" in ada.get(f"/assignments/{place.school.assignment}").text
    assert "counted before" in ada.get(f"/submissions/{submission}").text
    for grading in (first, again):
        assert ada.get(f"/submissions/{submission}/report/{grading}").status_code == 200
    over = ines.get(address).text
    assert "It was applied by Ines" in over
    assert "2 → 10 of 10" in over
    assert ines.post(f"{address}/apply", data={"seen": seen}).status_code == 409
    with place.school.database.transaction() as session:
        assignment = session.get_one(Assignment, place.school.assignment)
        assert session.get_one(ExamVersion, assignment.exam_version_id).digest == NEW
        actions = session.scalars(select(AuditEntry.action)).all()
        assert {"begin regrade", "apply regrade"} <= set(actions)


def test_a_regrade_is_dropped(place: Site) -> None:
    """What waits is cancelled, what was graded stays to be looked at, and another may begin."""
    submission, _ = place.graded(BEFORE)
    other, _ = place.graded(BEFORE, name="ben")
    ines = place.client("ines")
    address = begin(place, ines)
    grade_next(place)
    assert ines.post(f"{address}/drop").status_code == 303
    assert results(place, submission) == [("2", True), ("10", False)]
    assert results(place, other) == [("2", True)]
    assert "It was dropped by Ines" in ines.get(address).text
    assert ines.post(f"{address}/drop").status_code == 409
    with place.school.database.transaction() as session:
        states = session.scalars(
            select(Grading.state).join(RegradeItem, RegradeItem.grading_id == Grading.id)
        ).all()
        assert set(states) == {GradingState.DONE, GradingState.CANCELLED}
    assert "passed" in place.client("ben").get(f"/submissions/{other}").text
    begin(place, ines)


def test_what_cannot_begin(place: Site) -> None:
    """Each a sentence, with what was typed still there."""
    ines, address = place.client("ines"), f"/assignments/{place.school.assignment}/regrade"
    form = {"exam": str(version(place)), "scope": "all", "why": "because"}
    assert "Nobody has a result of" in ines.post(address, data=form).text
    place.graded(BEFORE)
    without = ines.post(address, data=form | {"why": " "})
    assert without.status_code == 400
    assert "Say why" in without.text
    for wrong in ("", "999", "x", "9" * 40):
        answer = ines.post(address, data=form | {"exam": wrong})
        assert answer.status_code == 400
        assert "Choose a version" in answer.text
        assert 'value="because"' in answer.text
    begin(place, ines)
    assert "a regrade of this assignment already" in ines.post(address, data=form).text


def test_the_exam_changes_by_a_regrade_alone(place: Site) -> None:
    """Once somebody has handed in; before that, on the assignment's page."""
    ines, address = place.client("ines"), f"/assignments/{place.school.assignment}/edit"
    form = {"title": "T", "late": "none", "published": "yes"}
    assert ines.post(address, data=form | {"exam": str(version(place))}).status_code == 303
    assert ines.post(address, data=form | {"exam": "1"}).status_code == 303
    place.graded(BEFORE)
    answer = ines.post(address, data=form | {"exam": str(version(place))})
    assert answer.status_code == 400
    assert "begin a regrade" in answer.text
    assert ines.post(address, data=form | {"exam": "1"}).status_code == 303


def test_what_the_platform_fails_keeps_what_it_has(place: Site) -> None:
    """It is named with the cause, tried again on request, and never costs a point."""
    submission, _ = place.graded(BEFORE)
    ines = place.client("ines")
    address = begin(place, ines)
    for _ in range(3):
        grade_next(place, FAULT)
    page = ines.get(address).text
    assert "Could not be graded" in page
    assert "No engine." in page
    faults = ines.get(f"/assignments/{place.school.assignment}/class").text
    assert "Platform faults" not in faults
    assert "passed" in place.client("ada").get(f"/submissions/{submission}").text
    assert ines.post(f"{address}/take-in").status_code == 303
    grade_next(place)
    assert ines.post(f"{address}/take-in").status_code == 409
    seen = mark_of(ines, address)
    assert ines.post(f"{address}/apply", data={"seen": seen}).status_code == 303
    assert results(place, submission) == [("2", False), ("10", True)]


def test_what_comes_meanwhile(place: Site) -> None:
    """It is graded by the old version first, is taken in on request, and makes the mark stale."""
    place.graded(BEFORE)
    ines = place.client("ines")
    address = begin(place, ines)
    grade_next(place)
    stale = mark_of(ines, address)
    later, _ = place.graded(BEFORE, name="ben")
    assert "1 submission is not in it" in ines.get(address).text
    assert ines.post(f"{address}/take-in").status_code == 303
    assert ines.post(f"{address}/apply", data={"seen": stale}).status_code == 409
    grade_next(place)
    answer = ines.post(f"{address}/apply", data={"seen": stale})
    assert answer.status_code == 409
    assert "has changed since you looked" in answer.text
    # another result of the first one counts by now: the preview compares with that one
    fresh = mark_of(ines, address)
    assert ines.post("/submissions/1/grade-again").status_code == 303
    grade_next(place, BEFORE)
    assert mark_of(ines, address) != fresh
    seen = mark_of(ines, address)
    assert ines.post(f"{address}/apply", data={"seen": seen}).status_code == 303
    assert results(place, later) == [("2", False), ("10", True)]
    assert results(place, 1) == [("2", False), ("10", True), ("2", False)]


def test_live_work_goes_first(place: Site) -> None:
    """A regrade of a class waits behind what is handed in after it, in a queue of its own."""
    for name in ("ada", "ben"):
        place.graded(BEFORE, name=name)
    begin(place, place.client("ines"))
    again = _regrade_gradings(place)
    _, live = place.school.hand_in("ada")
    with place.school.database.transaction() as session:
        waiting = [number for number, _ in jobs(session) if number in (live, *again)]
        assert waiting == [live, *again]
        queues = session.connection().exec_driver_sql(
            "SELECT queue_name FROM procrastinate_jobs ORDER BY id"
        ).scalars().all()[-3:]  # fmt: skip
    old = "sha256:" + "e" * 64
    assert queues == [regrade_queue_of(NEW)] * 2 + [queue_of(old)]
    assert grade_next(place, BEFORE) == live


def test_what_waits_is_graded_by_the_new_version(place: Site) -> None:
    """No worker may have the old one any more."""
    place.graded(BEFORE)
    ines = place.client("ines")
    address = begin(place, ines)
    grade_next(place)
    _, waiting = place.school.hand_in("ben")
    seen = mark_of(ines, address)
    assert ines.post(f"{address}/apply", data={"seen": seen}).status_code == 303
    assert place.school.grading(waiting).exam_version_id == version(place)


def test_a_slot_is_kept_for_live_work(place: Site, machine: Settings) -> None:
    """With two slots and a regrade that does not end, what is handed in is graded."""
    old = place.school.grading(place.graded(BEFORE)[1]).exam_version_id
    place.graded(BEFORE, name="ben")
    with place.school.database.transaction() as session:
        digest = session.get_one(ExamVersion, old).digest
    begin(place, place.client("ines"), exam=str(version(place, digest)))
    gate, under_way = threading.Event(), list[int]()

    def gated(*args: Any, **more: Any) -> GradeReport:
        with place.school.database.transaction() as session:
            regrades = session.scalars(
                select(Grading.id)
                .join(RegradeItem, RegradeItem.grading_id == Grading.id)
                .where(Grading.state == GradingState.RUNNING)
            ).all()
        under_way.append(len(regrades))
        if more["options"].seed != 7:
            assert gate.wait(WITHIN)
        return quick(*args, **more)

    with working(place.school, machine, gated):
        try:
            first = _regrade_gradings(place)[0]
            assert state_of(place.school, first, GradingState.RUNNING) is GradingState.RUNNING
            _, live = _hand_in_with_seed_seven(place)
            assert state_of(place.school, live, GradingState.DONE) is GradingState.DONE
        finally:
            gate.set()
        for one in _regrade_gradings(place):
            assert state_of(place.school, one, GradingState.DONE) is GradingState.DONE
    assert max(under_way) == 1


def _regrade_gradings(place: Site) -> list[int]:
    with place.school.database.transaction() as session:
        return list(session.scalars(select(RegradeItem.grading_id).order_by("grading_id")))


def _hand_in_with_seed_seven(place: Site) -> tuple[int, int]:
    """Hand in as somebody else; its run is told apart by its seed."""
    with place.school.database.transaction() as session:
        session.execute(update(Grading).where(Grading.seed == 7).values(seed=8))
    import secrets

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(secrets, "randbelow", lambda _: 7)
        return place.school.hand_in("ta")


def test_a_class_of_many(place: Site) -> None:
    """The numbers are of all; evidence is shown for a page's worth at a time."""
    from grader.portal.data.people import Membership, User
    from grader.portal.rules.roles import CourseRole

    school, many = place.school, 45
    with school.database.transaction() as session:
        people = [User(email=f"s{n}@school.example", name=f"S{n:02}") for n in range(many)]
        session.add_all(people)
        session.flush()
        session.add_all(
            Membership(course_id=1, user_id=one.id, role=CourseRole.STUDENT) for one in people
        )
        school.people.update({f"s{n}": one.id for n, one in enumerate(people)})
    for number in range(many):
        place.graded(BEFORE, name=f"s{number}")
    ines = place.client("ines")
    address = begin(place, ines, scope="all")
    for _ in range(many):
        grade_next(place)
    page = ines.get(address).text
    assert "All 45 are done" in page
    assert page.count("It answers 500.") == 20
    assert "1 to 20 of 45" in page
    assert ines.get(f"{address}?from=40").text.count("It answers 500.") == 5
    assert "1 to 20 of 45" in ines.get(f"{address}?from=x").text
    with school.database.transaction() as session:
        assert session.scalars(select(Regrade.state)).one() is RegradeState.OPEN
