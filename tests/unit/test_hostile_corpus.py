"""How many hostile submissions there are, of each kind that has cost somebody a point."""

from __future__ import annotations

from pathlib import Path

import pytest

HOSTILE = Path(__file__).parent.parent / "hostile"
NAMES = sorted(path.parent.name for path in HOSTILE.glob("*/expected.yml"))
ALL = 150
VARIANTS = 4
"""At least so many are there of each kind: other syntax, another service, another phase."""
KINDS = {
    "what runs with the rights of who looks": (
        "compose-database-views-run-", "database-named-view-runs-", "database-trigger-runs-",
        "database-view-calls-", "database-view-runs-", "mariadb-routines-", "postgres-routines-",
    ),
    "views that return what is looked for": (
        "database-view-echoes-", "database-view-of-what-runs", "mariadb-view-of-what-runs",
        "postgres-view-of-what-runs",
    ),
    "sleeps and locks in a database": (
        "compose-database-locks", "database-advisory-locks", "database-metadata-lock",
        "database-row-lock", "database-table-lock", "database-trigger-sleeps",
        "database-views-sleep", "mariadb-view-sleeps", "postgres-table-lock",
        "postgres-view-sleeps",
    ),
    "servers that are changed for the next": (
        "database-changes-", "database-poisons-", "mariadb-changes-", "postgres-changes-",
        "redis-changes-", "redis-leaves-",
    ),
    "odd names in a database": (
        "database-generated-", "database-names-with-", "database-odd-",
    ),
    "answers without an end": (
        "chunk-", "endless-", "hanging-", "header-drips-", "interim-", "readiness-drips",
        "second-answer-drips", "slow-drip", "trailers-",
    ),
    "servers that drip, flood or say nothing": ("compose-rogue-", "mysql-", "own-postgres-rogue"),
    "lines that the policy does not see": ("build-heredoc-",),
    "sources that are fetched": ("build-adds-",),
    "images that nobody supplied": ("build-copies-", "build-mounts-", "build-on-"),
    "steps that take more than they may": (
        "build-fallocates", "build-floods", "build-fork-bomb", "build-hogs-", "build-never-ends",
    ),
    "faults of the platform that are made up": ("command-speaks-", "compose-fakes-", "fakes-"),
    "pages that take long to read": ("page-",),
    "chains and circles of links": ("links-",),
    "archives that take long to read": ("archives-",),
    "histories that cannot be read, or tell elsewhere": ("history-",),
    "accounts that hide lines of a log": (
        "log-device-", "log-quote-", "log-return-", "log-sequence-", "log-title-",
    ),
    "logs and answers that tell hidden requests": ("answers-tell-", "log-tells-"),
    "text that is not seen": ("text-",),
    "services that take more than they may": (
        "compose-database-hogs-", "compose-service-", "roles-",
    ),
}  # fmt: skip
"""The kinds of fault that were found, with what the names of their submissions begin with."""


def test_there_are_enough_of_them() -> None:
    """The corpus is a promise."""
    assert len(NAMES) >= ALL


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_variants(kind: str) -> None:
    found = [name for name in NAMES if name.startswith(KINDS[kind])]
    assert len(found) >= VARIANTS, found


def test_no_beginning_of_a_name_is_out_of_date() -> None:
    """Each fits a submission that is there."""
    beginnings = [one for several in KINDS.values() for one in several]
    assert [one for one in beginnings if not any(name.startswith(one) for name in NAMES)] == []


def test_each_says_what_is_right() -> None:
    """A folder without an expectation is graded by nobody."""
    folders = {path.name for path in HOSTILE.iterdir() if path.is_dir()}
    assert folders == set(NAMES)
