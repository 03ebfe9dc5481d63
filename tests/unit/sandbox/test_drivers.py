"""Drivers for MySQL: which one is meant, and the remedy that fits it."""

from __future__ import annotations

import pytest

from grader.requirement_files import read_requirements
from grader.sandbox.causes import from_log
from grader.sandbox.drivers import native_only
from tests.unit.sandbox.log_repository import FRAME, TRACE, Repository, installed, where

PLUGIN = "Authentication plugin 'caching_sha2_password'"
CONNECTOR = f"{TRACE}{FRAME}{installed('mysql', 'connector/authentication.py')}"
NOT_SUPPORTED = f"{CONNECTOR}mysql.connector.errors.NotSupportedError: {PLUGIN} is not supported\n"
NATIVE = "\"Authentication plugin 'mysql_native_password' cannot be loaded: x\""
WHEEL = f"{TRACE}{FRAME}{installed('MySQLdb', 'connections.py')}"
PYMYSQL = f"{TRACE}{FRAME}{installed('pymysql', '_auth.py')}"
NEEDS = "RuntimeError: 'cryptography' package is required for sha256_password or caching_sha2_p…\n"


@pytest.mark.parametrize(
    ("log", "lists", "parts", "absent"),
    [
        (NOT_SUPPORTED, "Flask\nmysql-connector==2.2.9\n",
         ("`mysql.connector` lacks", "requirements.txt, line 2 names `mysql-connector==2.2.9`",
          "Write mysql-connector-python in its place"), "cryptography"),
        (NOT_SUPPORTED, "mysql_connector_python_rf\n",
         ("line 1 names `mysql_connector_python_rf`",), "cryptography"),
        (NOT_SUPPORTED, "mysql-connector-python==8.0.3\n",
         ("driver mysql-connector-python lacks", "too old", "line 1: `mysql-connector-python=="),
         "cryptography"),
        (NOT_SUPPORTED, "", ("driver mysql-connector-python lacks", "too old"), "cryptography"),
        (f"{PYMYSQL}{NEEDS}", "PyMySQL==1.0.2\n",
         ("driver PyMySQL lacks", "Add `cryptography` to requirements.txt"), "mysqlclient"),
        (NEEDS, "", ("driver PyMySQL lacks",), "mysqlclient"),
        (f'{WHEEL}MySQLdb.OperationalError: (2059, "{PLUGIN} cannot be loaded: /usr/lib/x.so")\n',
         "mysqlclient\n", ("driver mysqlclient lacks", "apt-get install -y libmariadb3"),
         "Add `cryptography`"),
        (f"{WHEEL}MySQLdb.OperationalError: (2059, {NATIVE})", "mysqlclient\n",
         ("plugin mysql_native_password, which MySQL has given up",), "libmariadb3"),
        ("(1251, 'Client does not support authentication protocol requested by server')", "",
         ("The database driver lacks",), "mysqlclient"),
    ],
)  # fmt: skip
def test_the_remedy_fits_the_driver(
    log: str, lists: str, parts: tuple[str, ...], absent: str
) -> None:
    """The driver is the one that the traceback comes from; the line is that of the repository."""
    repository = Repository(lists={"requirements.txt": lists})
    cause, sentence = from_log(log, where(repository))
    assert cause == "database-driver"
    assert all(part in sentence for part in parts), sentence
    assert absent not in sentence


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        ("Flask\nPyMySQL==1.0.2\n", "`PyMySQL==1.0.2` (app/requirements.txt, line 2) without"),
        ("PyMySQL\ncryptography\n", ""),
        ("aiomysql\n", "`aiomysql` (app/requirements.txt, line 1) without `cryptography`"),
        ("mysql-connector\ncryptography\n", "`mysql-connector` (app/requirements.txt, line 1)"),
        ("mysqlclient\n", ""),
        ("mysql-connector-python\n", ""),
    ],
)
def test_who_knows_the_older_plugin_alone(text: str, clause: str) -> None:
    """PyMySQL without the package cryptography, and the dead packages of mysql.connector."""
    found = native_only(tuple(read_requirements("app/requirements.txt", text)))
    assert found.startswith(clause)
    assert bool(found) == bool(clause)


@pytest.mark.parametrize(
    ("log", "lists", "said"),
    [
        ((f"{TRACE}{FRAME}{installed('mysql', 'connector/__init__.py')}"
         "ModuleNotFoundError: No module named '_version'"),
         "Flask\n\nmysql_connector_repackaged\n",
         ("requirements.txt, line 3 names `mysql_connector_repackaged`, a package that has had no "
         "new version for years. Write mysql-connector-python in its place.")),
        ((f"{TRACE}{FRAME}{installed('flask_mysqldb')}"
         "ModuleNotFoundError: No module named 'flask_mysqldb._version'"), "Flask-MySQLdb==0.1\n",
         "requirements.txt, line 1 names `Flask-MySQLdb==0.1`: name another version of it."),
        (f"{TRACE}{FRAME}{installed('mysql')}ModuleNotFoundError: No module named '_version'", "",
         "Name another version of mysql-connector-python in requirements.txt."),
    ],
)  # fmt: skip
def test_a_broken_package_is_named_as_it_is_listed(log: str, lists: str, said: str) -> None:
    """By the line of the requirements file, not by what Python imports it as."""
    cause, sentence = from_log(log, where(Repository(lists={"requirements.txt": lists})))
    assert cause == "module-not-found"
    assert sentence.endswith(said)
