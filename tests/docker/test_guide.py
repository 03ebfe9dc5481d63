"""The examples of the author's guide run, against what `grader new` writes."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from grader.authoring import write_challenge
from grader.model import Challenge, Graded
from grader.pipeline import Options, grade
from grader.settings import REPOSITORY, Settings
from grader.spec.loader import load
from grader.verify.survey import survey
from tests.docker.expectations import put_together

GUIDE = REPOSITORY / "docs" / "instructors" / "authoring.md"
TESTS = REPOSITORY / "tests"
PROBES = {
    "rabbitmq": ("probe-rabbitmq", "rabbitmq-healthy", "app.starts"),
    "redis": ("probe-redis", "redis-healthy", "app.starts"),
    "websocket": ("probe-websocket", "websocket-healthy", "app.starts"),
    "command": ("probe-command", "command-whole", "docker.builds"),
    "mail": ("probe-mail", "mail-healthy", "app.starts"),
    "payments": ("probe-payments", "payments-healthy", "app.starts"),
    "identity": ("probe-identity", "identity-healthy", "app.starts"),
    "objects": ("probe-objects", "objects-healthy", "app.starts"),
    "roles": ("probe-roles", "roles-healthy", "app.starts"),
    "tls": ("probe-tls", "tls-healthy", "app.starts"),
    "replicas": ("probe-replicas", "replicas-healthy", "app.starts"),
    "volume": ("probe-volume", "volume-healthy", "app.starts"),
    "postgres": ("probe-postgres", "postgres-healthy", "app.starts"),
    "mariadb": ("probe-mariadb", "mariadb-healthy", "app.starts"),
    "history": ("probe-repository", "repository-healthy", "docker.builds"),
    "workflows": ("probe-repository", "repository-healthy", "docker.builds"),
}
"""Kinds of exams that `grader new` does not write: one of the tests' own, an answer, and a need."""
BLOCK = re.compile(
    r"^<!-- suite: (json|html|redis|rabbitmq|websocket|command|mail|payments|identity|objects"
    r"|volume|roles|replicas|tls|postgres|mariadb|history|workflows) -->\n"
    r"```python\n(.*?)^```",
    re.MULTILINE | re.DOTALL,
)
MARK = re.compile(r'criterion\("([\w.]+)"\)')


def examples(style: str) -> list[str]:
    """The suites of the guide for that style of app."""
    return [code for kind, code in BLOCK.findall(GUIDE.read_text("utf-8")) if kind == style]


def with_examples(folder: Path, style: str) -> Challenge:
    """A new challenge in `folder`, with the guide's suites and a criterion for each mark."""
    root = write_challenge("guide", folder / "challenges", mode="dockerfile", style=style).challenge
    spec = (root / "challenge.yml").read_text("utf-8").rstrip().rsplit("\n", 1)[0]
    for number, code in enumerate(examples(style)):
        (root / "tests" / f"test_guide_{number}.py").write_text(code, "utf-8")
        for name in dict.fromkeys(MARK.findall(code)):
            spec += f"\n  - {{id: {name}, title: An example, points: 1, needs: [app.starts]}}"
    (root / "challenge.yml").write_text(f"{spec}\n", "utf-8")
    return load(root)


def test_every_block_of_python_is_an_example() -> None:
    """None is left out of the run for want of its mark."""
    assert GUIDE.read_text("utf-8").count("```python") == sum(
        len(examples(style)) for style in ("json", "html", *PROBES)
    )


@pytest.mark.parametrize("kind", PROBES)
def test_the_examples_of_other_kinds_pass(settings: Settings, tmp_path: Path, kind: str) -> None:
    """They are put to one of the tests' own exams."""
    probe, answer, need = PROBES[kind]
    root = tmp_path / probe
    shutil.copytree(TESTS / "challenges" / probe, root)
    (code,) = examples(kind)
    (root / "tests" / "test_guide.py").write_text(code, "utf-8")
    (name,) = dict.fromkeys(MARK.findall(code))
    spec = (root / "challenge.yml").read_text("utf-8").rstrip()
    added = f"  - {{id: {name}, title: An example, points: 1, needs: [{need}]}}"
    (root / "challenge.yml").write_text(f"{spec}\n{added}\n", "utf-8")
    options = Options(seed=1, only=(name,))
    put_together(TESTS / "submissions" / answer, tmp_path / answer)
    report = grade(load(root), tmp_path / answer, settings, options=options)
    assert isinstance(report, Graded), report
    (found,) = [one for one in report.results if one.criterion == name]
    assert found.outcome == "passed", [one.rationale for one in report.results if one.rationale]


@pytest.mark.parametrize("style", ["json", "html"])
def test_the_examples_pass(settings: Settings, tmp_path: Path, style: str) -> None:
    """Each of them, on the accepted solution: what the guide says of a fixture is so."""
    challenge = with_examples(tmp_path, style)
    guide = {one.criterion for one in survey(challenge).tests if one.criterion.startswith("guide.")}
    assert guide
    source = tmp_path / "reference_solutions" / "guide" / "accepted" / "pymysql"
    options = Options(seed=1, only=tuple(sorted(guide)))
    report = grade(challenge, source, settings, options=options)
    assert isinstance(report, Graded), report
    found = {one.criterion: one for one in report.results if one.criterion in guide}
    assert {name: one.rationale for name, one in found.items() if one.outcome != "passed"} == {}
    assert set(found) == guide
