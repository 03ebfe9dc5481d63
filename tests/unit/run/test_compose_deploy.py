"""What is judged of a Compose submission before anything of it is built."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace

import pytest

from grader.criteria import APP_STARTS, COMPOSE_VALID, REPO_FILES
from grader.errors import ImageUnavailable, SubmissionRejected
from grader.inspect.compose.project import Build
from grader.inspect.dockerfile import inline_dockerfile
from grader.model import Outcome, Submission
from grader.run.compose import deploy
from grader.run.compose.project_roles import ComposeChoice
from grader.run.context import RunContext
from grader.run.deployment import Deployment
from grader.sandbox.build import Built
from grader.spec.starting import COMPLETE, NO_TESTS, SLUG
from tests.unit.run.conftest import Begin, HandIn
from tests.unit.run.test_compose_roles import WEB, roles

SERVICE = replace(WEB, build=Build(context="web", dockerfile=""))
FOUND = replace(roles(), app=SERVICE)
REQUIRED = ("Dockerfile", "app.py", "README.md")


def test_files_may_lie_with_the_app_or_at_the_top(begin: Begin, hand_in: HandIn) -> None:
    context = begin(required_files=REQUIRED)
    files = {"web/Dockerfile": "FROM x", "web/app.py": "#", "README.md": "Read me."}
    deploy._inspect_files(context, hand_in(files), FOUND)
    assert context.recorder.results[REPO_FILES].outcome is Outcome.PASSED


def test_a_file_that_lies_nowhere_is_named(begin: Begin, hand_in: HandIn) -> None:
    context = begin(required_files=REQUIRED)
    deploy._inspect_files(context, hand_in({"web/Dockerfile": "FROM x", "web/app.py": "#"}), FOUND)
    result = context.recorder.results[REPO_FILES]
    assert result.outcome is Outcome.FAILED
    assert "README.md" in result.rationale


def test_a_dockerfile_that_reaches_out_is_rejected(begin: Begin, hand_in: HandIn) -> None:
    """Whichever service it belongs to."""
    broken = inline_dockerfile(b"FROM python:3.11\nRUN --security=insecure mount\n", {})
    with pytest.raises(SubmissionRejected, match="security=insecure"):
        deploy._inspect_files(begin(), hand_in({}), replace(FOUND, dockerfiles={"web": broken}))


def test_without_a_compose_file_nothing_is_reached(begin: Begin, hand_in: HandIn) -> None:
    """What rests on one says what it needs."""
    context = begin(mode="compose")
    with ThreadPoolExecutor() as pool:
        found = deploy.bring_up(
            context, hand_in({"Dockerfile": "FROM x"}), pool, chosen=ComposeChoice(), late=False
        )
    assert found == Deployment(dockerfile=None)
    results = context.recorder.results
    assert results[COMPOSE_VALID].outcome is Outcome.FAILED
    assert results[APP_STARTS].outcome is Outcome.NOT_REACHED


COMPOSE = """services:
  web:
    build: .
    environment: {DB_HOST: "${DB_HOST}"}
  db:
    image: mysql:8.4
"""


@pytest.mark.parametrize("alpine", [True, False])
def test_what_is_missing_is_said_though_an_image_cannot_be_had(
    begin: Begin, hand_in: HandIn, monkeypatch: pytest.MonkeyPatch, alpine: bool
) -> None:
    """Its criterion is not reached then; a build that fails says it as well."""

    def bring_up(run: deploy._Run, *, late: bool) -> Deployment:
        if alpine:
            msg = "The image python:alpine is not on this machine."
            raise ImageUnavailable(msg)
        run.note_missing(reached=False)
        return Deployment(dockerfile=None)

    monkeypatch.setattr(deploy._Run, "bring_up", bring_up)
    context = begin(mode="compose", criteria=(COMPLETE,))
    files = {"Dockerfile": "FROM python:alpine\n", "compose.yaml": COMPOSE}
    with ThreadPoolExecutor() as pool, suppress(ImageUnavailable):
        deploy.bring_up(context, hand_in(files), pool, chosen=ComposeChoice(), late=False)
    said = [one for one in context.recorder.notes if one.startswith("Your Compose file asks for")]
    assert len(said) == 1
    assert "DB_HOST (compose.yaml, line 4)" in said[0]


def built_of(
    context: RunContext, monkeypatch: pytest.MonkeyPatch, admin: str, submission: Submission
) -> tuple[list[str], dict[str, str] | None]:
    """What is built of an app with a helper on the image `admin` that none needs, in order."""
    begun: list[str] = []

    def build_image(*_: object, name: str, **__: object) -> Built | None:
        begun.append(name)
        return None if name == "fails" else Built(image=f"sha256:{name}", cached=False)

    monkeypatch.setattr(deploy, "build_image", build_image)
    found = roles()
    services = dict(found.project(found.fresh).services)
    services[admin] = replace(WEB, name=admin)
    project = replace(found.project(found.fresh), services=services)
    base = inline_dockerfile(f"FROM {admin}/{admin}\n".encode(), {})
    cast = replace(
        found, fresh=replace(found.fresh, project=project), started=("web", "db", admin),
        dockerfiles={"web": inline_dockerfile(b"FROM python\n", {}), admin: base},
    )  # fmt: skip
    with ThreadPoolExecutor() as pool:
        run = deploy._Run(context, submission, cast, pool, {}, {})
        return begun, run._build()


@pytest.mark.parametrize(("name", "order"), [("fails", ["fails"]), ("works", ["works", "app"])])
def test_the_app_is_built_last(
    begin: Begin, hand_in: HandIn, monkeypatch: pytest.MonkeyPatch, name: str, order: list[str]
) -> None:
    """Its success would stand where the failure of another service is to be told."""
    begun, images = built_of(begin(mode="compose"), monkeypatch, name, hand_in({}))
    assert begun == order
    assert (images is None) == (name == "fails")


def test_without_an_exam_a_tool_on_an_image_of_its_own_is_passed_by(
    begin: Begin, hand_in: HandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No exam forbids it, and none needs it."""
    context = begin(mode="compose", slug=SLUG, root=NO_TESTS)
    begun, images = built_of(context, monkeypatch, "phpmyadmin", hand_in({}))
    assert begun == ["app"]
    assert images == {"web": "sha256:app"}
    assert "The service 'phpmyadmin' (phpmyadmin/phpmyadmin) is not" in context.recorder.notes[-1]
