"""What a service reaches another by: its name, or something that only seems to be one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from grader.inspect.compose.project import ComposeService, Reading

Read = Callable[..., Reading]

FILE = """
services:
  web:
    build: .
    environment:
{environment}
    networks: [back]
  db:
    image: mysql:8.4
    container_name: board
    networks:
      back: {{ipv4_address: 172.30.9.10, aliases: [storage]}}
networks:
  back: {{ipam: {{config: [{{subnet: 172.30.9.0/24}}]}}}}
"""


def web(read: Read, *environment: str) -> ComposeService:
    """The service `web` with that environment."""
    listed = "\n".join(f"      {line}" for line in environment)
    reading = read(FILE.format(environment=listed))
    assert reading.project is not None, reading.faults
    return reading.project.services["web"]


@pytest.mark.parametrize(
    ("written", "becomes"),
    [
        ("DB_HOST: 172.30.9.10", "db"),
        ("DB_HOST: 172.30.9.10:3306", "db:3306"),
        ("DATABASE_URL: mysql://a:b@172.30.9.10:3306/c", "mysql://a:b@db:3306/c"),
        ("DB_HOST: 172.30.9.100", "172.30.9.100"),
        ("DB_HOST: 1.172.30.9.10", "1.172.30.9.10"),
    ],
)
def test_a_static_address_leads_to_its_service(read: Read, written: str, becomes: str) -> None:
    """The exam gives out addresses of its own, so that the written one is nobody's."""
    assert [*web(read, written).environment.values.values()] == [becomes]


@pytest.mark.parametrize(
    ("written", "reaches"),
    [
        ("DB_HOST: 172.30.9.10", "172.30.9.10"),
        ("DB_HOST: storage", "storage"),
        ("STORAGE: storage", "storage"),
        ("DB_HOST: board", "board"),
        ("DATABASE_URL: mysql://a:b@board:3306/c", "board"),
        ("DATABASE_URL: mysql://board:b@db:3306/board", ""),
        ("DB_HOST: db", ""),
        ("DB_NAME: board", ""),
        ("DB_USER: board", ""),
        ("DB_PASSWORD: storage", ""),
    ],
)
def test_other_names_are_told_of(read: Read, written: str, reaches: str) -> None:
    """A host that is an alias, a container's name or an address; not a user or a database."""
    assert dict(web(read, written).networking.reaches) == ({reaches: "db"} if reaches else {})


def test_a_static_address_in_a_command(read: Read) -> None:
    """What waits for the database is told its name, too."""
    text = FILE.format(environment="      A: b").replace(
        "  db:\n",
        "    command: ['./wait', '172.30.9.10:3306', '--', 'python', 'app.py']\n"
        "    entrypoint: sh -c 'nc -z 172.30.9.10 3306'\n  db:\n",
        1,
    )
    reading = read(text)
    assert reading.project is not None, reading.faults
    process = reading.project.services["web"].process
    assert process.command == ("./wait", "db:3306", "--", "python", "app.py")
    assert process.entrypoint == "sh -c 'nc -z db 3306'"
    assert reading.project.services["db"].process.command is None
