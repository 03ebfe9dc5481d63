"""The address of the portal's database, as the environment says: its password may be in a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from grader.errors import UsageError

DATABASE = "GRADER_PORTAL_DATABASE"
PASSWORD_FILE = "GRADER_PORTAL_DATABASE_PASSWORD_FILE"  # noqa: S105 - the name of a variable


def database_address(environment: Mapping[str, str], named: str = "") -> str:
    """Return the address that is `named`, or that of `environment`, with its password.

    Raises `UsageError`.
    """
    url = named or environment.get(DATABASE, "")
    if not url:
        msg = f"Name the portal's database: set {DATABASE}, like postgresql://USER@HOST/NAME."
        raise UsageError(msg)
    file = environment.get(PASSWORD_FILE, "")
    return with_password(url, _password(Path(file))) if file else url


def with_password(url: str, password: str, user: str = "") -> str:
    """Return `url` with that password, and with `user` where one is given.

    Raises `UsageError` where it names no user, or a password already.
    """
    parts = urlsplit(url)
    known, _, host = parts.netloc.rpartition("@")
    if not user and (not known or ":" in known):
        msg = (
            f"With {PASSWORD_FILE} the address in {DATABASE} has a user and no password, like "
            "postgresql://USER@HOST/NAME."
        )
        raise UsageError(msg)
    return urlunsplit(
        parts._replace(netloc=f"{quote(user, safe='') or known}:{quote(password, safe='')}@{host}")
    )


def _password(file: Path) -> str:
    try:
        found = file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        msg = f"The file that {PASSWORD_FILE} names cannot be read: {error}."
        raise UsageError(msg) from error
    if not found:
        msg = f"{file}, which {PASSWORD_FILE} names, is empty: write the password there."
        raise UsageError(msg)
    return found
