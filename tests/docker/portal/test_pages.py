"""The pages with what people send: right, wrong, twice, late, too much, and hostile."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from grader.model import Outcome
from grader.portal.actions.leases import finish
from grader.portal.actions.signing_in import begin_session, new_link
from grader.portal.data.base import utc_now
from grader.portal.data.exams import Assignment, ExamVersion
from grader.portal.data.people import Course, User, WebSession
from grader.portal.data.work import Grading, GradingState, SubmissionRecord
from grader.portal.receipts import verify
from grader.portal.rules.schedule import Dates
from grader.portal.web.app import create_app
from grader.portal.web.config import PortalConfig
from grader.portal.web.sessions import TOKEN
from grader.testing import a_result, graded
from tests.docker.portal.people import School
from tests.docker.portal.web import Site, archive, site, upload

REPORT = graded(a_result("repo.files"), a_result("entry.create"))
PASSWORD = "three or four words"
HOSTILE = "<script>alert(1)</script>\u202e" + "x" * 300


@pytest.fixture
def place(here: School, tmp_path: Path) -> Iterator[Site]:
    """The site."""
    found = site(here, tmp_path)
    yield found
    found.close()


def test_a_student_hands_in_and_reads(place: Site) -> None:
    """From the first page to the receipt, which checks offline."""
    client, number = place.client("ada"), place.school.assignment
    assert "Exam of Web 1" in client.get("/").text
    assert "Build it." in client.get(f"/assignments/{number}").text
    sent = upload(client, number)
    assert sent.status_code == 303
    page = client.get(sent.location).text
    assert "Waiting: 0 before this one" in page
    assert "No worker is here" in page
    receipt, _ = verify(client.get(f"{sent.location}/receipt").text)
    assert receipt.student == "ada@school.example"
    source = client.get(f"{sent.location}/source")
    assert source.data.startswith(b"PK")
    assert source.headers["Content-Disposition"].startswith("attachment")
    assert source.content_type == "application/octet-stream"


def test_a_folder_is_packed_alike_each_time(place: Site) -> None:
    """What tools make is left out; the same files have the same digest."""
    digests = []
    for name in ("ada", "ben"):
        files = [
            (io.BytesIO(b"FROM python"), "answer/Dockerfile"),
            (io.BytesIO(b"x"), "answer/.venv/lib/x.py"),
            (io.BytesIO(b"print()"), "answer/app/main.py"),
        ]
        sent = upload(place.client(name), place.school.assignment, folder=files)
        number = int(sent.location.rsplit("/", 1)[1])
        digests.append(place.school.submission(number).blob_digest)
    assert digests[0] == digests[1] is not None


BAD: dict[str, tuple[dict[str, Any], int, str]] = {
    "nothing": ({"archive": (io.BytesIO(), "")}, 400, "Choose a folder, an archive or"),
    "empty": ({"archive": (io.BytesIO(b""), "x.zip")}, 400, "The upload is empty"),
    "a page": ({"archive": (io.BytesIO(b"<svg onload=alert(1)>"), "x.svg")}, 400, "no archive"),
    "too large": ({"archive": (io.BytesIO(b"PK\3\4" + b"x" * 100_000), "x.zip")}, 400, "larger"),
    "endless": ({"archive": (io.BytesIO(b"x" * 300_000), "x.zip")}, 413, "too large"),
    "leads out": ({"folder": [(io.BytesIO(b"x"), "../../etc/passwd")]}, 400, "no file of a folder"),
    "only tools": ({"folder": [(io.BytesIO(b"x"), "a/.venv/x")]}, 400, "nothing to grade"),
    "file": ({"repository": "file:///etc"}, 400, "GRADER_GIT_FILE"),
    "ssh": ({"repository": "git@host.example:me/it"}, 400, "https://"),
    "password": ({"repository": "https://me:secret@host.example/it"}, 400, "without a password"),
    "option": ({"repository": "--upload-pack=x"}, 400, "no address"),
    "odd ref": ({"repository": "https://host.example/it", "ref": "--x"}, 400, "no branch"),
    "no key": ({"request_key": "", "archive": (io.BytesIO(b"x"), "x")}, 400, "incomplete"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_handed_in(place: Site, name: str) -> None:
    """A sentence that says what to do, and nothing is there afterwards."""
    form, status, said = BAD[name]
    copied = {key: _fresh(value) for key, value in form.items()}
    answer = upload(place.client("ada"), place.school.assignment, **copied)
    assert answer.status_code == status
    assert said in answer.text
    assert "secret" not in answer.text
    with place.school.database.transaction() as session:
        assert session.scalars(select(SubmissionRecord)).all() == []


def _fresh(value: Any) -> Any:
    """A file's copy: the client closes what it sends."""
    if isinstance(value, list):
        return [_fresh(one) for one in value]
    if isinstance(value, tuple):
        return (io.BytesIO(value[0].getvalue()), value[1])
    return value


def test_the_same_form_twice(place: Site) -> None:
    """A double click leads to the one submission that there is."""
    client, number = place.client("ada"), place.school.assignment
    answers = [
        upload(client, number, archive=(io.BytesIO(archive()), "a.zip"), request_key="a" * 16)
        for _ in range(2)
    ]
    assert answers[0].location == answers[1].location


def test_a_closed_assignment_says_so_before_and_after(place: Site) -> None:
    """The page has no form then, and a form that was open is refused."""
    now = utc_now()
    place.school.change(dates=Dates(opens=None, due=now, closes=now - timedelta(seconds=1)))
    client, number = place.client("ada"), place.school.assignment
    page = client.get(f"/assignments/{number}").text
    assert "This assignment closed on" in page
    assert 'name="archive"' not in page
    assert upload(client, number).status_code == 409


def test_a_session_that_is_over_in_mid_form(place: Site) -> None:
    """What was typed is shown, and secrets are not."""
    client = place.client("ines")
    with place.school.database.transaction() as session:
        for one in session.scalars(select(WebSession)):
            session.delete(one)
    submission, _ = place.school.hand_in()
    form = {"comment": "a long comment", "points": "2", "password": "hunter2"}
    answer = client.post(f"/submissions/{submission}/adjustments", data=form)
    assert answer.status_code == 401
    assert "a long comment" in answer.text
    assert "hunter2" not in answer.text


def test_signing_in(place: Site) -> None:
    """By a link once, then by password; the session is a new one each time."""
    with place.school.database.transaction() as session:
        token = new_link(session, place.school.user(session, "ada"), utc_now())
    client = place.app.test_client()
    assert client.get(f"/sign-in/{token}").status_code == 200
    assert client.post(f"/sign-in/{token}", data={"password": "short"}).status_code == 400
    assert client.post(f"/sign-in/{token}", data={"password": PASSWORD}).status_code == 303
    with client.session_transaction() as cookie:
        first = cookie[TOKEN]
    assert client.get("/").status_code == 200
    assert client.get(f"/sign-in/{token}").status_code == 409
    client.post("/sign-out")
    assert client.get("/").status_code == 302
    form = {"email": "ADA@school.example", "password": PASSWORD, "next": "//evil.example"}
    answer = client.post("/sign-in", data=form)
    assert (answer.status_code, answer.location) == (303, "/")
    with client.session_transaction() as cookie:
        assert cookie[TOKEN] != first
    wrong = client.post("/sign-in", data=form | {"password": "x"})
    nobody = client.post("/sign-in", data=form | {"email": "nobody@school.example"})
    assert wrong.status_code == nobody.status_code == 401
    assert "There is no account with" in wrong.text
    assert "There is no account with" in nobody.text


def test_what_no_table_holds(place: Site) -> None:
    """A number that is too large, and a character that the database refuses: no fault of ours."""
    client = place.client("root")
    for path in ("/submissions/", "/assignments/", "/courses/"):
        assert client.get(f"{path}{10**30}").status_code == 404
    form = {"email": "a\0b@school.example", "password": "x"}
    assert place.app.test_client().post("/sign-in", data=form).status_code == 400


def test_a_session_ends(place: Site) -> None:
    """After twelve idle hours, and where the account is closed."""
    with place.school.database.transaction() as session:
        old = begin_session(
            session, place.school.user(session, "ada"), utc_now() - timedelta(hours=13)
        )
    client = place.app.test_client()
    with client.session_transaction() as cookie:
        cookie[TOKEN] = old
    assert client.get("/").status_code == 302
    other = place.client("ben")
    with place.school.database.transaction() as session:
        place.school.user(session, "ben").active = False
    assert other.get("/").status_code == 302


def test_forms_need_their_token(here: School, tmp_path: Path) -> None:
    """A form of another site does nothing."""
    submission, _ = here.hand_in()
    with closing(site(here, tmp_path, WTF_CSRF_ENABLED=True)) as place:
        answer = place.client("ada").post(f"/submissions/{submission}/withdraw")
    assert answer.status_code == 401
    assert here.submission(submission).withdrawn_at is None


def test_passwords_cannot_be_tried_without_end(here: School, tmp_path: Path) -> None:
    """An account has ten tries in a quarter of an hour, wherever they come from."""
    form = {"email": "ada@school.example", "password": "x"}
    with closing(site(here, tmp_path, limits=True)) as place:
        client = place.app.test_client()
        codes = [client.post("/sign-in", data=form).status_code for _ in range(11)]
    assert codes == [401] * 10 + [429]


def test_the_instructors_way(place: Site) -> None:
    """Roster, assignment, extension, adjustment, class and grades."""
    client, school = place.client("ines"), place.school
    with school.database.transaction() as session:
        course = session.scalars(select(Course.id).order_by(Course.id)).first()
        exam = session.scalars(select(ExamVersion.id)).one()
    table = f"email,name,role,number\nzoe@school.example,{HOSTILE[:40]},student,7\n"
    invited = client.post(f"/courses/{course}/roster", data={"table": table})
    assert "/sign-in/" in invited.text
    assert "<script>alert" not in invited.text
    form = {
        "title": "Second", "exam": str(exam), "late": "per_cent", "per_cent": "20",
        "attempts": "3", "cool_down": "5", "counting": "latest", "published": "yes",
        "opens": "2030-01-01T00:00", "due": "2030-02-01T00:00", "closes": "2030-03-01T00:00",
    }  # fmt: skip
    made = client.post(f"/courses/{course}/assignments", data=form)
    assert made.status_code == 303
    wrong = client.post(
        f"/courses/{course}/assignments", data=form | {"closes": "2029-01-01T00:00"}
    )
    assert wrong.status_code == 400
    assert 'value="Second"' in wrong.text
    until = (utc_now() + timedelta(days=5)).strftime("%Y-%m-%dT%H:%M")
    more = {"user": str(school.people["ada"]), "until": until, "why": "ill"}
    assert client.post(f"/assignments/{school.assignment}/extensions", data=more).status_code == 303
    submission, _ = place.graded(REPORT)
    points = {"points": "-1.5", "comment": "=HYPERLINK(x)"}
    assert client.post(f"/submissions/{submission}/adjustments", data=points).status_code == 303
    assert "=HYPERLINK(x)" in place.client("ada").get(f"/submissions/{submission}").text
    rows = list(csv.DictReader(io.StringIO(
        client.get(f"/assignments/{school.assignment}/grades.csv").text
    )))  # fmt: skip
    ada = next(row for row in rows if row["email"] == "ada@school.example")
    assert (ada["earned"], ada["adjustment"], ada["points"]) == ("7", "-1.5", "5.5")
    assert ada["comments"] == "Ines (-1.5): =HYPERLINK(x)"
    assert next(row for row in rows if row["student"] == "Ben")["points"] == ""
    page = client.get(f"/assignments/{school.assignment}/class").text
    assert "<svg" in page
    assert "5½/10" in page
    assert "5.5" in client.get(f"/assignments/{school.assignment}/grades-canvas.csv").text


def test_what_is_done_by_hand_says_who_and_why(place: Site) -> None:
    """On the page for the student, in the files that the instructor takes away, and by the API."""
    submission, _ = place.graded(REPORT)
    address = f"/submissions/{submission}/adjustments"
    ines = place.client("ines")
    for points, comment in (("1/2", "A right answer that no test knew."), ("0", "Well structured")):
        form = {"points": points, "comment": comment}
        assert ines.post(address, data=form).status_code == 303
    for wrong in ("", "x", "1e9", "1/0", "9" * 30):
        answer = ines.post(address, data={"points": wrong or "1", "comment": "x" if wrong else ""})
        assert answer.status_code == 409
    page = place.client("ada").get(f"/submissions/{submission}").text
    assert "+½ points" in page
    assert "A comment" in page
    assert page.count("Ines, <time") == 2
    class_files = f"/assignments/{place.school.assignment}/grades"
    said = ines.get(f"{class_files}.csv").text
    assert "Ines (0.5): A right answer that no test knew. | Ines: Well structured" in said
    moodle = list(csv.reader(io.StringIO(ines.get(f"{class_files}-moodle.csv").text)))
    assert moodle[1][3] == "7.5"
    assert moodle[1][4].startswith("By hand, Ines (0.5): A right answer that no test knew. | By")
    assert "entry.stored" not in moodle[1][4]


def test_two_submissions_are_compared(place: Site) -> None:
    """What was gained and lost, as the person may see it; a teacher finds all of a student's."""
    first, _ = place.graded(REPORT)
    lost = a_result("entry.create", Outcome.FAILED, rationale="It answers 500.")
    second, _ = place.graded(graded(a_result("repo.files"), lost))
    client = place.client("ada")
    assert f"/submissions/{second}/compare/{first}" in client.get(f"/submissions/{second}").text
    page = client.get(f"/submissions/{second}/compare/{first}").text
    assert "It answers 500." in page
    assert "Lost" in page
    other, _ = place.graded(REPORT, name="olga", other=True)
    assert place.client("root").get(f"/submissions/{second}/compare/{other}").status_code == 409
    ada = place.school.people["ada"]
    listed = place.client("ta").get(f"/assignments/{place.school.assignment}/students/{ada}").text
    assert f"/submissions/{first}" in listed
    olga = place.school.people["olga"]
    address = f"/assignments/{place.school.assignment}/students/{olga}"
    assert place.client("ta").get(address).status_code == 404


def test_an_instructor_is_told_of_platform_faults(place: Site) -> None:
    """With why, and can have it graded again."""
    submission, grading = place.school.hand_in()
    with place.school.database.transaction() as session:
        finish(session.get_one(Grading, grading), GradingState.FAULT, utc_now(), "No engine.")
    client = place.client("ines")
    assert "No engine." in client.get(f"/assignments/{place.school.assignment}/class").text
    assert "No engine." not in place.client("ada").get(f"/submissions/{submission}").text
    assert client.post(f"/submissions/{submission}/grade-again").status_code == 303
    assert client.post(f"/submissions/{submission}/grade-again").status_code == 409
    assert "No engine." not in client.get(f"/assignments/{place.school.assignment}/class").text


def test_only_proven_exams_are_published(place: Site) -> None:
    """Until somebody has seen `grader verify` hold."""
    with place.school.database.transaction() as session:
        exam = session.scalars(select(ExamVersion)).one()
        exam.verified = None
        number = exam.id
    client, address = place.client("ines"), f"/assignments/{place.school.assignment}/edit"
    form = {"title": "T", "exam": str(number), "late": "none", "published": "yes"}
    assert "not proven" in client.post(address, data=form).text
    assert place.client("root").post(f"/operations/exams/{number}/verified").status_code == 303
    assert client.post(address, data=form).status_code == 303


def test_a_new_course_begins_with_its_instructor(place: Site) -> None:
    """Whose link is shown once; the audit has it all."""
    client = place.client("root")
    form = {"title": "New", "weight": "2", "email": "new@school.example", "name": "Nia"}
    answer = client.post("/operations/courses", data=form)
    link = re.search(r"/sign-in/[\w-]+", answer.text)
    assert link
    assert place.app.test_client().get(link[0]).status_code == 200
    assert "add course" in client.get("/operations/audit").text
    assert client.post("/operations/courses", data=form | {"email": "x"}).status_code == 400


def test_hostile_texts_are_texts(place: Site) -> None:
    """Names, titles, files: on every page where somebody reads them."""
    with place.school.database.transaction() as session:
        place.school.user(session, "ada").name = HOSTILE
        for one in session.scalars(select(Assignment)):
            one.title = HOSTILE
    submission, _ = place.graded(REPORT)
    root = place.client("root")
    for address in (
        "/", f"/assignments/{place.school.assignment}", f"/submissions/{submission}",
        f"/assignments/{place.school.assignment}/class", "/operations", "/operations/audit",
        f"/assignments/{place.school.assignment}/edit", "/courses/1",
    ):  # fmt: skip
        page = root.get(address)
        assert page.status_code == 200, address
        assert "<script>alert" not in page.text, address


def test_what_is_empty(place: Site) -> None:
    """Pages without anything say what comes next."""
    with place.school.database.transaction() as session:
        session.add(User(email="new@school.example", name="New", administrator=False))
        session.flush()
        token = begin_session(
            session,
            session.scalars(select(User).where(User.email == "new@school.example")).one(),
            utc_now(),
        )
    client = place.app.test_client()
    with client.session_transaction() as cookie:
        cookie[TOKEN] = token
    assert "There is nothing here yet" in client.get("/").text
    ines = place.client("ines")
    assert "no result yet" in ines.get(f"/assignments/{place.school.assignment}/class").text
    assert "Nothing yet" in place.client("ada").get(f"/assignments/{place.school.assignment}").text


def test_figures_for_a_monitoring_system(place: Site, tmp_path: Path) -> None:
    """With the token that is in the portal's folder."""
    place.school.hand_in()
    client = place.app.test_client()
    assert client.get("/metrics").status_code == 401
    token = (tmp_path / "metrics-token").read_text("utf-8")
    text = client.get("/metrics", headers={"Authorization": f"Bearer {token}"}).text
    assert 'grader_gradings{state="queued"} 1' in text
    assert "grader_workers 0" in text
    names = {line.split("{")[0].split(" ")[0] for line in text.splitlines() if line[0] != "#"}
    assert names <= {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")}


def test_a_database_that_is_away(tmp_path: Path) -> None:
    """A page that says so, and when to come again."""
    config = PortalConfig(database="postgresql://nobody@127.0.0.1:9/none", folder=tmp_path)
    client = create_app(config).test_client()
    assert client.get("/health").status_code == 200
    down = client.get("/ready")
    assert down.status_code == 503
    assert down.headers["Retry-After"] == "30"
    assert "Nothing that was" in down.text
