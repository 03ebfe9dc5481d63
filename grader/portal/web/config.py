"""What a web process is told when it starts."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from pathlib import Path

from grader.portal.care.mail_server import MailRelay
from grader.portal.openid.settings import SignInSettings
from grader.portal.rules.retention import Keep
from grader.portal.secret_files import drawn_once

UPLOAD_BYTES = 256 * 1024 * 1024
MAX_PARTS = 20_000
"""Files of a folder that is handed in, and fields."""


@dataclass(frozen=True, kw_only=True)
class PortalConfig:
    """What a web process is told when it starts."""

    database: str
    """The address of the database."""
    folder: Path
    """Keys and blobs."""
    https: bool = False
    """Whether people come by https (through a proxy): cookies are sent there alone."""
    upload_bytes: int = UPLOAD_BYTES
    processes: int = 1
    """How many web processes there are, which count by themselves what somebody tries."""
    streams: int = 200
    """Pages that are told of their run at a time; others ask again every few seconds."""
    limits: bool = True
    """Whether there are rate limits; off in tests alone."""
    mail: MailRelay | None = None
    """Where notifications are sent; None: they are in the portal's list alone."""
    keep: Keep = field(default_factory=Keep)
    """How long what is kept."""
    sign_in: SignInSettings = field(default_factory=SignInSettings)
    """How people sign in."""

    @property
    def blobs(self) -> Path:
        """Where uploads are kept."""
        return self.folder / "blobs"

    @property
    def receipt_key(self) -> Path:
        """The key that receipts are signed with."""
        return self.folder / "receipt-key"

    def kept_secret(self, name: str) -> str:
        """Return the secret in the file `name`; a new one is drawn where there is none."""
        return drawn_once(self.folder / name, lambda: secrets.token_hex(32).encode()).decode()
