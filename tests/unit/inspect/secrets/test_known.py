"""What public issues of scanners say that these accuse wrongly, or miss.

Values are drawn when the tests run (`known.txt` holds templates).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.secrets.draw import Draw
from grader.inspect.secrets import Blob, Finding, scan_blobs

MESSAGES = (
    "povinné", "Pflichtfeld", "zu kurz", "fehlt", "ungültig", "erforderlich", "min_length_8",
    "Too short.", "required", "Required", "too-short", "missing", "invalid", "mismatch", "weak",
    "must_match", "requerido", "obligatorio", "demasiado corta", "pakollinen", "Obligatoire",
    "trop court", "manquant", "obbligatorio", "必須", "verplicht", "wymagane", "obrigatória",
    "обязательно", "saknas", "zorunlu",
)  # fmt: skip
SAID = (
    'errors["password"] = "{}"',
    'errors = {{"password": "{}"}}',
    'PASSWORD_ERROR = "{0}"\npassword_error = "{0}"',
    'raise ValidationError(password="{}")',
    'form = {{"password": {{"label": "{0}", "type": "password"}}}}\nflash("{0}", "password")',
)


def cases() -> list[tuple[str, str, str]]:
    """Names, paths and templates."""
    text = Path(__file__).with_name("known.txt").read_text("utf-8")
    found = []
    for part in text.split("==== ")[1:]:
        head, _, body = part.partition("\n")
        name, path = head.split()
        found.append((name, path, body))
    return found


def findings(path: str, text: str) -> tuple[Finding, ...]:
    return scan_blobs([Blob(path=path, content=text.encode())]).findings


@pytest.mark.parametrize("message", MESSAGES)
def test_what_a_form_says_is_no_password(message: str) -> None:
    """In whatever language, and wherever it is kept."""
    for said in SAID:
        assert findings("app.py", said.format(message)) == (), said


@pytest.mark.parametrize(("name", "path", "template"), cases(), ids=[one[0] for one in cases()])
def test_what_others_missed_is_found(name: str, path: str, template: str) -> None:
    """Surely or as a hint, with values of three draws."""
    for seed in range(3):
        text = Draw(seed).fill(template)
        assert findings(path, text), text


@pytest.mark.parametrize(
    "text",
    [
        'JWT_SECRET_KEY = "secret-key"',
        'MAIL_PASSWORD = "abcd efgh ijkl mnop"',
        'RECAPTCHA_PRIVATE_KEY = "library_PrivateKeyOfMine"',
    ],
)
def test_what_an_extension_of_flask_reads_is_one_for_sure(text: str) -> None:
    """Whatever stands there is used, also where it says no more than its name."""
    assert [one.sure for one in findings("config.py", f"class Config:\n    {text}\n")] == [True]


@pytest.mark.parametrize(
    "text",
    [
        'JWT_SECRET_KEY = os.environ["JWT_SECRET_KEY"]',
        'MAIL_PASSWORD = os.getenv("MAIL_PASSWORD", "")',
        "WTF_CSRF_SECRET_KEY = None",
        'MAIL_PASSWORD = config["mail password"]',
    ],
)
def test_what_an_extension_is_given_from_elsewhere_is_none(text: str) -> None:
    """The environment, nothing, and another setting."""
    assert findings("config.py", f"import os\nclass Config:\n    {text}\n") == ()
