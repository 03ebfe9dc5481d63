"""Names in SQL, and which statements only read."""

from __future__ import annotations

import pytest

from grader.exam.services.sql import only_reads, quoted, with_names


@pytest.mark.parametrize(
    ("sql", "reads"),
    [
        ("SELECT 1", True),
        ("  ( select 1 ) union (select 2)", True),
        ("-- why\nSELECT 1", True),
        ("/* why */ SHOW TABLES", True),
        ("WITH n AS (SELECT 1) SELECT * FROM n", True),
        ("INSERT INTO t VALUES (1)", False),
        ("/*!50000 DELETE FROM t */", False),
        ("UPDATE t SET a = 1", False),
        ("selected", False),
    ],
)
def test_the_first_word_says_whether_a_statement_reads(sql: str, reads: bool) -> None:
    assert only_reads(sql) is reads


@pytest.mark.parametrize("name", ["%s", "100%d%s", "a`%(x)s", "%%"])
def test_a_percent_sign_in_a_name_is_no_place_for_an_argument(name: str) -> None:
    """Only what stands outside of backticks is filled in."""
    sql = f"SELECT {quoted(name)} FROM t WHERE a = %s AND b = 'it''s %% `'"
    assert (
        with_names(sql) % ("7",) == f"SELECT {quoted(name)} FROM t WHERE a = 7 AND b = 'it''s % `'"
    )
