"""A sample of each exam: an accepted solution earns all, a rejected one loses what it should.

`make verify` grades all of the solutions, the accepted ones with three seeds; that takes longer
than a test may. An accepted one of each exam is graded in each run of the tests, of the others a
sample.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait

import pytest

from grader.model import Challenge
from grader.settings import REPOSITORY, Settings
from grader.spec.concurrency import runs_at_once
from grader.spec.loader import load
from grader.verify import Proofs, TrialKind, Verification, verify
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


SEVERAL = 2
"""Exams at a time, each with one run; one that has the cores to itself goes before the others."""
CHOSEN_OF = {
    slug: (IN_EACH_RUN[slug], *(name for name in MORE[slug] if f"{slug}/{name}" in CHOSEN))
    for slug in IN_EACH_RUN
}


def verified(challenge: Challenge, settings: Settings, proofs: Proofs | None) -> Verification:
    """Grade what is chosen of an exam, one after the other, with one seed."""
    names = CHOSEN_OF[challenge.slug]
    return verify(challenge, settings, names=names, jobs=1, seeds=SEEDS[:1], proofs=proofs)


@pytest.fixture(scope="module")
def verifications(
    request: pytest.FixtureRequest, settings: Settings, proofs: Proofs | None
) -> Iterator[dict[str, Future[Verification]]]:
    """Those of the exams that are asked for."""
    wanted = {
        item.callspec.params["slug"]
        for item in request.session.items
        if hasattr(item, "callspec") and "slug" in item.callspec.params
    }
    exams = [load(REPOSITORY / "challenges" / slug) for slug in CHOSEN_OF if slug in wanted]
    found = {}
    with ThreadPoolExecutor(max_workers=SEVERAL) as pool:
        for exam in sorted(exams, key=runs_at_once):
            found[exam.slug] = pool.submit(verified, exam, settings, proofs)
            if runs_at_once(exam) < SEVERAL:
                wait([found[exam.slug]])
        yield found


@pytest.mark.parametrize("slug", CHOSEN_OF)
def test_answers_come_to_what_they_should(
    slug: str, verifications: dict[str, Future[Verification]]
) -> None:
    """Right ones earn all, with the database, the services and the roles that the exam asks for.

    Wrong ones lose what they should, and junk and the starter stay low.
    """
    found = verifications[slug].result()
    assert found.problems == ()
    assert {one.name for one in found.trials} == set(CHOSEN_OF[slug])
    most = {TrialKind.JUNK: LOW, TrialKind.STARTER: STARTERS.get(slug, LOW)}
    for one in found.trials:
        assert one.earned < most.get(one.kind, 101), one


def test_each_exam_is_sampled() -> None:
    """An exam that is in no table is not looked at."""
    exams = {one.parent.name for one in (REPOSITORY / "challenges").glob("*/challenge.yml")}
    assert set(IN_EACH_RUN) == set(MORE) == exams
