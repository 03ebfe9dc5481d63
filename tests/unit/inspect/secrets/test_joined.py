"""A run and the files together: one finding that both support, with its line."""

from __future__ import annotations

import pytest

from grader.inspect.secrets import Blob, scan_blobs
from grader.inspect.secrets.joined import with_locations
from grader.model import CheckResult, Outcome

CODES = [ord(letter) for letter in "Kestrel_vino77"]
SIGNS = (
    "Without SECRET_KEY the app starts and signs with another key. Take the key from the "
    'environment without a default: os.environ["SECRET_KEY"].'
)
LOGS_IN = "Without DB_PASSWORD the app logs in with a password that it brings itself."


def lost(rationale: str) -> CheckResult:
    return CheckResult(criterion="secrets.no_fallback", outcome=Outcome.FAILED, rationale=rationale)


def joined(text: str, rationale: str) -> CheckResult:
    findings = scan_blobs([Blob(path="app.py", content=text.encode())]).findings
    return with_locations(lost(rationale), findings)


def test_a_value_that_is_put_together_is_named_with_its_line() -> None:
    """The run knows that it is used, the files where it stands."""
    result = joined(f'import os\napp.secret_key = "".join(map(chr, {CODES}))\n', SIGNS)
    assert [(one.path, one.line) for one in result.locations] == [("app.py", 2)]
    assert "Your files hold it at app.py:2" in result.rationale
    assert "Kestrel" not in result.rationale + result.locations[0].message


def test_the_variables_own_fallback_comes_first() -> None:
    """Other secrets of the files are other findings."""
    text = (
        'app.secret_key = "Tundra_fjord81"\n'
        'password = os.environ.get("DB_PASSWORD", "Kestrel_vino77")\n'
    )
    assert [one.line for one in joined(text, LOGS_IN).locations] == [2]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('app.secret_key = os.environ.get("SECRET_KEY") or "dev"\n', 1),
        ('key = os.environ.get("SECRET_KEY")\nif not key:\n    key = "dev"\n', 3),
        ('try:\n    key = os.environ["SECRET_KEY"]\nexcept KeyError:\n    key = "dev"\n', 4),
        ("class S(BaseSettings):\n    secret_key: str = 'dev-key'\n", 2),
    ],
)
def test_each_way_to_write_a_fallback_is_named(text: str, line: int) -> None:
    """By `or`, by a condition, by an exception, as the default of a setting."""
    assert [one.line for one in joined(text, SIGNS).locations] == [line]


def test_the_fallback_of_a_login_is_named() -> None:
    """Not the one of the key that signs."""
    text = (
        'app.secret_key = os.environ.get("KEY") or "dev"\n'
        'connect(host="db", user="a", password=os.environ.get("DB_PASSWORD") or "root")\n'
    )
    assert [one.line for one in joined(text, LOGS_IN).locations] == [2]


def test_a_value_that_only_a_run_can_tell_stands_nowhere() -> None:
    """Then the criterion says what it said."""
    assert joined("app.secret_key = make()\n", SIGNS) == lost(SIGNS)


def test_what_was_not_lost_stays_as_it_is() -> None:
    """So does what was lost for another reason."""
    findings = scan_blobs([Blob(path="app.py", content=b'app.secret_key = "Kestrel_vino77"')])
    passed = CheckResult(criterion="secrets.no_fallback", outcome=Outcome.PASSED)
    assert with_locations(passed, findings.findings) == passed
    assert with_locations(lost("It ended."), findings.findings) == lost("It ended.")
