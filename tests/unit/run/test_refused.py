"""Which literals of a Compose file and of the code make MySQL refuse a user."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.inspect.compose.read import read_compose
from grader.run.compose.refused import LoginDiagnosis
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
{db}
"""
SERVER = ("MYSQL_USER: board", "MYSQL_PASSWORD: orange-tree", "MYSQL_ROOT_PASSWORD: rootpassword")
DENIED = "(1045, \"Access denied for user '{}'@'172.18.0.3' (using password: YES)\")"


def explained(
    root: Path, user: str, code: str, web: tuple[str, ...] = ("A: b",), db: tuple[str, ...] = SERVER
) -> str:
    def lines(entries: tuple[str, ...]) -> str:
        return "\n".join(f"      {entry}" for entry in entries)

    (root / "app").mkdir()
    (root / "app/app.py").write_text(code)
    (root / "compose.yml").write_text(TEXT.format(web=lines(web), db=lines(db)))
    reading = read_compose(root, "compose.yml", random=lambda: "drawn")
    project = reading.project
    assert project is not None
    login = LoginDiagnosis(
        root=root, project=project, app=project.services["web"],
        database=project.services["db"], drawn=frozenset(reading.secrets.values()),
    )  # fmt: skip
    return from_log(
        DENIED.format(user), AppSettings(literals=LiteralAdvice(refused=login.explain))
    )[1]


@pytest.mark.parametrize(
    "code",
    [
        "\nconfig = {'user': 'root', 'password': 'root', 'host': 'db'}\n",
        "\nconnect(user='root', password='root', host='db')\n",
        "\napp.config['MYSQL_PASSWORD'] = 'root'\n",
        "\nDB_PASSWORD = 'root'\n",
        "import os\npassword = os.environ.get('DB_PASSWORD', 'root')\n",
        "\nuri = 'mysql+pymysql://root:root@db/board'\n",
    ],
)
def test_a_literal_of_the_code(code: str, tmp_path: Path) -> None:
    """It is named with its line, as is that of the Compose file; neither is shown whole."""
    said = explained(tmp_path, "root", code)
    assert said.startswith("MySQL refused the user 'root' (error 1045). app/app.py, line 2 has ")
    assert '= "r…(4 characters)", and compose.yml, line 11, sets MYSQL_ROOT_PASSWORD to ' in said
    assert "under `environment` of the service 'web'" in said
    assert "new at every start" not in said
    assert "rootpassword" not in said


def test_a_password_of_something_else(tmp_path: Path) -> None:
    """It stands in another file than the user, and its name is of no database."""
    said = explained(tmp_path, "root", "\nmail = {'password': 'root'}\n")
    assert "app/app.py" not in said


def test_two_literals_of_the_compose_file(tmp_path: Path) -> None:
    """Both lines are named."""
    said = explained(tmp_path, "board", "", ("DB_USER: board", "DB_PASSWORD: apple-tree"))
    assert "compose.yml, line 6, gives the app DB_PASSWORD as a literal, and " in said
    assert "compose.yml, line 11, sets MYSQL_PASSWORD to another literal" in said
    assert "tree" not in said


def test_another_user(tmp_path: Path) -> None:
    """No password is at fault then."""
    said = explained(tmp_path, "notes", "\nconnect(user='notes', password='x')\n")
    assert "compose.yml, line 9, makes the user 'board' (MYSQL_USER), and no 'notes'" in said
    assert "which stands at app/app.py, line 2" in said


def test_a_literal_that_nothing_else_contradicts(tmp_path: Path) -> None:
    """It is not called new, and where it stands is said."""
    said = explained(tmp_path, "root", "")
    assert "line 11, sets MYSQL_ROOT_PASSWORD to a literal, the same at every start" in said


@pytest.mark.parametrize(
    "db", [("MYSQL_PASSWORD: ${DB_PASSWORD}",), ("MYSQL_PASSWORD: ${P:-x}",), ("A: b",)]
)
def test_what_is_drawn_is_new_at_every_start(db: tuple[str, ...], tmp_path: Path) -> None:
    """A variable, with a default or without; and what the file does not tell."""
    said = explained(tmp_path, "board", "", ("DB_PASSWORD: ${DB_PASSWORD}",), db)
    assert said.endswith("they are new at every start.")


def test_a_literal_where_the_database_has_a_variable(tmp_path: Path) -> None:
    """That of the Compose file, else that of the code."""
    db = ("MYSQL_PASSWORD: ${DB_PASSWORD}",)
    said = explained(tmp_path, "board", "", ("DB_PASSWORD: another",), db)
    assert "compose.yml, line 5, gives the app DB_PASSWORD as a literal, and MYSQL_PASSWORD" in said
    assert "comes from a variable, which is new at every start" in said


def test_a_literal_of_the_code_where_the_database_has_a_variable(tmp_path: Path) -> None:
    """The line of the code is named."""
    code = "\nconnect(user='board', password='root')\n"
    said = explained(tmp_path, "board", code, db=("MYSQL_PASSWORD: ${DB_PASSWORD}",))
    assert 'app/app.py, line 2 has password = "r…(4 characters)", and MYSQL_PASSWORD' in said
