"""Names and modules that one installed package asks of another: which line to change."""

from __future__ import annotations

import pytest

from grader.sandbox.causes import from_log
from tests.unit.sandbox.log_repository import FRAME, TRACE, Repository, installed, where

LIBRARY = "/usr/local/lib/python3.9/typing.py"
SITE = "/usr/local/lib/python3.11/site-packages"


def said(error: str, caller: str = "", packages: str = "", dockerfile: str = "") -> tuple[str, str]:
    """The cause and the sentence where the package `caller`, or else the app, raises `error`."""
    frames = FRAME + (installed(caller) if caller else "")
    files = {"requirements.txt": packages} | ({"Dockerfile": dockerfile} if dockerfile else {})
    repository = Repository(files, lists={"requirements.txt": packages})
    return from_log(f"{TRACE}{frames}{error}", where(repository))


def lacks(name: str, module: str) -> str:
    file = f"{SITE}/{module.replace('.', '/')}.py"
    return f"ImportError: cannot import name '{name}' from '{module}' ({file})"


@pytest.mark.parametrize(
    ("error", "caller", "packages", "parts"),
    [
        (
            lacks("TypeAliasType", "typing_extensions"), "pydantic",
            "pydantic==2.9\ntyping_extensions==4.5.0\n",
            ("pydantic asks for it", "txt, line 2 names `typing_extensions==4.5.0`"),
        ),
        (
            lacks("DEFAULT_CIPHERS", "urllib3.util.ssl_"), "botocore", "botocore==1.20\n",
            ("botocore asks for it", "line 1 names `botocore==1.20`, of another time than urllib3"),
        ),
        (
            lacks("EVENT_TYPE_OPENED", "watchdog.events"), "werkzeug", "flask\n",
            ("The two do not go together: name versions of Werkzeug and watchdog",),
        ),
        (
            lacks("Fernt", "cryptography.fernet"), "", "cryptography==42\n",
            ("does not have it (requirements.txt, line 1: `cryptography==42`). Name the version",),
        ),
        (
            f"ImportError: cannot import name 'Self' from 'typing' ({LIBRARY})", "", "",
            ("Python 3.9 does not have it yet. Build on Python 3.11 or a newer one",),
        ),
        (
            f"ImportError: cannot import name 'ParamSpec' from 'typing' ({LIBRARY})", "anyio", "",
            ("anyio asks for it, and Python 3.9 does not have it yet. Build on Python 3.10",),
        ),
        (
            f"ImportError: cannot import name 'Lisst' from 'typing' ({LIBRARY})", "", "",
            ("Python 3.9 does not have it: change the import, or build on another",),
        ),
    ],
)  # fmt: skip
def test_a_name_that_a_module_does_not_have(
    error: str, caller: str, packages: str, parts: tuple[str, ...]
) -> None:
    """The package that is too old, or asks too much, and its line; or Python's own version."""
    cause, sentence = said(error, caller, packages)
    assert cause == "removed-name"
    for part in parts:
        assert part in sentence


@pytest.mark.parametrize(
    ("module", "caller", "packages", "dockerfile", "part"),
    [
        ("typing_extensions", "sqlalchemy", "SQLAlchemy==2.0.30\n", "",
         ("asks for it (requirements.txt, line 1 names `SQLAlchemy==2.0.30`) and does not "
         "bring it: add typing_extensions to requirements.txt.")),
        ("typing_extensions", "flask_limiter", "", "RUN pip install --no-deps -r requirements.txt",
         "installs without what packages need: leave `--no-deps` out."),
        ("psycopg2", "sqlalchemy", "flask_sqlalchemy\n", "", "add psycopg2-binary to requirements"),
        ("typing_extensions", "", "", "", "Add its package to requirements.txt, or COPY the file"),
    ],
)  # fmt: skip
def test_a_package_that_another_one_asks_for(
    module: str, caller: str, packages: str, dockerfile: str, part: str
) -> None:
    """It is none of the submission's files, and nothing has brought it."""
    cause, sentence = said(
        f"ModuleNotFoundError: No module named '{module}'", caller, packages, dockerfile
    )
    assert cause == "module-not-found"
    assert part in sentence
    if caller:
        assert "COPY" not in sentence
