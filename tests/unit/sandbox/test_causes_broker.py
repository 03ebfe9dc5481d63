"""Clients of RabbitMQ that nobody answers, or lets in: what the host is, and what to do."""

from __future__ import annotations

from typing import Any, cast

import pytest

from grader.sandbox.app_settings import AppSettings
from grader.sandbox.app_sources import AppSources
from grader.sandbox.causes import from_log

TRACEBACK = """\
Traceback (most recent call last):
  File "/app/app.py", line 40, in <module>
    store.check()
  File "/app/connect.py", line 8, in connect
    return pika.BlockingConnection(
  File "/usr/lib/python3.11/site-packages/pika/adapters/blocking_connection.py", line 3, in x
    self._impl = self._create_connection(parameters, _impl_class)
pika.exceptions.AMQPConnectionError
"""
UNKNOWN = """\
Traceback (most recent call last):
  File "/app/connect.py", line 8, in connect
    return pika.BlockingConnection(
  File "/usr/lib/site-packages/pika/adapters/utils/selector_ioloop_adapter.py", line 5, in _resolve
    result = socket.getaddrinfo(host=self._host,
socket.gaierror: [Errno -2] Name or service not known
"""


class OneFile:
    """The files of an app whose connect.py is `text`."""

    def __init__(self, text: str) -> None:
        self._text = text

    def named(self, program: str) -> str:
        return "connect.py" if program == "/app/connect.py" else ""

    def text(self, path: str) -> str:
        return self._text if path == "connect.py" else ""

    def __getattr__(self, name: str) -> Any:
        return lambda *_: ()


def where(text: str) -> AppSettings:
    return AppSettings(sources=lambda: cast("AppSources", OneFile(text)))


@pytest.mark.parametrize("log", [TRACEBACK, UNKNOWN])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('pika.ConnectionParameters("localhost", 5672)', "at 'localhost', which is the container"),
        ('pika.ConnectionParameters(\n    host="broker")', "at 'broker': an app reaches what the"),
        ('URLParameters("amqp://guest:guest@rabbit:5672/")', "at 'rabbit': an app reaches"),
        ('URLParameters(os.environ["URL"])', "Take host and port from the environment variables"),
        ('ConnectionParameters(os.environ["HOST"])', "try again in the app until it answers"),
    ],
)
def test_a_host_is_told_from_the_code(log: str, text: str, said: str) -> None:
    """The exceptions of pika do not name it."""
    cause, sentence = from_log(log, where(text))
    assert cause == "service-unreachable"
    assert sentence.startswith("It cannot reach RabbitMQ")
    assert said in sentence


def test_a_host_is_told_from_the_log() -> None:
    line = (
        "aiormq.exceptions.AMQPConnectionError: [Errno 111] Connect call failed ('127.0.0.1', 5672)"
    )
    cause, sentence = from_log(line, AppSettings())
    assert cause == "service-unreachable"
    assert "It cannot reach RabbitMQ at '127.0.0.1', which is the container itself" in sentence


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ('(403) "ACCESS_REFUSED - Login was refused using PLAIN."', "broker-credentials"),
        ("pika.exceptions.ProbableAuthenticationError: Connection", "broker-credentials"),
        ('ConnectionClosedByBroker: (530) "NOT_ALLOWED - vhost / not found"', "broker-vhost"),
        ("pika.exceptions.ProbableAccessDeniedError: Connection", "broker-vhost"),
        ("Connection.open: (530) NOT_ALLOWED - vhost x not found", "broker-vhost"),
    ],
)
def test_what_a_broker_refuses_is_told(line: str, cause: str) -> None:
    found, sentence = from_log(line, AppSettings())
    assert found == cause
    assert "the brief names" in sentence
