"""Passwords that are hashed for nobody, so that a log-in takes as long for an unknown user."""

from __future__ import annotations

import pytest

from grader.inspect.secrets.examine import hits_in


@pytest.mark.parametrize(
    "line",
    [
        'nobody = generate_password_hash("-", METHOD)',
        'DUMMY_HASH = generate_password_hash("some-timing-text7")',
        'self._dummy_hash = bcrypt.hashpw(b"nobody-here-42", bcrypt.gensalt())',
        'FAKE = generate_password_hash("x7Kq9ZmW2pLt")',
        'unknown_user_hash = generate_password_hash("Kx7vQ9zT")',
    ],
)
def test_what_is_hashed_for_nobody_is_no_password(line: str) -> None:
    """A log-in takes as long where there is no such user."""
    assert hits_in("app.py", line + "\n") == []


@pytest.mark.parametrize(
    "line",
    ['HASH = generate_password_hash("admin123")', 'user.set_password("Summer2024!")',
     'ADMIN_HASH = bcrypt.hashpw(b"Summer2024!", bcrypt.gensalt())'],
)  # fmt: skip
def test_what_is_hashed_for_somebody_is_one(line: str) -> None:
    assert [one.rule for one in hits_in("app.py", line + "\n")] == ["code.seeded"]
