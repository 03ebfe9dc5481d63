"""Clients of other stores that nobody answers: what the host is, and what to do."""

from __future__ import annotations

import pytest

from grader.sandbox.app_settings import AppSettings, LiteralAdvice
from grader.sandbox.causes import from_log

WHERE = AppSettings(
    service="web", literals=LiteralAdvice(services={"db": "", "cache": "redis:7", "mongo": "mongo"})
)
SAID = {
    "PostgreSQL": (
        'OperationalError: could not translate host name "{}" to address: Name or service',
        (
            'OperationalError: connection to server at "{}" (172.18.0.2), port 5432 failed: '
            "Connection refused"
        ),
        "OperationalError: failed to resolve host '{}'",
        'could not connect to server: Connection refused\n\tIs the server running on host "{}"',
    ),
    "Redis": (
        "ConnectionError: Error -2 connecting to {}:6379. Name or service not known.",
        "ConnectionError: Error 111 connecting to {}:6379. Connection refused.",
    ),
    "MongoDB": ("ServerSelectionTimeoutError: {}:27017: timed out",),
    "RabbitMQ": ("consumer: Cannot connect to amqp://guest:**@{}:5672//: [Errno 111] refused.",),
    "a service": (
        "HTTPConnectionPool(host='{}', port=5001): Max retries exceeded with url: / (Caused by x)",
    ),
}


@pytest.mark.parametrize(
    ("product", "line"), [(product, line) for product, lines in SAID.items() for line in lines]
)
@pytest.mark.parametrize(
    ("host", "where", "said"),
    [
        ("cache", WHERE, "that is your service 'cache' (redis:7), which is not started here"),
        ("db", WHERE, "Wait for it: `depends_on` with `condition: service_healthy`"),
        ("localhost", WHERE, "which is the container itself. Write the name of the service"),
        ("postgres", WHERE, "no service of your Compose file has that name, they are called"),
        ("localhost", AppSettings(), "which is the container itself."),
        ("api.example.org", WHERE, "its own services, and no other server. Have it start and"),
        ("db", AppSettings(), "an app reaches what the brief names, and nothing else"),
        ("db", AppSettings(service="web"), "has that name, there is none but the app."),
    ],
)
def test_a_host_that_nobody_answers_at(
    product: str, line: str, host: str, where: AppSettings, said: str
) -> None:
    """A service that is left out, one that is late, the container itself, or nobody."""
    cause, sentence = from_log(line.format(host), where)
    assert cause == "service-unreachable"
    assert sentence.startswith(f"It cannot reach {product} at {host!r}")
    assert said in sentence


def test_a_server_that_refuses_is_reached() -> None:
    """What it says is the cause."""
    line = 'connection to server at "db" (172.18.0.2), port 5432 failed: FATAL:  password x'
    assert from_log(line, WHERE) == ("", "")
