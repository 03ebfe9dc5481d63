"""What a Compose file asks for in vain, in a sentence."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from grader.inspect.compose.missing import missing_sentence
from grader.inspect.compose.project import Reading

Read = Callable[..., Reading]
Write = Callable[[str, str | bytes], None]
FILE = """services:
  web:
    build: .
    environment:
      DB_HOST: ${DB_HOST}
      DB_NAME: ${DB_NAME}
      DB_PASSWORD: ${DB_PASSWORD:?is missing}
  db:
    image: mysql:8.4
    environment:
      MYSQL_ROOT_PASSWORD: ${ROOT_PASSWORD}
"""


def test_neither_file_is_there(read: Read) -> None:
    """Names, lines, what the grader did, and what to do."""
    assert missing_sentence(read(FILE)) == (
        "Your Compose file asks for DB_HOST, DB_NAME, DB_PASSWORD and ROOT_PASSWORD (compose.yml, "
        "lines 5 to 7, 11), and your repository has neither a .env nor a .env.example with values "
        "for them. The grader made up DB_PASSWORD and ROOT_PASSWORD; DB_HOST and DB_NAME stayed "
        "empty, as with Docker Compose. Name each of them in .env.example."
    )


def test_an_example_lacks_lines(read: Read, write: Write) -> None:
    """It is named, and so is a `.env` that lacks them, too."""
    write(".env.sample", "DB_PASSWORD=x\nROOT_PASSWORD=y\nDB_HOST=db\n")
    assert missing_sentence(read(FILE)) == (
        "Your Compose file asks for DB_NAME (compose.yml, line 6), and .env.sample has no line for "
        "it. With Docker Compose it is empty, and so here. Name it in .env.sample."
    )
    write(".env", "ROOT_PASSWORD=z\n")
    assert ".env and .env.sample have no line for it" in missing_sentence(read(FILE))


def test_a_file_that_is_not_there(read: Read, write: Write) -> None:
    """An `env_file` is named before the variables, which it may hold as well."""
    text = FILE.replace("    build: .\n", "    build: .\n    env_file: [conf/app.env]\n")
    said = missing_sentence(read(text))
    assert said.startswith(
        "Your Compose file takes values from conf/app.env (compose.yml, line 4), which your "
        "repository lacks. It also asks for DB_HOST"
    )
    assert said.endswith("Add .env.example and conf/app.env.example with a line for each value.")
    write("conf/app.env.example", "A=1\n")
    assert "conf/app.env" not in missing_sentence(read(text))


def test_a_secrets_file_that_is_not_there(read: Read) -> None:
    """The line is that of its definition."""
    said = missing_sentence(
        read(
            "services: {web: {build: ., secrets: [key]}}\n"
            "secrets:\n  key:\n    file: secrets/key.txt\n"
        )
    )
    assert said.startswith(
        "Your Compose file takes values from secrets/key.txt (compose.yml, line 4), which"
    )


@pytest.mark.parametrize("env", ["DB_HOST=a\nDB_NAME=b\nDB_PASSWORD=c\nROOT_PASSWORD=d\n"])
def test_nothing_is_missing(read: Read, write: Write, env: str) -> None:
    """Nothing is said."""
    write(".env.example", env)
    assert missing_sentence(read(FILE)) == ""
