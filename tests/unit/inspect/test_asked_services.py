"""Which services an app asks for by its packages and its variables, and what it is offered."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.inspect.asked_services import asked_services
from grader.requirement_files import read_requirements
from grader.service_offers import OTHERWISE, usages, variables_of


def asked(root: Path, packages: str = "", code: str = "") -> dict[str, str]:
    """The services that are offered, and why."""
    (root / "app.py").write_text(code)
    required = tuple(read_requirements("requirements.txt", packages))
    return {one.name: one.reason for one in asked_services(root, required)}


@pytest.mark.parametrize(
    ("packages", "names"),
    [
        ("Flask\npsycopg2-binary==2.9\n", ["postgres"]),
        ("psycopg[binary]>=3\n", ["postgres"]),
        ("PyMySQL\n", ["mysql"]),
        ("mariadb\n", ["mariadb"]),
        ("redis\n", ["redis"]),
        ("celery[redis]==5.4\n", ["redis"]),
        ("asyncpg\nredis\npika\nboto3\nFlask-Mail\n",
         ["mail", "objects", "postgres", "rabbitmq", "redis"]),
        ("Flask\n", ["mysql"]),
        ("pymongo\n", ["mysql"]),
        ("", ["mysql"]),
    ],
)  # fmt: skip
def test_packages_ask_for_services(tmp_path: Path, packages: str, names: list[str]) -> None:
    assert sorted(asked(tmp_path, packages)) == names


@pytest.mark.parametrize(
    ("packages", "code", "names"),
    [
        ("", "import os\nos.environ['MAIL_HOST']\n", ["mail"]),
        ("", "import os\nos.getenv('SMTP_SERVER', 'localhost')\n", ["mail"]),
        ("", "import os\nos.getenv('AMQP_URL')\n", ["rabbitmq"]),
        ("", "import os\nos.getenv('PGHOST')\n", ["postgres"]),
        # what several databases are given under says nothing of which it is
        ("", "import os\nos.environ['DB_HOST']\n", ["mysql"]),
        ("psycopg\n", "import os\nos.environ['MYSQL_HOST']\n", ["postgres"]),
        # a driver that no package names, as one of Debian's
        ("redis\n", "import os\nos.environ['DB_HOST']\n", ["mysql", "redis"]),
        ("redis\n", "import os\nos.getenv('DATABASE_URL', 'sqlite:///x.db')\n", ["redis"]),
        ("redis\n", "import os\nos.getenv('CELERY_BROKER_URL')\n", ["redis"]),
    ],
)
def test_variables_ask_for_services(
    tmp_path: Path, packages: str, code: str, names: list[str]
) -> None:
    assert sorted(asked(tmp_path, packages, code)) == names


def test_why_is_told_with_the_line(tmp_path: Path) -> None:
    found = asked(tmp_path, "Flask\nredis==5.2\n", "import os\n\nURL = os.environ['SMTP_HOST']\n")
    assert found["redis"] == "requirements.txt, line 2 names redis"
    assert found["mail"] == "app.py, line 3 reads SMTP_HOST"
    assert asked(tmp_path)["mysql"] == OTHERWISE[0].reason


@pytest.mark.parametrize(
    ("packages", "begins"),
    [
        ("psycopg\n", "postgresql://"),
        ("psycopg\nFlask-SQLAlchemy\n", "postgresql+psycopg://"),
        ("psycopg2\nSQLAlchemy\n", "postgresql+psycopg2://"),
        ("mysqlclient\nSQLAlchemy\n", "mysql+mysqldb://"),
        ("mysqlclient\n", "mysql+pymysql://"),
        ("Flask-MySQLdb\nSQLAlchemy\n", "mysql+pymysql://"),
        ("", "mysql+pymysql://"),
    ],
)
def test_an_address_names_the_driver_for_sqlalchemy(
    tmp_path: Path, packages: str, begins: str
) -> None:
    """`psycopg.connect` takes none with a driver in it."""
    offers = asked_services(tmp_path, tuple(read_requirements("requirements.txt", packages)))
    url = variables_of(offers)["DATABASE_URL"]
    assert url.startswith(begins)
    assert url.count("://") == 1


def test_each_usual_variable_has_values_of_its_own_service() -> None:
    for name, usage in usages().items():
        assert usage.packages
        for text in usage.variables.values():
            used = {one.partition("}")[0] for one in text.split("${")[1:]}
            assert used
            assert used <= set(usage.manifest.values), name
        image = usage.manifest.options["properties"].get("image")
        assert bool(usage.image) == bool(image)


def test_what_students_read_names_each_variable() -> None:
    """The table of the students' page."""
    page = Path(__file__).parents[3].joinpath("docs/students/README.md").read_text("utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ")]
    for usage in usages().values():
        row = next(one for one in rows if one.startswith(f"| {usage.manifest.title} "))
        assert {name for name in usage.variables if f"`{name}`" not in row} == set()
