"""Which service plays which role of an exam, and what is said where none or several may."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from grader.app_spec import RoleSpec
from grader.inspect.compose.image_families import are_of_one_dialect, is_one_of
from grader.inspect.compose.project import Project, Reading
from grader.inspect.compose.role_claims import read_claims
from grader.inspect.compose.role_finding import FoundRoles, RoleFinder

Read = Callable[..., Reading]
APP = RoleSpec(name="app", port=5000, built=True)
WORKER = RoleSpec(name="worker", built=True)
CACHE = RoleSpec(name="cache", images=("redis", "valkey"))
DATABASE = RoleSpec(name="database", images=("mysql", "mariadb"))
BEAT = RoleSpec(name="scheduler", built=True)
WEB = "web: {build: ., ports: ['5000:5000']}"


def project(read: Read, *services: str) -> Project:
    lines = "".join(f"  {service}\n" for service in services)
    reading = read(f"services:\n{lines}")
    assert reading.project is not None, reading.faults
    return reading.project


def found(
    read: Read, *services: str, asked: tuple[RoleSpec, ...] = (APP, WORKER, CACHE),
    chosen: Mapping[str, str] = {}, bases: Mapping[str, str] = {},
) -> FoundRoles:  # fmt: skip
    whole = project(read, WEB, *services)
    claims = read_claims(whole, asked, chosen, bases)
    return RoleFinder(project=whole, asked=asked, app="web", bases=bases).find(claims)


@pytest.mark.parametrize(
    ("image", "wanted", "expected"),
    [
        ("redis:7", ["redis"], True), ("valkey/valkey:8", ["valkey"], True),
        ("docker.io/library/redis", ["redis"], True), ("bitnami/redis:7", ["redis"], True),
        ("mariadb:11", ["mysql"], False), ("mariadb:11", ["mysql", "mariadb"], True),
        ("mysql:8.4", ["mysql"], True), ("percona", ["mysql"], True), ("", ["redis"], False),
        ("me/redis", ["redis"], False), ("dpage/pgadmin4", ["dpage/pgadmin4"], True),
        ("registry.example:5000/postgres:17", ["postgres"], True), ("redis-app", ["redis"], False),
    ],
)  # fmt: skip
def test_images_of_a_kind(image: str, wanted: list[str], expected: bool) -> None:
    """Whoever made them; somebody's own image is none."""
    assert is_one_of(image, wanted) is expected


def test_what_a_suite_looks_into_as_db() -> None:
    assert are_of_one_dialect(["mysql", "mariadb"])
    assert are_of_one_dialect(["postgres"])
    assert not are_of_one_dialect(["redis", "postgres"])
    assert not are_of_one_dialect(["mysql", "postgres"])
    assert not are_of_one_dialect([])


@pytest.mark.parametrize(
    ("services", "worker"),
    [
        (["jobs: {build: .}"], "jobs"),
        (["worker: {build: .}", "other: {build: .}"], "worker"),
        (["my-worker: {build: .}", "other: {build: .}"], "my-worker"),
        (["celery: {build: .}", "other: {build: .}"], "celery"),
        (["a: {build: .}", "frontend: {build: .}"], "a"),
        (["a: {build: ., ports: ['1:1']}", "b: {build: .}"], "b"),
        (["a: {build: .}", "migrate: {build: .}"], "a"),
        (["a: {build: .}", "b: {build: ., x-role: worker}"], "b"),
        (["a: {build: ., container_name: worker}", "b: {build: .}"], "a"),
        (
            [
                "a: {build: ., depends_on: {tables: {condition: service_completed_successfully}}}",
                "tables: {build: .}",
            ],
            "a",
        ),
    ],
)
def test_a_worker_is_found_by_what_it_is(read: Read, services: list[str], worker: str) -> None:
    """By its name, its code, what it publishes; a job that ends is none."""
    roles = found(read, *services, "store: {image: redis}")
    assert dict(roles.services) == {"app": "web", "worker": worker, "cache": "store"}
    assert roles.faults == ()


def test_one_that_is_called_as_another_role_is_that_one(read: Read) -> None:
    """In whichever order the exam names them."""
    for asked in ((APP, WORKER, BEAT), (APP, BEAT, WORKER)):
        roles = found(read, "celery: {build: .}", "beat: {build: .}", asked=asked)
        assert dict(roles.services) == {"app": "web", "worker": "celery", "scheduler": "beat"}


def test_of_two_caches_the_one_that_the_app_uses(read: Read) -> None:
    """By depends_on, or by what its environment names; else neither."""
    web = "web: {build: ., ports: ['5000:5000'], environment: {REDIS_URL: 'redis://two:6379/0'}}"
    whole = project(read, web, "one: {image: redis}", "two: {image: valkey/valkey}")
    finder = RoleFinder(project=whole, asked=(APP, CACHE), app="web", bases={})
    assert finder.find(read_claims(whole, (APP, CACHE), {}, {})).services["cache"] == "two"
    roles = found(read, "one: {image: redis}", "two: {image: redis}", asked=(APP, CACHE))
    assert roles.services == {"app": "web"}
    assert roles.faults == (
        (
            "compose.yml:3: each of `one`, `two` may be the `cache`: write `x-role: cache` in the "
            "one that it is."
        ),
    )


def test_one_that_is_built_on_the_image(read: Read) -> None:
    """It is no worker then."""
    roles = found(read, "store: {build: .}", asked=(APP, CACHE), bases={"store": "redis:7"})
    assert roles.services["cache"] == "store"
    roles = found(read, "store: {build: .}", asked=(APP, WORKER), bases={"store": "redis:7"})
    assert "worker" not in roles.services


@pytest.mark.parametrize(
    ("services", "said"),
    [
        ([], ("compose.yml: no service is the `worker`, built from your code, that the exam asks "
             "for: add one with `build: .` and its `command`, or write `x-role: worker` in the")),
        (["a: {build: .}", "b: {build: .}"], "each of `a`, `b` may be the `worker`"),
        (["worker: {build: ., profiles: [x]}"],
         "compose.yml:3: the `worker` may be `worker`, but its `profiles` keep"),
        (["worker: {image: 'python:3.12'}"], "no service is the `worker`, built from your code"),
    ],
)  # fmt: skip
def test_absent_and_ambiguous(read: Read, services: list[str], said: str) -> None:
    """What to do is said."""
    roles = found(read, *services, asked=(APP, WORKER))
    assert roles.services == {"app": "web"}
    assert roles.absent == (WORKER,)
    (fault,) = roles.faults
    assert said in fault


def test_an_absent_image_is_named(read: Read) -> None:
    roles = found(read, asked=(APP, CACHE, DATABASE))
    assert roles.faults[0].endswith(
        "no service is the `cache` (redis or valkey) that the exam asks for: add one with "
        "`image: redis:7`, or write `x-role: cache` in the one that it is."
    )
    assert "`image: mysql:8.4`" in roles.faults[1]
    assert roles.lacks_database


@pytest.mark.parametrize(
    ("services", "said"),
    [
        (["a: {build: ., x-role: wroker}"],
         ("compose.yml:3: `x-role: wroker` of `a` is no role of this exam (app, worker, cache). "
         "Did you mean 'worker'?")),
        (["a: {build: ., x-role: worker}", "b: {build: ., x-role: worker}"],
         "compose.yml:4: `a` and `b` have the same `x-role: worker`; leave it in one of them."),
        (["a: {build: ., x-role: [worker, cache]}"],
         "`a` is `worker` and `cache` by its `x-role`; a service has one."),
        (["a: {image: redis, x-role: worker}"],
         "`x-role: worker` stands in `a`: the worker is built from your code, and this runs"),
        (["a: {image: 'postgres:17', x-role: cache}"],
         "the cache is redis or valkey, and this is `postgres:17`."),
    ],
)  # fmt: skip
def test_claims_that_cannot_be(read: Read, services: list[str], said: str) -> None:
    """Each is a fault with its line, and counts for nothing."""
    roles = found(read, *services)
    assert any(said in one for one in roles.faults), roles.faults
    names = [*roles.services.values()]
    assert len(names) == len(set(names))


def test_the_caller_wins_over_the_file(read: Read) -> None:
    """And what the caller says has to fit as well."""
    both = ("a: {build: ., x-role: worker}", "b: {build: .}", "c: {image: redis}")
    roles = found(read, *both, chosen={"worker": "b"})
    assert roles.services["worker"] == "b"
    assert roles.faults == ()
    roles = found(read, *both, chosen={"worker": "d"})
    assert "there is no service `d` for `--role`" in roles.faults[0]
    roles = found(read, *both, chosen={"worker": "c"})
    assert "`--role worker=c`: the worker is built from your code" in roles.faults[0]
    roles = found(read, *both, chosen={"worker": "c", "cache": "c"})
    assert roles.services["cache"] == "c"


def test_x_role_without_roles_is_what_it_was(read: Read) -> None:
    """Any other value of it is nobody's business."""
    reading = read("services:\n  web: {build: ., x-role: {a: 1}}\n  b: {build: ., x-role: 5}\n")
    assert reading.project is not None
    assert reading.project.services["web"].roles == ()
    assert reading.project.services["b"].roles == ()
