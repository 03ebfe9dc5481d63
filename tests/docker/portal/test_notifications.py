"""What people are told, in the portal and by a real SMTP conversation; a server that is away."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope
from sqlalchemy import select

from grader.model import Outcome, Visibility
from grader.portal.actions import leases
from grader.portal.actions.grades import adjust
from grader.portal.actions.regrading import begin
from grader.portal.actions.results import conclude, unreadable
from grader.portal.actions.sweep import fail_or_put_back
from grader.portal.care.caretaker import Caretaker
from grader.portal.care.mail_server import MailRelay
from grader.portal.care.mailing import GIVEN_UP, LEASE, send_due, waiting_mails
from grader.portal.care.retention import NAME
from grader.portal.data.base import utc_now
from grader.portal.data.exams import Assignment
from grader.portal.data.notifications import Notification
from grader.portal.data.operations import Chore
from grader.portal.data.regrades import RegradeScope
from grader.portal.data.work import Grading, GradingState, SubmissionRecord
from grader.portal.rules.notices import NoticeKind
from grader.portal.rules.retention import Keep
from grader.portal.store import BlobStore
from grader.testing import a_challenge, a_result, graded
from tests.docker.portal.people import School
from tests.docker.portal.web import Site, site

REPORT = graded(a_result("repo.files"), a_result("entry.create"))
SECRET = "the-hidden-reason"
SOON = timedelta(hours=2)


@dataclass
class Inbox:
    """What a mail server got; `answers` are given to the next recipients."""

    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Envelope, address: str, options: Any
    ) -> str:
        """Take a recipient, or give the next answer."""
        del server, session, options
        if self.answers and (answer := self.answers.pop(0)):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802
        """Keep a mail."""
        del server, session
        content = cast("bytes", envelope.content)
        found = message_from_bytes(content, policy=policy.default)
        self.mails.append(found)
        self.recipients += envelope.rcpt_tos
        return "250 OK"


def free_port() -> int:
    """A port that nobody has just now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def mail_server(port: int | None = None) -> Iterator[tuple[MailRelay, Inbox]]:
    """A mail server on loopback, and what it gets."""
    inbox = Inbox()
    running = Controller(inbox, hostname="127.0.0.1", port=port or free_port())
    running.start()
    try:
        yield server_at(running.port), inbox
    finally:
        running.stop()


def server_at(port: int) -> MailRelay:
    """How the portal knows the server on a port."""
    return MailRelay(
        scheme="smtp", host="127.0.0.1", port=port, sender="Exams <exams@school.example>",
        portal="https://exams.school.example",
    )  # fmt: skip


@pytest.fixture
def place(here: School, tmp_path: Path) -> Iterator[Site]:
    """The site."""
    with closing(site(here, tmp_path, mail=server_at(9))) as found:
        yield found


def told(here: School, name: str) -> list[NoticeKind]:
    """What somebody was told, the first first."""
    with here.database.transaction() as session:
        return list(
            session.scalars(
                select(Notification.kind)
                .where(Notification.user_id == here.people[name])
                .order_by(Notification.id)
            )
        )


def waiting(here: School) -> tuple[int, int]:
    """How many mails wait, and how often one of them was tried."""
    with here.database.transaction() as session:
        return waiting_mails(session)


def fail(here: School, name: str = "ada", **more: Any) -> int:
    """Hand in what the platform fails three times."""
    submission, grading = here.hand_in(name, **more)
    with here.database.transaction() as session:
        found = session.get_one(Grading, grading)
        found.attempt, found.state = 3, GradingState.RUNNING
        fail_or_put_back(session, found, utc_now(), f"No engine. {SECRET}")
    return submission


def extend(place: Site, name: str = "ada", why: str = "ill") -> None:
    """Give somebody more time."""
    until = (utc_now() + timedelta(days=9)).strftime("%Y-%m-%dT%H:%M")
    form = {"user": str(place.school.people[name]), "until": until, "why": why}
    address = f"/assignments/{place.school.assignment}/extensions"
    assert place.client("ines").post(address, data=form).status_code == 303


def test_who_is_told_of_what(place: Site) -> None:
    """Of a result, what cannot be read, a fault, more time and a comment; nobody else is."""
    here = place.school
    submission, _ = place.graded(REPORT)
    _, damaged = here.hand_in()
    with here.database.transaction() as session:
        mine = leases.claim(session, damaged, here.worker, utc_now())
        assert mine
        assert unreadable(session, mine, "It is damaged.", utc_now())
    fail(here)
    extend(place)
    with here.database.transaction() as session:
        found = session.get_one(SubmissionRecord, submission)
        adjust(session, here.user(session, "ines"), found, utc_now(), points="1", comment="Well")
    assert told(here, "ada") == [
        NoticeKind.RESULT, NoticeKind.UNREADABLE, NoticeKind.FAULT, NoticeKind.EXTENSION,
        NoticeKind.BY_HAND,
    ]  # fmt: skip
    assert told(here, "ines") == [NoticeKind.FAULT_IN_CLASS]
    for name in ("ben", "ta", "olga", "otto", "root"):
        assert told(here, name) == []


def test_instructors_are_told_once_of_a_platform_that_is_down(place: Site) -> None:
    """And again, once they have read of it."""
    here = place.school
    for name in ("ada", "ben", "ta"):
        fail(here, name)
    assert told(here, "ines") == [NoticeKind.FAULT_IN_CLASS]
    client = place.client("ines")
    page = client.get("/notifications").text
    assert "failed to grade 3 submissions" in page
    assert client.post("/notifications/read", data={"until": str(2**40)}).status_code == 303
    fail(here)
    assert told(here, "ines") == [NoticeKind.FAULT_IN_CLASS] * 2


def test_a_regrade_tells_who_began_it_and_then_whose_points_change(place: Site) -> None:
    """Students hear nothing of a preview, and nothing at all where all stays the same."""
    here = place.school
    for name in ("ada", "ben"):
        place.graded(REPORT, name=name)
    with here.database.transaction() as session:
        assignment = session.get_one(Assignment, here.assignment)
        regrade = begin(
            session, here.user(session, "ines"), assignment, utc_now(), why="why",
            exam_version_id=assignment.exam_version_id, scope=RegradeScope.ALL,
        )  # fmt: skip
        number = regrade.id
    better = graded(*(a_result(one.id) for one in a_challenge().criteria))
    for report in (better, REPORT):
        with here.database.transaction() as session:
            queued = session.scalars(
                select(Grading.id).where(Grading.state == GradingState.QUEUED).order_by(Grading.id)
            ).first()
            assert queued
            assert told(here, "ines") == []
            mine = leases.claim(session, queued, here.worker, utc_now())
            assert mine
            assert conclude(session, mine, report, utc_now())
    assert told(here, "ines") == [NoticeKind.REGRADE_READY]
    assert told(here, "ada") == [NoticeKind.RESULT]
    client = place.client("ines")
    seen = client.get(f"/regrades/{number}").text.split('name="seen" value="')[1].split('"')[0]
    assert client.post(f"/regrades/{number}/apply", data={"seen": seen}).status_code == 303
    assert told(here, "ada") == [NoticeKind.RESULT, NoticeKind.REGRADED]
    assert told(here, "ben") == [NoticeKind.RESULT]


def test_the_list(place: Site) -> None:
    """Empty, with something new, opened, read, and long; only one's own."""
    client = place.client("ada")
    assert "None yet." in client.get("/notifications").text
    submission, _ = place.graded(REPORT)
    page = client.get("/").text
    assert '<span class="count">1<span class="unseen"> not read</span></span>' in page
    assert "was graded: 7 of 10 points, passed" in client.get("/notifications").text
    assert place.client("ben").post("/notifications/1/open").status_code == 404
    assert client.get("/notifications").text.count(">new<") == 1
    opened = client.post("/notifications/1/open")
    assert (opened.status_code, opened.location) == (303, f"/submissions/{submission}")
    assert "not read" not in client.get("/").text
    with place.school.database.transaction() as session:
        session.add_all(
            Notification(
                user_id=place.school.people["ada"], kind=NoticeKind.FAULT, data={"number": n},
                about=f"submission/{submission}",
            )
            for n in range(60)
        )  # fmt: skip
    page = client.get("/notifications").text
    assert "60 not read" in page
    assert page.count("Open<span") == 50
    older = client.get("/notifications?before=12").text
    assert older.count("Open<span") == 11
    assert "None before these." in client.get("/notifications?before=1").text
    assert client.get("/notifications?before=x").status_code == 200
    client.post("/notifications/read", data={"until": "61"})
    assert "not read</span>" not in client.get("/notifications").text


def test_mail_goes_out_once(place: Site) -> None:
    """One for each notification, with a link, to its person alone; nothing is sent again."""
    here = place.school
    submission, _ = place.graded(REPORT)
    extend(place, "ben", why="a private reason")
    with mail_server() as (server, inbox):
        assert send_due(here.database, server, utc_now()) == 2
        assert send_due(here.database, server, utc_now() + SOON) == 0
    assert inbox.recipients == ["ada@school.example", "ben@school.example"]
    first, second = inbox.mails
    assert first["Subject"] == "Graded: Exam of Web 1"
    assert first["From"] == "Exams <exams@school.example>"
    assert first["Auto-Submitted"] == "auto-generated"
    assert first["Message-ID"] != second["Message-ID"]
    text = first.get_content()
    assert "7 of 10 points, passed" in text
    assert f"https://exams.school.example/submissions/{submission}\r\n" in text
    assert "private reason" not in second.get_content()
    assert waiting(here) == (0, 0)


def test_a_server_that_is_away_loses_nothing_and_blocks_nothing(place: Site) -> None:
    """Pages and gradings go on; what waited goes out once it is there again."""
    here, port = place.school, free_port()
    submission, grading = place.graded(REPORT)
    now = utc_now()
    for attempt in range(1, 4):
        assert send_due(here.database, server_at(port), now) == 0
        assert waiting(here) == (1, attempt)
        now += SOON
    assert "1 waits, tried 3 times" in place.client("root").get("/operations").text
    assert here.grading(grading).state is GradingState.DONE
    assert "was graded" in place.client("ada").get("/notifications").text.replace("\n", " ")
    place.graded(REPORT, name="ben")
    with mail_server(port) as (server, inbox):
        assert send_due(here.database, server, now) == 2
    assert len(inbox.mails) == 2
    assert place.client("ada").get(f"/submissions/{submission}").status_code == 200


def test_a_process_that_dies_while_it_sends_loses_nothing(place: Site) -> None:
    """What it had claimed is another one's after a while, and under the same Message-ID."""
    here = place.school
    place.graded(REPORT)

    class Killed(BaseException):
        """As SIGKILL does, nothing goes on."""

    with mail_server() as (server, inbox), pytest.MonkeyPatch.context() as patch:
        from smtplib import SMTP

        def sends_and_dies(self: SMTP, message: EmailMessage, *_: Any, **__: Any) -> None:
            real(self, message)
            raise Killed

        real = SMTP.send_message
        patch.setattr(SMTP, "send_message", sends_and_dies)
        with pytest.raises(Killed):
            send_due(here.database, server, utc_now())
        patch.undo()
        assert send_due(here.database, server, utc_now()) == 0
        assert send_due(here.database, server, utc_now() + LEASE * 2) == 1
        assert len({one["Message-ID"] for one in inbox.mails}) == 1


def test_what_a_server_refuses(place: Site) -> None:
    """For now: it is tried again. For good: it is not. The others get theirs all the same."""
    here = place.school
    for name in ("ada", "ben", "ta"):
        place.graded(REPORT, name=name)
    with mail_server() as (server, inbox):
        inbox.answers = ["450 busy", "550 no such user", ""]
        assert send_due(here.database, server, utc_now()) == 1
        assert inbox.recipients == ["ta@school.example"]
        assert send_due(here.database, server, utc_now() + SOON) == 1
        assert inbox.recipients == ["ta@school.example", "ada@school.example"]
        assert send_due(here.database, server, utc_now() + 2 * SOON) == 0
    assert "Notifications" in place.client("ben").get("/notifications").text


def test_who_gets_no_mail(place: Site) -> None:
    """Who wants none, whose account is closed, who has read it, and nobody after three days."""
    here = place.school
    names = ("ada", "ben", "ta", "ines")
    for name in names:
        place.graded(REPORT, name=name)
    assert place.client("ada").post("/notifications/mail", data={"mail": "no"}).status_code == 303
    place.client("ta").post("/notifications/read", data={"until": "99"})
    with here.database.transaction() as session:
        here.user(session, "ben").active = False
        late = session.scalars(
            select(Notification).where(Notification.user_id == here.people["ines"])
        ).one()
        late.created_at -= GIVEN_UP
    with mail_server() as (server, inbox):
        assert send_due(here.database, server, utc_now()) == 0
    assert inbox.mails == []
    assert waiting(here) == (0, 0)
    place.client("ada").post("/notifications/mail", data={"mail": "yes"})
    place.graded(REPORT)
    with mail_server() as (server, inbox):
        assert send_due(here.database, server, utc_now()) == 1


def test_a_portal_without_a_mail_server(here: School, tmp_path: Path) -> None:
    """It keeps nothing for later: nobody gets last term's mails on the day there is one."""
    with closing(site(here, tmp_path)) as place:
        place.graded(REPORT)
        assert "This portal sends no e-mail." in place.client("ada").get("/notifications").text
        assert "No mail server is named" in place.client("root").get("/operations").text
    assert send_due(here.database, None, utc_now()) == 0
    assert waiting(here) == (0, 0)


def test_the_caretaker_sends_more_than_a_batch(place: Site, tmp_path: Path) -> None:
    """And tidies up, once a day."""
    here = place.school
    with here.database.transaction() as session:
        session.add_all(
            Notification(
                user_id=here.people["ada"], kind=NoticeKind.FAULT, data={"number": n},
                about="submission/1", mail_due_at=utc_now(),
            )
            for n in range(45)
        )  # fmt: skip
    with mail_server() as (server, inbox):
        Caretaker(here.database, BlobStore(tmp_path), Keep(), server).look()
    assert len(inbox.mails) == 45
    with here.database.transaction() as session:
        assert session.scalars(select(Chore.name)).all() == [NAME]


def test_no_hidden_reason_is_in_a_mail_or_a_notification(place: Site) -> None:
    """Whatever happens to a submission whose hidden criterion failed."""
    here = place.school
    exam = a_challenge()
    hidden = tuple(
        replace(one, visibility=Visibility.HIDDEN, title=f"Hidden title {SECRET}")
        if one.id == "entry.stored" else one
        for one in exam.criteria
    )  # fmt: skip
    lost = a_result("entry.stored", Outcome.FAILED, rationale=SECRET, evidence=SECRET)
    place.graded(graded(lost, challenge=replace(exam, criteria=hidden)))
    fail(here)
    extend(place, why=SECRET)
    with here.database.transaction() as session:
        found = session.get_one(SubmissionRecord, 1)
        adjust(session, here.user(session, "ines"), found, utc_now(), points="1", comment=SECRET)
    with mail_server() as (server, inbox):
        assert send_due(here.database, server, utc_now()) == 5
    said = " ".join(one.as_string() + str(one.get_content()) for one in inbox.mails)
    assert "Graded" in said
    assert SECRET not in said
    assert SECRET not in place.client("ada").get("/notifications").text
    assert SECRET not in place.client("ines").get("/notifications").text
