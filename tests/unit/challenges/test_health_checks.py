"""Whether a health check of MySQL asks it, and says what it answers."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

SUITE = Path(__file__).parents[3] / "challenges/two-tier-compose/tests/test_1_compose.py"


@pytest.fixture(scope="module")
def suite(request: pytest.FixtureRequest) -> Any:
    """The module of the exam's suite."""
    request.config.addinivalue_line("markers", "criterion(id): the criterion of a test")
    spec = importlib.util.spec_from_file_location("two_tier_compose_file", SUITE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        (["CMD", "mysqladmin", "ping", "--silent", "--host=127.0.0.1"], False),
        ("mysqladmin ping -h 127.0.0.1 --silent", False),
        ('MYSQL_PWD="$$P" mysql -h 127.0.0.1 -u "$$U" -e \'DO 0\' "$$D"', False),
        (["CMD-SHELL", "mysqladmin ping -h localhost -p$$ROOT || exit 1"], False),
        (["CMD-SHELL", "mysqladmin ping 2>&1 | grep 'mysqld is alive' || exit 1"], False),
        ("mysqladmin ping --silent && exit 0 || exit 1", False),
        ("mysql -e 'SELECT 1; SELECT 2' && echo ok", False),
        ('/usr/bin/mysqladmin ping -uroot -p"$$P" &>/dev/null || exit 1', False),
        ("timeout 5 mysqladmin ping", False),
        ("bash -c '</dev/tcp/127.0.0.1/3306'", False),
        ("test \"$(mysqladmin ping)\" = 'mysqld is alive'", False),
        ("[ $(mysql -e 'select 1' | wc -l) -gt 0 ]", False),
        ("pgrep mysqld && mysqladmin ping", False),
        ("if mysqladmin ping; then exit 0; else exit 1; fi", None),
        ("mysqladmin ping || exit 0", True),
        ("mysqladmin ping || true", True),
        ("mysqladmin ping; true", True),
        ("mysqladmin ping & sleep 1", True),
        ("mysqladmin ping | cat", True),
        ("! mysqladmin ping", True),
        (["CMD", "bash", "-c", "mysqladmin ping || :"], True),
        ("echo $(mysqladmin ping)", True),
        ("ps aux | grep mysql", True),
        ("service mysql status", True),
    ],
)
def test_what_it_says_without_mysql(suite: Any, test: Any, expected: bool | None) -> None:
    """What asks MySQL fails then, and the result has to be that; None where it is unclear."""
    command = suite.command_of(test)
    assert suite.CLIENT.search(command)
    assert suite.succeeds_without_mysql(command) is expected


@pytest.mark.parametrize(
    "command",
    ["pidof mysqld", "test -d /var/lib/mysql/board", "mysqladmin --version", "true",
     "test -d /var/lib/mysql", "ls /var/run/mysqld/mysqld.sock"],
)  # fmt: skip
def test_what_does_not_ask(suite: Any, command: str) -> None:
    """A process, a file or a version tell nothing of whether MySQL takes connections."""
    assert not suite.CLIENT.search(command)
