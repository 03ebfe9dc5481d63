"""`submission.roles` of challenge.yml."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.app_spec import RoleSpec
from grader.spec.base_images import usual_images
from grader.spec.loader import load

Write = Callable[..., Path]
Problems = Callable[..., list[str]]
SUBMISSION = "submission: {mode: dockerfile, required_files: [Dockerfile]}"
MYSQL = 'services:\n  mysql: {image: "mysql:8.4"}\n'
ENV = '  env: {DB_HOST: "${mysql.host}", KEY: "${secret.KEY}", LEVEL: 3}\n'


def with_roles(roles: str, services: str = "", env: str = "") -> list[tuple[str, str]]:
    """What to change in the good spec."""
    submission = f"submission: {{mode: compose, roles: {roles}}}"
    return [(SUBMISSION, submission), (MYSQL, services), (ENV, env)]


def test_roles_are_read(write: Write) -> None:
    """The app is built, whatever is left out."""
    worker = "{built: true, replicas: 2}"
    roles = f"{{app: {{port: 5000}}, cache: {{images: [redis, valkey]}}, worker: {worker}}}"
    services, env = "services:\n  mail: {}\n", '  env: {MAIL_URL: "${mail.url}"}\n'
    exam = load(write(*with_roles(roles, services, env)))
    assert exam.roles == (
        RoleSpec(name="app", port=5000, built=True),
        RoleSpec(name="cache", images=("redis", "valkey")),
        RoleSpec(name="worker", built=True, replicas=2),
    )
    assert [one.name for one in exam.services] == ["mail"]


@pytest.mark.parametrize(
    ("roles", "said"),
    [
        ("{worker: {built: true}}", "lacks the app, which is examined; add `app: {}`."),
        ("{app: {}, worker: {}}", "submission.roles.worker does not say what such a service is"),
        ("{app: {images: [redis]}}", "submission.roles.app.images: the app is always built"),
        ("{app: {port: 8000}}", "submission.roles.app.port is 8000, and app.port is 5000; make"),
        ("{app: {}, Worker: {built: true}}", "submission.roles.Worker is no name that can be used"),
        ("{app: {}, c: {images: ['redis:7']}}", "it should be an image without its tag"),
        ("{app: {}, c: {image: redis}}", "Did you mean 'images'?"),
        ("{app: {}, c: {images: [redis], replicas: 2}}", "roles.c.replicas: only what is built"),
        ("{app: {replicas: 4}}", "submission.roles.app.replicas"),
        ("{app: {replicas: 1}}", "submission.roles.app.replicas"),
        ("[app]", "submission.roles"),
    ],
)
def test_what_is_wrong_with_them(problems: Problems, roles: str, said: str) -> None:
    """With its place."""
    found = problems(*with_roles(roles))
    assert any(said in one for one in found), found


def test_they_are_for_compose_files(problems: Problems) -> None:
    (found,) = problems(("mode: dockerfile", "mode: dockerfile, roles: {app: {}}"))
    assert "roles are for `mode: compose`; leave them out." in found


def test_services_of_the_exam_are_no_roles(problems: Problems) -> None:
    """Nor a second database."""
    roles = "{app: {}, mail: {built: true}}"
    (found,) = problems(*with_roles(roles, "services:\n  mail: {}\n"))
    assert "services.mail: mail is one of `submission.roles`" in found
    (found,) = problems(*with_roles("{app: {}}", MYSQL))
    assert "services.mysql: `db` of a suite is the database of the student's Compose" in found


def test_criteria_about_a_database_need_a_role_for_it(problems: Problems, write: Write) -> None:
    criterion = ("contract.routes, title: Routes", "database.late, title: Late")
    (found,) = problems(*with_roles("{app: {}, c: {images: [redis, postgres]}}"), criterion)
    assert "database.late is about a database, and no role asks for one" in found
    for images in ("[mysql, mariadb]", "[postgres]"):
        assert load(write(*with_roles(f"{{app: {{}}, c: {{images: {images}}}}}"), criterion)).roles


def test_a_service_may_be_built_on_what_its_role_runs() -> None:
    """To bring an init script along, for one; what else is usual stays."""
    broker = RoleSpec(name="broker", images=("valkey", "rabbitmq"))
    found = usual_images([broker, RoleSpec(name="app")])
    assert {"python", "valkey/valkey", "rabbitmq"} <= set(found)
    assert not {"valkey", "redis"} & set(found)
