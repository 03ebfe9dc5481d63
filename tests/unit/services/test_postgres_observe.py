"""What is asked of PostgreSQL while an app is examined."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from grader.services.base import Unobservable
from grader.services.postgres.observe import (
    TOO_MANY,
    PostgresObserver,
    logins,
    noted_objects,
    objects,
)
from tests.unit.services.sql_servers import ADDRESS, a_postgres, of_postgres

CAME = "2026-01-01 00:00:00.1 UTC/9/1 {host} authentication LOG:  connection authorized: user={user} database=x"  # noqa: E501


def test_statements_are_counted_without_the_graders_own(monkeypatch: pytest.MonkeyPatch) -> None:
    driver = of_postgres(monkeypatch, COALESCE=[[(4,)], [(9,)]], dealloc=[(0, "today")])
    server = a_postgres()
    observer = PostgresObserver(server, ADDRESS)
    observer.begin_count()
    assert observer.end_count() == 5
    driver.ran = [one for one in driver.ran if "COALESCE" in one]
    assert server.access.reader is not None
    for user in (server.admin.user, server.access.reader.user):
        assert f"'{user}'" in driver.ran[0]
    assert f"'{server.access.database}'" in driver.ran[0]


@pytest.mark.parametrize(
    ("after", "said"),
    [((8, "today"), "so many different ones"), ((0, "tomorrow"), "PostgreSQL crashed meanwhile")],
)
@pytest.mark.parametrize("calls", [3, 900])
def test_counts_that_the_server_dropped_are_no_count(
    calls: int, after: tuple[int, str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither one that is too small, or below zero, nor one that looks right."""
    of_postgres(monkeypatch, COALESCE=[[(400,)], [(calls,)]], dealloc=[[(7, "today")], [after]])
    observer = PostgresObserver(a_postgres(), ADDRESS)
    observer.begin_count()
    with pytest.raises(Unobservable, match=said):
        observer.end_count()


def test_what_is_dropped_while_the_counts_are_read_is_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was dropped is asked for before the first count, and after the last one."""
    driver = of_postgres(monkeypatch, COALESCE=[(4,)], dealloc=[(0, "today")])
    observer = PostgresObserver(a_postgres(), ADDRESS)
    observer.begin_count()
    observer.end_count()
    assert ["dealloc" in one for one in driver.ran] == [True, False, False, True]


def test_the_sentence_names_what_the_server_keeps() -> None:
    settings = files("grader.sandbox.images").joinpath("assets/postgres/grader.conf").read_text()
    (kept,) = re.findall(r"^pg_stat_statements\.max = (\d+)$", settings, re.MULTILINE)
    assert f"{int(kept):,}" in TOO_MANY


def test_log_ins_are_those_of_the_network() -> None:
    """Nothing that an app's statement says looks like one."""
    lines = [
        CAME.format(host="172.18.0.3", user="student"),
        CAME.format(host="127.0.0.1", user="within"),
        CAME.format(host="[local]", user="within"),
        CAME.format(host="172.18.0.3", user="forged").replace("authentication", "SELECT"),
    ]
    assert logins(lines) == {"student"}


def test_log_ins_of_a_block_are_told_without_the_graders(monkeypatch: pytest.MonkeyPatch) -> None:
    """The log comes late: what is waited for is the line of a log-in of the grader's own."""
    of_postgres(monkeypatch, backend=[(77,)])
    log: list[str] = [CAME.format(host="172.18.0.3", user="before")]
    late: list[str] = []

    def told(*_: object, **__: object) -> bytes:
        if len(late) > 0:
            log.append(late.pop(0))
        return "\n".join(log).encode()

    server = a_postgres(logs=told)
    observer = PostgresObserver(server, ADDRESS)
    observer.begin_logins()
    own = CAME.format(host="172.18.0.1", user=server.admin.user).replace("/9/", "/77/")
    late += ["a line", CAME.format(host="172.18.0.3", user="student"), "another", own]
    assert observer.end_logins() == ["student"]


def test_objects_are_named_as_the_reader_and_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    held = [("view", f"v{number}" + "x" * 100) for number in range(10)]
    driver, server = of_postgres(monkeypatch, theirs=held), a_postgres()
    assert objects(server, ADDRESS) == held
    assert server.access.reader is not None
    assert driver.opened[0]["user"] == server.access.reader.user
    (said,) = noted_objects(server, ADDRESS)
    assert "2 more" in said
    assert "x" * 60 not in said
    of_postgres(monkeypatch)
    assert noted_objects(server, ADDRESS) == ()
