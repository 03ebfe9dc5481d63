"""A development literal, a secret of the app, and a service's credential are told apart."""

from __future__ import annotations

import random
import string

import pytest

from grader.inspect.secrets import Blob, Finding, Severity, scan_blobs


def findings(path: str, text: str) -> tuple[Finding, ...]:
    return scan_blobs([Blob(path=path, content=text.encode())]).findings


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("compose.yaml", "services: {db: {image: mysql, environment: {MYSQL_PASSWORD: root}}}"),
        ("app.py", 'app.secret_key = "dev"'),
        ("app.py", 'key = os.environ.get("SECRET_KEY", "changeme")'),
        ("app.py", 'DB_PASSWORD = "P@ssw0rd123"'),
        ("app.py", 'DB_PASSWORD = "mysecretpassword"'),
        ("config.py", 'SECRET_KEY = "you-will-never-guess"'),
        (".env", "SECRET_KEY=your-secret-key"),
    ],
)
def test_what_everybody_would_try_is_weak(path: str, text: str) -> None:
    """Also a placeholder, where it takes effect."""
    (one,) = findings(path, text)
    assert one.severity is Severity.WEAK


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("app.py", 'app.secret_key = "hunter2-or-so"'),
        ("app.py", 'connect(host="db", password="kestrel vino 77")'),
        (".env", "DB_PASSWORD=Kestrel_vino77"),
    ],
)
def test_what_is_of_the_apps_own_is_default(path: str, text: str) -> None:
    """Made up by a person or drawn by a program."""
    (one,) = findings(path, text)
    assert one.severity is Severity.DEFAULT


def test_a_services_token_is_the_gravest() -> None:
    """Whatever name it is given, it is told once."""
    token = "ghp_" + "".join(random.Random(1).choices(string.ascii_letters + string.digits, k=36))
    (one,) = findings("app.py", f'API_TOKEN = "{token}"')
    assert (one.severity, one.rule) == (Severity.THIRD_PARTY, "token")


def test_a_finding_says_what_to_do() -> None:
    """Rule, place, why, how to fix it, and a preview; rotation once it is in history."""
    text = b'app.config["SECRET_KEY"] = "hunter2"\n'
    (one,) = scan_blobs([Blob(path="app.py", content=text, commit="c" * 40)]).findings
    assert one.rule == "flask.secret-key"
    assert one.place == "app.py:1 (cccccccccc)"
    assert one.preview == 'SECRET_KEY = "hu…(7 characters)"'
    assert "log in as anybody" in one.why
    assert 'os.environ["SECRET_KEY"]' in one.fix
    assert "make a new one" in one.fix


def test_examples_and_tests_cost_nothing() -> None:
    """Unless what they hold looks like what somebody really uses."""
    for path, text in (
        (".env.example", "SECRET_KEY=changeme\nDB_PASSWORD=<password>\n"),
        ("tests/conftest.py", 'app.config["SECRET_KEY"] = "test"'),
        ("README.md", "Start MySQL with `MYSQL_ROOT_PASSWORD=my-secret-pw`."),
    ):
        assert findings(path, text) == ()
    assert findings(".env.example", "DB_PASSWORD=Kestrel_vino77")
    assert findings("tests/conftest.py", 'app.config["SECRET_KEY"] = "Kestrel_vino77"')
