"""Env files that Compose refuses: a `.env`, an example of it, and what `env_file` names."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from grader.inspect.compose.missing import missing_sentence
from grader.inspect.compose.project import Reading

Read = Callable[..., Reading]
Faults = Callable[..., tuple[str, ...]]
Write = Callable[[str, str | bytes], None]

ENTRY = "DB_PASSWORD=1\r\n"
PROSE = (
    "line 2: `settings of the app` has a name with a blank in it; write NAME=value, one on each "
    "line, and `#` before a remark"
)
QUOTE = "line 2: `'never closed` opens a ' that nothing closes; add it"
UTF_16 = "line 1: it is no UTF-8, perhaps UTF-16 as PowerShell's `>` writes; save it as UTF-8"
CASES = {
    "prose": (f"# board\nsettings of the app\n{ENTRY}".encode(), PROSE),
    "open quote": (b"A=1\nDB_PASSWORD='never closed\nB=2\n", QUOTE),
    "utf-16": (ENTRY.encode("utf-16"), UTF_16),
    "utf-16-be": (b"\xfe\xff" + ENTRY.encode("utf-16-be"), UTF_16),
    "utf-16-le without a mark": (ENTRY.encode("utf-16-le"), UTF_16),
    "utf-16-be without a mark": (ENTRY.encode("utf-16-be"), UTF_16),
}
"""What a file holds, and why Compose refuses it."""
refused = pytest.mark.parametrize(("content", "why"), CASES.values(), ids=CASES)

DOCUMENT = "compose.yml:1: the document cannot be filled in, as Compose refuses"


def web(*lines: str) -> str:
    """Return a Compose file whose service `web` has these lines."""
    added = "".join(f"    {line}\n" for line in lines)
    return f"services:\n  web:\n    build: .\n{added}  sql: {{image: 'mysql:8'}}\n"


ASKS = web("environment: {DB_PASSWORD: $DB_PASSWORD}")


@refused
@pytest.mark.parametrize("text", [ASKS, web()], ids=["asked", "not asked"])
def test_a_env(faults: Faults, write: Write, content: bytes, why: str, text: str) -> None:
    """Compose reads it for every project, also for one that asks for nothing."""
    write(".env", content)
    assert faults(text) == (f"{DOCUMENT} .env, {why}.",)


@refused
@pytest.mark.parametrize("name", [".env.example", ".env.sample", "env.example"])
def test_an_example(faults: Faults, write: Write, content: bytes, why: str, name: str) -> None:
    """It is what a student copies to `.env`."""
    write(name, content)
    assert faults(ASKS) == (
        f"{DOCUMENT} {name}, {why}. This example stands in for the .env that is not there.",
    )


@refused
@pytest.mark.parametrize("name", [".env", ".env.example"])
def test_nothing_is_missing_then(
    read: Read, write: Write, content: bytes, why: str, name: str
) -> None:
    """What such a file would give is not known: it may well have a line for each variable."""
    write(name, content)
    reading = read(ASKS)
    assert any(why in one for one in reading.faults)
    assert missing_sentence(reading) == ""


@refused
def test_an_example_that_nobody_needs(
    faults: Faults, write: Write, content: bytes, why: str
) -> None:
    """Where a `.env` is there, or every variable has a default."""
    write(".env.example", content)
    assert faults(web("environment: {A: '${DB_PASSWORD:-x}'}")) == ()
    write(".env", ENTRY)
    assert faults(ASKS) == ()


@refused
def test_what_env_file_names(faults: Faults, write: Write, content: bytes, why: str) -> None:
    """With the line that names it, once for all services."""
    write("app.env", content)
    assert faults(web("env_file: app.env") + "  worker: {image: x, env_file: app.env}\n") == (
        f"compose.yml:4: services.web.env_file names app.env, which Compose refuses: {why}.",
    )


@refused
def test_an_example_of_what_env_file_names(
    faults: Faults, write: Write, content: bytes, why: str
) -> None:
    """The sentence names both files."""
    write("app.env.example", content)
    (fault,) = faults(web("env_file: app.env"))
    named = "services.web.env_file names app.env, in whose place is app.env.example alone"
    assert fault == f"compose.yml:4: {named}, which Compose refuses: {why}."


@refused
@pytest.mark.parametrize("name", [".env", ".env.example"])
def test_a_file_that_is_both_is_told_once(
    faults: Faults, write: Write, content: bytes, why: str, name: str
) -> None:
    """One file that is refused is one fault."""
    write(name, content)
    (fault,) = faults(web("env_file: .env", "environment: {A: $DB_PASSWORD}"))
    assert fault.startswith(f"{DOCUMENT} {name}, {why}.")


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (ENTRY.encode("utf-16"), 1),
        (ENTRY.encode("utf-16-le"), 1),
        (ENTRY.encode("utf-16-be"), 1),
        (b"A=1\nB=\xfc\n", 2),
    ],
    ids=["utf-16", "utf-16-le without a mark", "utf-16-be without a mark", "latin-1"],
)
def test_a_raw_file_in_another_encoding(
    faults: Faults, write: Write, content: bytes, line: int
) -> None:
    """Of `format: raw` Compose takes prose and open quotes as they are, and UTF-8 alone."""
    write("app.env", content)
    (fault,) = faults(web("env_file: [{path: app.env, format: raw}]"))
    assert fault.startswith("compose.yml:4: services.web.env_file")
    assert f"names app.env, which Compose refuses: line {line}: it is no UTF-8" in fault
    write("app.env", b"settings of the app\nDB_PASSWORD='never closed\n")
    assert faults(web("env_file: [{path: app.env, format: raw}]")) == ()
