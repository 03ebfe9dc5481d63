"""Which database an app itself works with, and what shows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.inspect.app_stores import app_stores, stores_sentence
from grader.requirement_files import read_requirements


@pytest.mark.parametrize(
    ("code", "packages", "environment", "said"),
    [
        ("import sqlite3\n", "Flask\n", {}, "app itself works with SQLite (api/app.py, line 1)."),
        ("uri = 'sqlite:///board.db'", "", {}, "works with SQLite (api/app.py, line 1)."),
        ("", "Flask\npsycopg2-binary==2.9\n", {}, "PostgreSQL (requirements.txt, line 2)."),
        (
            "import psycopg2", "psycopg2\n", {"DATABASE_URL": "postgresql://a:b@db/c"},
            "works with PostgreSQL (the variable DATABASE_URL).",
        ),
        (
            "url = os.getenv('URL', 'sqlite:///x.db')", "psycopg2\n", {},
            "works with SQLite (api/app.py, line 1) and PostgreSQL (requirements.txt, line 1).",
        ),
        ("", "pymongo\nredis\n", {}, "works with MongoDB (requirements.txt, line 1)."),
        ("", "PyMySQL\n", {}, "works with MySQL (requirements.txt, line 1)."),
        ("# sqlite3 is not used, import sqlite3", "", {}, "Nothing of it names a database"),
        ("print('mysql')", "Flask\n", {}, "Nothing of it names a database: it keeps"),
    ],
)  # fmt: skip
def test_what_an_app_works_with(
    tmp_path: Path, code: str, packages: str, environment: dict[str, str], said: str
) -> None:
    """By its variables, its code and its packages, in that order."""
    (tmp_path / "api").mkdir()
    (tmp_path / "api/app.py").write_text(code)
    (tmp_path / "other.py").write_text("import sqlite3\n")
    required = tuple(read_requirements("requirements.txt", packages))
    assert said in stores_sentence(app_stores(tmp_path, "api", required, environment))
