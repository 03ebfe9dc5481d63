"""Hosts at which no database answers: what each of them is, and the name to write."""

from __future__ import annotations

import pytest

from grader.sandbox.app_settings import AppSettings, LiteralAdvice
from grader.sandbox.causes import from_log

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
