"""Hosts at which no database answers: what each of them is, and the name to write."""

from __future__ import annotations

import pytest

from grader.sandbox.app_settings import AppSettings, LiteralAdvice
from grader.sandbox.causes import from_log
from grader.sandbox.missing_variables import Fallback

COMPOSED = AppSettings(
    database="db", database_hosts=("db",), service="web",
    literals=LiteralAdvice(addresses={"172.28.0.10": "db", "172.28.0.11": "cache"}),
)  # fmt: skip
ALONE = AppSettings(service="web")
TOLD = AppSettings()
SAYS = {
    "PyMySQL": "(2003, \"Can't connect to MySQL server on '{}' ([Errno 113] No route to host)\")",
    "mysqlclient": "(2002, \"Can't connect to MySQL server on '{}' (115)\")",
    "connector": "2003 (HY000): Can't connect to MySQL server on '{}:3306' (110)",
    "connector in Python": "2003: Can't connect to MySQL server on '{}:3306' (Errno 113: No route)",
}


@pytest.mark.parametrize("driver", SAYS)
@pytest.mark.parametrize(
    ("host", "where", "said"),
    [
        ("172.28.0.10", COMPOSED, "gives 'db' that address (ipv4_address) on a network of its own"),
        ("172.28.0.11", COMPOSED, "gives 'cache' that address (ipv4_address)"),
        (
            "172.17.0.2",
            COMPOSED,
            "called 'db': that is its host name; addresses of containers diff",
        ),
        ("127.0.0.1", COMPOSED, "called 'db': that is its host name; localhost is the container"),
        ("host.docker.internal", COMPOSED, "host.docker.internal is the machine that runs Docker"),
        ("localhost", ALONE, "your Compose file has no MySQL service, and the app reaches"),
        ("192.168.1.20", ALONE, "Add one (`image: mysql:8.4`), and give the app its name"),
        ("localhost", TOLD, "Take host and port from the environment variables that the brief"),
    ],
)
def test_a_host_that_is_none(driver: str, host: str, where: AppSettings, said: str) -> None:
    """Whichever driver tells of it."""
    cause, sentence = from_log(SAYS[driver].format(host), where)
    assert cause == "database-unreachable"
    assert said in sentence


def falls_back(name: str, value: str, role: str, *, composed: bool = True) -> AppSettings:
    """An app that takes `value` for want of the variable `name`."""
    found = Fallback(name=name, value=value, where="app.py, line 9", role=role)
    literals = LiteralAdvice(fallbacks=lambda: (found,))
    if not composed:
        return AppSettings(literals=literals)
    return AppSettings(database="db", database_hosts=("db",), service="web", literals=literals)


URL = "mysql+pymysql://admin:secret@localhost:3306/shop?charset=utf8"


@pytest.mark.parametrize(
    ("log", "name", "value", "role", "said"),
    [
        ("(1049, \"Unknown database 'shop'\")", "MYSQL_DB", "shop", "database", "It took 'shop'"),
        ("(1049, \"Unknown database 'shop'\")", "DATABASE_URL", URL, "url", "It took 'shop'"),
        (
            "(1044, \"Access denied for user 'u'@'%' to database 'shop'\")",
            "MYSQL_DB", "shop", "database", "It took 'shop'",
        ),
        (
            "(1045, \"Access denied for user 'admin'@'172.18.0.3' (using password: YES)\")",
            "DB_USER", "admin", "user", "It took 'admin'",
        ),
        (
            "(1045, \"Access denied for user 'root'@'172.18.0.3' (using password: YES)\")",
            "DB_PASS", "hunter2", "password", "It took a password that stands in the code",
        ),
        (
            "(1045, \"Access denied for user 'root'@'172.18.0.3' (using password: NO)\")",
            "DB_PASS", "", "password", "It took an empty password",
        ),
        (
            "(2003, \"Can't connect to MySQL server on 'localhost' ([Errno 111])\")",
            "DB_HOST", "localhost", "host", "Its value there is 'db'",
        ),
        (
            "2002 (HY000): Can't connect to local server through socket '/run/mysqld/mysqld.sock'",
            "DATABASE_URL", URL, "url", "It took 'localhost'",
        ),
    ],
)  # fmt: skip
def test_what_is_taken_for_want_of_a_variable_names_it(
    log: str, name: str, value: str, role: str, said: str
) -> None:
    """A default in the code hides that nothing sets the variable."""
    _, sentence = from_log(log, falls_back(name, value, role))
    assert said in sentence
    assert f"because {name} is not set (app.py, line 9)" in sentence
    assert "Name it under `environment` of the service 'web'." in sentence
    assert "hunter2" not in sentence
    _, sentence = from_log(log, falls_back(name, value, role, composed=False))
    assert "Read the variables that the brief names." in sentence


@pytest.mark.parametrize(
    ("log", "value", "role"),
    [
        ("(1049, \"Unknown database 'shop'\")", "other", "database"),
        ("(1049, \"Unknown database 'shop'\")", "shop", "user"),
        ("(2003, \"Can't connect to MySQL server on 'db' ([Errno 111])\")", "db", "host"),
    ],
)
def test_a_default_that_was_not_the_value_is_not_named(log: str, value: str, role: str) -> None:
    """Nor the right name of the database's service."""
    assert "is not set" not in from_log(log, falls_back("X", value, role))[1]
