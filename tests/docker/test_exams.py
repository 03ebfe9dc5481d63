"""A sample of each exam: an accepted solution earns all, a rejected one loses what it should.

`make verify` grades all of the solutions, the accepted ones with three seeds; that takes longer
than a test may. An accepted one of each exam is graded in each run of the tests, of the others a
sample.
"""

from __future__ import annotations

import pytest

from grader.settings import REPOSITORY, Settings
from grader.spec.loader import load
from grader.verify import Proofs, TrialKind, verify
from grader.verify.jobs import SEEDS
from tests.docker.sampling import sample

pytestmark = pytest.mark.alone

IN_EACH_RUN = {
    "accounts": "flask-login",
    "auth-jwt": "pymysql",
    "blog": "flask-migrate",
    "chat": "flask-sock",
    "cli-calculator": "descent",
    "contact-form": "flask-wtf",
    "guestbook": "pymysql",
    "hello-routes": "flask",
    "notifications": "redis",
    "products-api": "pymysql",
    "shop": "fastapi",
    "sqlite-notes": "flask",
    "templated-site": "flask",
    "todo-api": "pymysql",
    "two-tier-compose": "starlette",
    "user-management": "psycopg",
}
MORE = {
    "accounts": ("starter", "empty", "hidden-link-only", "session-fixation"),
    "auth-jwt": ("starter", "echo", "reuse-not-noticed", "role-at-registration"),
    "blog": (
        "starlette",
        "starter",
        "echo",
        "edited-by-hand",
        "orphaned-records",
        "n-plus-one-queries",
    ),
    "chat": (
        "aiohttp",
        "starter",
        "echo",
        "own-echo-first",
        "subscription-not-renewed",
        "rooms-in-one-process",
    ),
    "cli-calculator": (
        "javascript",
        "starter",
        "echo",
        "dialogue-ctrl-c-traceback",
        "traceback-on-division-by-zero",
    ),
    "contact-form": ("starter", "empty", "csrf-disabled", "flash-not-rendered", "open-redirect"),
    "guestbook": (
        "starlette",
        "starter",
        "echo",
        "leaked-connections",
        "my-isam",
        "no-constraints",
    ),
    "hello-routes": (
        "fastapi",
        "starter",
        "empty",
        "ambiguous-routes",
        "always-200",
        "exposed-stack-trace",
    ),
    "notifications": ("celery", "streams", "empty", "work-in-request", "never-again", "starter"),
    "products-api": (
        "fastapi",
        "starter",
        "echo",
        "docs-drift",
        "limit-per-process",
        "sql-in-sort-parameter",
    ),
    "shop": ("starter", "empty", "partial-write", "coupon-for-ever", "price-from-client"),
    "sqlite-notes": (
        "starlette",
        "starter",
        "echo",
        "full-is-500",
        "no-busy-timeout",
        "database-inside-container",
    ),
    "templated-site": (
        "starlette",
        "starter",
        "always-200",
        "secrets-in-config",
        "unescaped-input",
    ),
    "todo-api": (
        "fastapi",
        "starter",
        "empty",
        "forgotten-commit",
        "key-in-an-earlier-commit",
        "sql-injection",
    ),
    "two-tier-compose": ("empty", "start-race", "volume-on-wrong-path", "fallback-secret-key"),
    "user-management": (
        "aiohttp",
        "starter",
        "echo",
        "cursor-counts-rows",
        "ilike-wildcards",
        "unbounded-results",
    ),
}
CHOSEN = sample(
    [f"{slug}/{name}" for slug in MORE for name in MORE[slug]], kind=lambda name: "solutions"
)
LOW = 20
STARTERS = {"templated-site": 30}
"""What the starter brings along may earn: its files, its container, and no secret anywhere."""


RIGHT = {slug: (name,) for slug, name in IN_EACH_RUN.items()}
OTHERS = {
    slug: names
    for slug, more in MORE.items()
    if (names := tuple(name for name in more if f"{slug}/{name}" in CHOSEN))
}


def check(slug: str, names: tuple[str, ...], settings: Settings, proofs: Proofs | None) -> None:
    """Check that each of `names` comes to what it says, with one seed; junk stays low."""
    challenge = load(REPOSITORY / "challenges" / slug)
    found = verify(challenge, settings, names=names, jobs=1, seeds=SEEDS[:1], proofs=proofs)
    assert found.problems == ()
    assert {one.name for one in found.trials} == set(names)
    most = {TrialKind.JUNK: LOW, TrialKind.STARTER: STARTERS.get(slug, LOW)}
    for one in found.trials:
        assert one.earned < most.get(one.kind, 101), one


@pytest.mark.parametrize(("slug", "names"), RIGHT.items(), ids=RIGHT)
def test_a_right_answer_earns_all(
    slug: str, names: tuple[str, ...], settings: Settings, proofs: Proofs | None
) -> None:
    """With the database, the services and the roles that the exam asks for."""
    check(slug, names, settings, proofs)


@pytest.mark.parametrize(("slug", "names"), OTHERS.items(), ids=OTHERS)
def test_a_wrong_answer_loses_what_it_should_and_junk_stays_low(
    slug: str, names: tuple[str, ...], settings: Settings, proofs: Proofs | None
) -> None:
    """The starter, too; another accepted one earns all."""
    check(slug, names, settings, proofs)


def test_each_exam_is_sampled() -> None:
    """An exam that is in no table is not looked at."""
    exams = {one.parent.name for one in (REPOSITORY / "challenges").glob("*/challenge.yml")}
    assert set(IN_EACH_RUN) == set(MORE) == exams
