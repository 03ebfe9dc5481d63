"""Why there is no database of the name that an app asks for."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.inspect.compose.read import read_compose
from grader.run.compose.unknown_database import DatabaseDiagnosis
from grader.sandbox.app_settings import AppSettings, LiteralAdvice
from grader.sandbox.causes import from_log

TEXT = """services:
  web:
    build: app
    environment:
      {web}
  db:
    image: mysql:8.4
    environment:
      MYSQL_ROOT_PASSWORD: x
      {db}
    volumes: {volumes}
"""
UNKNOWN = "pymysql.err.OperationalError: (1049, \"Unknown database 'board'\")"


@pytest.mark.parametrize(
    ("web", "db", "sql", "said"),
    [
        (
            "DB_NAME: board", "A: b", None,
            "of 'db', and compose.yml, line 5 gives the app DB_NAME with 'board'.",
        ),
        (
            "A: b", "A: b", None,
            "Your Compose file has none made: write `MYSQL_DATABASE: board` under `environment` of",
        ),
        (
            "A: b", "MYSQL_DATABASE: boards", None,
            "compose.yml, line 10 (MYSQL_DATABASE), makes 'boards'. Write one name in both",
        ),
        (
            "DATABASE_URL: mysql://a:b@db/board?charset=utf8", "MYSQL_DATABASE: Board", None,
            "line 5 gives the app DATABASE_URL with 'board', and capital letters count. Write",
        ),
        (
            "A: b", "A: b", "-- tables\nCREATE DATABASE IF NOT EXISTS `forum`;\n",
            "init/1.sql, line 2, makes 'forum'. Write one name",
        ),
        ("A: b", "A: b", "create database board;\n", "Take its name from the environment"),
        ("A: b", "A: b", "CREATE TABLE t (n INT);\n", "Take its name from the environment"),
        ("A: b", "MYSQL_DATABASE: board", None, "Take its name from the environment"),
    ],
)  # fmt: skip
def test_what_is_made_instead(
    tmp_path: Path, web: str, db: str, sql: str | None, said: str
) -> None:
    """The line that makes another one is named, or the line that is missing."""
    volumes = "['./init:/docker-entrypoint-initdb.d']" if sql else "[]"
    (tmp_path / "app").mkdir()
    (tmp_path / "init").mkdir()
    (tmp_path / "init/1.sql").write_text(sql or "")
    (tmp_path / "compose.yml").write_text(TEXT.format(web=web, db=db, volumes=volumes))
    project = read_compose(tmp_path, "compose.yml", random=lambda: "drawn").project
    assert project is not None
    services = project.services
    found = DatabaseDiagnosis(
        root=tmp_path, project=project, app=services["web"], database=services["db"]
    )
    where = AppSettings(literals=LiteralAdvice(unknown_database=found.explain))
    cause, sentence = from_log(UNKNOWN, where)
    assert cause == "database-unknown"
    assert sentence.startswith("There is no database 'board' (error 1049). ")
    assert said in sentence
