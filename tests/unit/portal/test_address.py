"""Where the database is, and its password in a file."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from grader.errors import UsageError
from grader.portal.data.address import (
    DATABASE,
    PASSWORD_FILE,
    database_address,
    with_password,
)

URL = "postgresql://portal@database:5432/portal"


def test_an_address_with_all_in_it() -> None:
    """As it was said; the command line comes first."""
    whole = "postgresql://portal:s3cret@database/portal"
    assert database_address({DATABASE: whole}) == whole
    assert database_address({DATABASE: whole}, URL) == URL


def test_a_password_in_a_file(tmp_path: Path) -> None:
    """Whatever is in it; the line's end is none of it."""
    (tmp_path / "password").write_text("a/b@c:d e%\n")
    found = database_address({DATABASE: URL, PASSWORD_FILE: str(tmp_path / "password")})
    parts = urlsplit(found)
    assert (parts.username, parts.hostname, parts.port) == ("portal", "database", 5432)
    assert unquote(parts.password or "") == "a/b@c:d e%"
    assert parts.path == "/portal"


def test_another_user() -> None:
    """As workers have it: what was said of the owner goes."""
    found = with_password("postgresql://portal:s3cret@127.0.0.1:1/portal", "p", "portal_worker")
    assert found == "postgresql://portal_worker:p@127.0.0.1:1/portal"


@pytest.mark.parametrize(
    ("url", "password", "said"),
    [
        ("", None, "Name the portal's database"),
        (URL, None, "cannot be read"),
        (URL, "\n", "is empty"),
        ("postgresql://database/portal", "p", "a user and no password"),
        ("postgresql://portal:s3cret@database/portal", "p", "a user and no password"),
    ],
)
def test_what_is_no_address(tmp_path: Path, url: str, password: str | None, said: str) -> None:
    """A sentence that names the variable, and no password."""
    if password is not None:
        (tmp_path / "password").write_text(password)
    with pytest.raises(UsageError, match=said) as raised:
        database_address({DATABASE: url, PASSWORD_FILE: str(tmp_path / "password")})
    assert "s3cret" not in str(raised.value)
