"""Every route with every role: nothing is read or changed by who may not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from grader.model import GradeReport, Outcome, Visibility
from grader.portal.actions import leases, regrading
from grader.portal.actions.results import conclude
from grader.portal.actions.tokens import Scope, new_access_token
from grader.portal.care.mail_server import MailRelay
from grader.portal.care.mailing import message_of
from grader.portal.data.base import utc_now
from grader.portal.data.exams import Assignment
from grader.portal.data.notifications import Notification
from grader.portal.data.operations import AuditEntry
from grader.portal.data.people import User
from grader.portal.data.regrades import RegradeScope
from grader.portal.data.work import Grading
from grader.testing import a_challenge, a_result, graded
from tests.docker.portal.people import School
from tests.docker.portal.web import Site, site

EVERYBODY = frozenset({None, "ada", "ben", "ta", "ines", "olga", "otto", "root"})
SIGNED_IN = EVERYBODY - {None}
OWNER, STAFF = frozenset({"ada"}), frozenset({"ta", "ines", "root"})
TEACHERS, ADMINISTRATORS = frozenset({"ines", "root"}), frozenset({"root"})
MEMBERS = frozenset({"ada", "ben", "ta", "ines", "root"})
API = (
    "/api/v1/assignments",
    "/api/v1/submissions/<int:number>",
    "/api/v1/submissions/<int:number>/report",
)
"""What a browser's cookie opens to nobody; `test_api.py` walks it with tokens."""
GET: dict[str, frozenset[str | None]] = {
    "/": SIGNED_IN,
    "/health": EVERYBODY,
    "/metrics": frozenset(),
    "/ready": EVERYBODY,
    "/receipt-key": EVERYBODY,
    "/report.css": EVERYBODY,
    "/sign-in": EVERYBODY,
    "/sign-in/openid": frozenset(),
    "/sign-in/openid/callback": frozenset(),
    "/sign-in/<token>": frozenset(),
    "/static/<path:filename>": EVERYBODY,
    "/tokens": SIGNED_IN,
    "/notifications": SIGNED_IN,
    "/api/v1/openapi.json": EVERYBODY,
    **dict.fromkeys(API, frozenset()),
    "/assignments/<int:number>": MEMBERS,
    "/assignments/<int:number>/class": STAFF,
    "/assignments/<int:number>/edit": TEACHERS,
    "/assignments/<int:number>/grades.csv": STAFF,
    "/assignments/<int:number>/regrade": TEACHERS,
    "/regrades/<int:number>": TEACHERS,
    "/assignments/<int:number>/grades-<system>.csv": STAFF,
    "/assignments/<int:number>/students/<int:user>": STAFF,
    "/courses/<int:number>": STAFF,
    "/operations": ADMINISTRATORS,
    "/operations/audit": ADMINISTRATORS,
    "/submissions/<int:number>": OWNER | STAFF,
    "/submissions/<int:number>/compare/<int:other>": OWNER | STAFF,
    "/submissions/<int:number>/events": OWNER | STAFF,
    "/submissions/<int:number>/live": OWNER | STAFF,
    "/submissions/<int:number>/receipt": OWNER | STAFF,
    "/submissions/<int:number>/report": OWNER | STAFF,
    "/submissions/<int:number>/report/<int:grading>": OWNER | STAFF,
    "/submissions/<int:number>/source": OWNER | STAFF,
}
"""Who may see what; everything is of the first course, and the submission is Ada's."""
POST: dict[str, frozenset[str | None]] = {
    "/sign-in": EVERYBODY,
    "/sign-in/<token>": EVERYBODY,
    "/sign-out": SIGNED_IN,
    "/assignments/<int:number>/submissions": MEMBERS - ADMINISTRATORS,
    "/assignments/<int:number>/edit": TEACHERS,
    "/assignments/<int:number>/extensions": TEACHERS,
    "/assignments/<int:number>/regrade": TEACHERS,
    "/regrades/<int:number>/take-in": TEACHERS,
    "/regrades/<int:number>/apply": TEACHERS,
    "/regrades/<int:number>/drop": TEACHERS,
    "/courses/<int:number>/assignments": TEACHERS,
    "/courses/<int:number>/roster": TEACHERS,
    "/courses/<int:number>/people/<int:user>/link": TEACHERS,
    "/operations/courses": ADMINISTRATORS,
    "/operations/exams/<int:number>/verified": ADMINISTRATORS,
    "/notifications/<int:number>/open": OWNER,
    "/notifications/mail": SIGNED_IN,
    "/notifications/read": SIGNED_IN,
    "/tokens": SIGNED_IN,
    "/tokens/<shown>/revoke": frozenset(),
    "/api/v1/assignments/<int:number>/submissions": frozenset(),
    "/submissions/<int:number>/adjustments": TEACHERS,
    "/submissions/<int:number>/grade-again": TEACHERS,
    "/submissions/<int:number>/withdraw": OWNER,
}
"""Who may do what."""
NOT_THEIRS = {401, 404}
SECRET, SHOWN = "the-hidden-reason", "the-visible-reason"


@pytest.fixture
def place(here: School, tmp_path: Path) -> Iterator[Site]:
    """The site, with a submission of Ada's that has a result."""
    found = site(here, tmp_path)
    yield found
    found.close()


def path_of(rule: str, place: Site, submission: int, grading: int = 1) -> str:
    """The address of a rule for the first course's things."""
    school = place.school
    number = submission if rule.startswith("/submissions") else school.assignment
    if rule.startswith(("/courses", "/operations/exams", "/regrades", "/notifications")):
        number = 1
    rule = rule.replace("<int:grading>", str(grading))
    filled = rule.replace("<int:number>", str(number)).replace("<system>", "moodle")
    filled = filled.replace("<int:user>", str(school.people["ben"])).replace("<token>", "x")
    filled = filled.replace("<int:other>", str(submission))
    return filled.replace("<path:filename>", "portal.css")


def handed_in(place: Site, report: GradeReport | None = None) -> int:
    """A submission of Ada's with a result, and with a regrade of it that came to the same."""
    found = report or graded(a_result("entry.create"))
    submission, _ = place.graded(found)
    with place.school.database.transaction() as session:
        ines = place.school.user(session, "ines")
        assignment = session.get_one(Assignment, place.school.assignment)
        regrading.begin(
            session, ines, assignment, utc_now(), exam_version_id=assignment.exam_version_id,
            scope=RegradeScope.ALL, why="a test was wrong",
        )  # fmt: skip
        again = session.scalars(select(Grading.id).order_by(Grading.id.desc())).first()
        assert again
        mine = leases.claim(session, again, place.school.worker, utc_now())
        assert mine
        assert conclude(session, mine, found, utc_now())
    return submission


def mails_to(place: Site, name: str) -> str:
    """All mails that somebody is sent."""
    server = MailRelay(
        scheme="smtp", host="127.0.0.1", port=9, sender="exams@school.example", portal="https://x"
    )
    with place.school.database.transaction() as session:
        found = session.execute(
            select(Notification, User)
            .join(User, User.id == Notification.user_id)
            .where(User.id == place.school.people[name])
        ).all()
        mails = [message_of(one, user, server) for one, user in found]
    return "".join(f"{one['Subject']}\n{one.get_content()}" for one in mails)


def changes(place: Site) -> int:
    """How many things were done, but for signing in."""
    with place.school.database.transaction() as session:
        query = select(func.count()).select_from(AuditEntry).where(AuditEntry.action != "sign in")
        return session.scalar(query) or 0


def test_every_route_is_in_the_table(place: Site) -> None:
    """A new one fails here until somebody says who may use it."""
    for method, table in (("GET", GET), ("POST", POST)):
        rules = {
            one.rule for one in place.app.url_map.iter_rules() if method in (one.methods or ())
        }
        assert rules == set(table)


@pytest.mark.parametrize("name", sorted(EVERYBODY, key=str))
def test_who_may_see_what(place: Site, name: str | None) -> None:
    """Who may not is told that there is nothing; who is not signed in is asked to."""
    submission = handed_in(place)
    client = place.client(name)
    for rule, allowed in GET.items():
        answer = client.get(path_of(rule, place, submission))
        if rule == "/submissions/<int:number>/source" and name in allowed:
            continue  # the school's blob is in no store
        if name in allowed:
            assert answer.status_code in {200, 302}, rule
        elif name is None:
            assert answer.status_code in {302, 401, 409}, rule
        else:
            assert answer.status_code in {401, 404, 409}, rule


@pytest.mark.parametrize("name", sorted(EVERYBODY, key=str))
def test_who_may_do_what(place: Site, name: str | None) -> None:
    """Who may not changes nothing; who may gets another answer than that."""
    submission = handed_in(place)
    for rule, allowed in POST.items():
        before = changes(place)
        answer = place.client(name).post(path_of(rule, place, submission), data={})
        if name in allowed:
            expected = {200, 303, 400, 401, 409} if rule.startswith("/sign-in") else {303, 400, 409}
            wanted = expected | {200} if rule.endswith("/link") else expected
            assert answer.status_code in wanted, rule
        else:
            assert answer.status_code in NOT_THEIRS, rule
            assert changes(place) == before, rule


@pytest.mark.parametrize("scope", list(Scope))
def test_a_token_opens_no_page(place: Site, scope: Scope) -> None:
    """Not even an administrator's: pages know cookies alone, as if nobody were signed in."""
    submission = handed_in(place)
    with place.school.database.transaction() as session:
        root = place.school.user(session, "root")
        token = new_access_token(session, root, utc_now(), name="t", scopes=[scope], days=1)
    before = changes(place)
    client, headers = place.client(None), {"Authorization": f"Bearer {token}"}
    for rule, allowed in GET.items():
        if None not in allowed and rule not in API:
            answer = client.get(path_of(rule, place, submission), headers=headers)
            assert answer.status_code in {302, 401, 409}, rule
    for rule, allowed in POST.items():
        if None not in allowed and not rule.startswith("/api"):
            answer = client.post(path_of(rule, place, submission), headers=headers)
            assert answer.status_code in NOT_THEIRS, rule
    assert changes(place) == before


def test_hidden_reasons_are_in_no_page_of_a_student(place: Site) -> None:
    """A search over every page and download: for students nothing, for instructors the report."""
    challenge = a_challenge()
    criteria = tuple(
        replace(one, visibility=Visibility.HIDDEN, shown=True)
        if one.id == "entry.stored" else one
        for one in challenge.criteria
    )  # fmt: skip
    report = graded(
        a_result("repo.files", Outcome.FAILED, rationale=SHOWN),
        a_result("entry.create"),
        a_result("entry.stored", Outcome.FAILED, rationale=SECRET, evidence=SECRET),
        challenge=replace(challenge, criteria=criteria),
    )
    submission = handed_in(place, report)
    seen = dict.fromkeys(("ada", "ines"), "")
    for grading in (1, 2):  # before the regrade is applied, and after
        for name in seen:
            client = place.client(name)
            rules = [rule for rule in GET if not rule.endswith("/source")]
            seen[name] += "".join(
                client.get(path_of(rule, place, submission, grading)).text for rule in rules
            )
        if grading == 1:
            page = place.client("ines").get("/regrades/1").text
            mark = page.split('name="seen" value="')[1].split('"')[0]
            sent = place.client("ines").post("/regrades/1/apply", data={"seen": mark})
            assert sent.status_code == 303
    seen["ada"] += mails_to(place, "ada")
    assert "Graded: Exam of Web 1" in seen["ada"]
    assert SHOWN in seen["ada"]
    assert SECRET not in seen["ada"]
    assert SECRET in seen["ines"]
    # what a course system shows to students, though an instructor takes it there
    moodle = place.client("ines").get(
        f"/assignments/{place.school.assignment}/grades-moodle.csv"
    ).text  # fmt: skip
    assert SHOWN in moodle
    assert SECRET not in moodle


def test_no_page_changes_anything(place: Site) -> None:
    """GET is for looking."""
    submission = handed_in(place)
    before = changes(place)
    client = place.client("root")
    for rule in GET:
        client.get(path_of(rule, place, submission))
    assert changes(place) == before


def test_headers_of_every_page(place: Site) -> None:
    """No script of a page's own, no frame, no guessing of types, and no cache."""
    submission = handed_in(place)
    client = place.client("root")
    for rule in GET:
        answer = client.get(path_of(rule, place, submission))
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "'unsafe-inline'" not in policy or "script-src" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        if answer.content_type.startswith("text/html") and "/report" not in rule:
            assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=", answer.text), rule
