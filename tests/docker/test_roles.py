"""Roles in Compose files from outside: what a caller says, what is reached, what is left."""

from __future__ import annotations

import shutil
from pathlib import Path

from grader.model import Graded, GradeReport, Outcome
from grader.pipeline import Options, grade
from grader.sandbox.engine import Engine
from grader.sandbox.labels import RUN
from grader.settings import Settings
from grader.spec.loader import load
from tests.docker.expectations import exam, put_together

TESTS = Path(__file__).parent.parent
SUBMISSIONS = TESTS / "submissions"
PROXY = """
import pytest


@pytest.mark.criterion("proxy.forwards")
def test_it_forwards(compose):
    proxy = compose.service("proxy").client
    proxy.get("/health").expect(200).json(dict)
    with compose.service("proxy").outage():
        pass
    compose.service("proxy").client.get("/health").expect(200)
"""


def outcomes(report: GradeReport) -> dict[str, Outcome]:
    assert isinstance(report, Graded), report
    return {one.criterion: one.outcome for one in report.results}


def test_the_caller_may_say_who_plays_a_role(settings: Settings, tmp_path: Path) -> None:
    """What two services may be, `--role` decides; the report tells it."""
    folder = SUBMISSIONS / "roles-two-may-be-it"
    put_together(folder, tmp_path / "hand-in")
    options = Options(seed=1, only=("compose.valid", "worker.ends"), roles=(("worker", "two"),))
    report = grade(exam(folder, settings), tmp_path / "hand-in", settings, options=options)
    found = outcomes(report)
    assert (found["compose.valid"], found["worker.ends"]) == (Outcome.PASSED, Outcome.PASSED)
    assert report.provenance.roles == {"app": "web", "worker": "two", "queue": "store"}


def test_nothing_is_left_of_the_exams_own_services(engine: Engine, settings: Settings) -> None:
    """They are made for the run, on each network of the project, and go with it."""
    folder = SUBMISSIONS / "roles-healthy"
    report = grade(exam(folder, settings), folder, settings, options=Options(seed=1))
    assert set(outcomes(report).values()) == {Outcome.PASSED}, report
    label, api = f"{RUN}={report.provenance.run}", engine.client.api
    assert api.containers(all=True, filters={"label": label}) == []
    assert api.networks(filters={"label": label}) == []
    assert not api.volumes(filters={"label": label})["Volumes"]


def test_a_proxy_is_reached_by_its_role(settings: Settings, tmp_path: Path) -> None:
    """The way to it outlives its container."""
    root = tmp_path / "probe-roles"
    shutil.copytree(TESTS / "challenges" / "probe-roles", root)
    spec = (root / "challenge.yml").read_text("utf-8")
    role = "    proxy: {images: [nginx], port: 80}\n"
    spec = spec.replace("    worker: {built: true}\n", f"    worker: {{built: true}}\n{role}")
    added = "  - {id: proxy.forwards, title: The proxy forwards, points: 1, needs: [app.starts]}\n"
    (root / "challenge.yml").write_text(spec + added, "utf-8")
    (root / "tests" / "test_proxy.py").write_text(PROXY, "utf-8")
    folder = SUBMISSIONS / "roles-other-images"
    put_together(folder, tmp_path / "hand-in")
    options = Options(seed=1, only=("proxy.forwards",))
    report = grade(load(root), tmp_path / "hand-in", settings, options=options)
    assert isinstance(report, Graded), report
    (found,) = [one for one in report.results if one.criterion == "proxy.forwards"]
    assert found.outcome is Outcome.PASSED, found.rationale
    assert report.provenance.roles["proxy"] == "front"
