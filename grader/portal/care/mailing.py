"""Sending what is due. Each mail is claimed, sent, and noted as sent, one after another.

A process that dies between the last two sends a mail twice, under one Message-ID; none is lost.
"""

from __future__ import annotations

import logging
import smtplib
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from grader.portal.care.mail_server import MailRelay
from grader.portal.data.database import PortalDatabase
from grader.portal.data.notifications import Notification
from grader.portal.data.people import User
from grader.portal.rules.notices import path_of, sentence, subject
from grader.text import clean

log = logging.getLogger(__name__)

BATCH = 20
LEASE = timedelta(minutes=15)
"""For a batch: longer than its conversations may take."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
GIVEN_UP = timedelta(days=3)
"""After which an old notification is in the portal's list alone."""


@dataclass(frozen=True, kw_only=True)
class DueMail:
    """A notification that is to be sent."""

    id: int
    attempts: int
    message: EmailMessage


def send_due(database: PortalDatabase, server: MailRelay | None, now: datetime) -> int:
    """Send a batch of what is due; gives how many were sent.

    What a server that is away cannot take is tried again, at longer and longer intervals.
    """
    _give_up(database, now, all_of_it=server is None)
    if server is None:
        return 0
    batch = _claim(database, server, now)
    sent = 0
    try:
        if batch:
            with server.connection() as opened:
                for mail in batch:
                    sent += _send(database, opened, mail, now)
    except (OSError, smtplib.SMTPException) as error:
        log.warning("mail waits: %s", clean(str(error)))
        _later(database, batch, now)
    return sent


def waiting_mails(session: Session) -> tuple[int, int]:
    """Return how many mails wait, and how often the one was tried that was tried most often."""
    count, most = session.execute(
        select(func.count(), func.max(Notification.mail_attempts)).where(
            Notification.mail_due_at.is_not(None)
        )
    ).one()
    return count, most or 0


def _give_up(database: PortalDatabase, now: datetime, *, all_of_it: bool) -> None:
    """Send nothing that is old or read by now, and nothing to who wants none."""
    unwanted = select(User.id).where(or_(User.mail.is_(False), User.active.is_(False)))
    reasons = or_(
        Notification.created_at < now - GIVEN_UP,
        Notification.read_at.is_not(None),
        Notification.user_id.in_(unwanted),
    )
    query = update(Notification).where(Notification.mail_due_at.is_not(None))
    with database.transaction() as session:
        session.execute((query if all_of_it else query.where(reasons)).values(mail_due_at=None))


def _claim(database: PortalDatabase, server: MailRelay, now: datetime) -> list[DueMail]:
    with database.transaction() as session:
        rows = session.execute(
            select(Notification, User)
            .join(User, User.id == Notification.user_id)
            .where(Notification.mail_due_at <= now)
            .order_by(Notification.id)
            .limit(BATCH)
            .with_for_update(of=Notification, skip_locked=True)
        ).all()
        for found, _ in rows:
            found.mail_due_at = now + LEASE
            found.mail_attempts += 1
        return [
            DueMail(id=found.id, attempts=found.mail_attempts,
                    message=message_of(found, user, server))
            for found, user in rows
        ]  # fmt: skip


def message_of(found: Notification, user: User, server: MailRelay) -> EmailMessage:
    """Return the mail: one sentence, and the link to what it is about."""
    message = EmailMessage()
    message["From"], message["To"] = server.sender, user.email
    message["Subject"] = subject(found.kind, found.data)
    domain = parseaddr(server.sender)[1].rpartition("@")[2]
    message["Message-ID"] = f"<notification-{found.id}.{found.created_at:%Y%m%d%H%M%S}@{domain}>"
    message["Date"] = format_datetime(found.created_at)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(
        f"{sentence(found.kind, found.data)}\n\n{server.portal}{path_of(found.about)}\n\n"
        f"-- \nYou can stop these e-mails on {server.portal}/notifications\n"
    )
    return message


def _send(database: PortalDatabase, opened: smtplib.SMTP, mail: DueMail, now: datetime) -> bool:
    """Send one; return whether the server has it. What it refuses for good is not sent."""
    try:
        opened.send_message(mail.message)
    except smtplib.SMTPRecipientsRefused as error:
        code = max((found[0] for found in error.recipients.values()), default=0)
        _note(database, mail, now, refused=code >= 500, log_as=f"refused ({code})")
        return False
    except smtplib.SMTPResponseException as error:
        _note(database, mail, now, refused=error.smtp_code >= 500,
              log_as=f"refused ({error.smtp_code})")  # fmt: skip
        return False
    except (ValueError, smtplib.SMTPNotSupportedError):  # an address that the server cannot take
        _note(database, mail, now, refused=True, log_as="not possible")
        return False
    with database.transaction() as session:
        found = session.get_one(Notification, mail.id)
        found.mail_due_at, found.mailed_at = None, now
    return True


def _note(
    database: PortalDatabase, mail: DueMail, now: datetime, *, refused: bool, log_as: str
) -> None:
    log.warning("mail of notification %s: %s", mail.id, log_as)
    if not refused:
        _later(database, [mail], now)
        return
    with database.transaction() as session:
        session.get_one(Notification, mail.id).mail_due_at = None


def _later(database: PortalDatabase, batch: list[DueMail], now: datetime) -> None:
    """Try those again that were not sent."""
    with database.transaction() as session:
        for mail in batch:
            found = session.get_one(Notification, mail.id)
            if found.mail_due_at is not None:
                found.mail_due_at = now + pause_after(mail.attempts)


def pause_after(attempts: int) -> timedelta:
    """Return how long it waits after so many attempts."""
    doubled: int = 2 ** min(attempts - 1, 10)
    return min(FIRST_PAUSE * doubled, LONGEST_PAUSE)
