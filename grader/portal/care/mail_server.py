"""The mail server that the environment names."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import unquote, urlsplit

from grader.errors import UsageError

SERVER = "GRADER_PORTAL_SMTP"
PASSWORD_FILE = "GRADER_PORTAL_SMTP_PASSWORD_FILE"  # noqa: S105 - the name of a variable
SENDER = "GRADER_PORTAL_MAIL_FROM"
ADDRESS = "GRADER_PORTAL_ADDRESS"
SECONDS = 20.0
"""For each step of a conversation."""
PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
LOOPBACK = {"127.0.0.1", "::1", "localhost"}


@dataclass(frozen=True, kw_only=True)
class MailRelay:
    """Where mail goes out, and in whose name."""

    scheme: str
    host: str
    port: int
    sender: str
    portal: str
    """The portal's address, which links begin with."""
    user: str = ""
    password_file: Path | None = None

    @contextmanager
    def connection(self) -> Iterator[smtplib.SMTP]:
        """Yield a conversation with it. Raises `OSError` and `smtplib.SMTPException`."""
        context = ssl.create_default_context()
        opened: smtplib.SMTP = (
            smtplib.SMTP_SSL(self.host, self.port, timeout=SECONDS, context=context)
            if self.scheme == "smtps"
            else smtplib.SMTP(self.host, self.port, timeout=SECONDS)
        )
        with opened:
            if self.scheme == "smtp+starttls":
                opened.starttls(context=context)
            if self.user and self.password_file:
                opened.login(self.user, self.password_file.read_text("utf-8").strip())
            yield opened


def mail_server(environment: Mapping[str, str]) -> MailRelay | None:
    """Return the server that `environment` names; None where it names none.

    Raises `UsageError` that says what is missing.
    """
    url = environment.get(SERVER, "")
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname or parts.password:
        msg = (
            f"{SERVER} has to be like smtps://USER@mail.school.example, smtp+starttls://… or "
            f"smtp://…; the password is in the file that {PASSWORD_FILE} names."
        )
        raise UsageError(msg)
    sender, portal = environment.get(SENDER, ""), environment.get(ADDRESS, "")
    if "@" not in parseaddr(sender)[1] or not portal.startswith(("http://", "https://")):
        msg = (
            f"To send mail, name the sender in {SENDER} (like exams@school.example) and the "
            f"portal's own address in {ADDRESS} (like https://exams.school.example)."
        )
        raise UsageError(msg)
    kept = environment.get(PASSWORD_FILE, "")
    if bool(kept) != bool(parts.username):
        msg = f"A mail server with a user has a password, and the other way round: {PASSWORD_FILE}."
        raise UsageError(msg)
    if kept and parts.scheme == "smtp" and parts.hostname not in LOOPBACK:
        msg = f"A password is not sent in the open: use smtps:// or smtp+starttls:// in {SERVER}."
        raise UsageError(msg)
    return MailRelay(
        scheme=parts.scheme,
        host=parts.hostname,
        port=parts.port or PORTS[parts.scheme],
        sender=sender,
        portal=portal.rstrip("/"),
        user=unquote(parts.username or ""),
        password_file=Path(kept) if kept else None,
    )
