"""Compose mode from outside: what compose reads, what a caller may choose, what is left."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from grader import process
from grader.model import Graded
from grader.pipeline import Options, grade
from grader.sandbox.compose import Compose
from grader.sandbox.docker_plugins import plugin
from grader.sandbox.engine import Engine
from grader.sandbox.labels import PROJECT, RUN
from grader.settings import Settings
from tests.docker.expectations import exam, run

SUBMISSIONS = Path(__file__).parent.parent / "submissions"
HEALTHY = SUBMISSIONS / "compose-healthy"
QUICK = ("notes.kept", "notes.list", "compose.valid", "compose.fresh_credentials")


def test_compose_reads_nothing_of_the_students(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Every call names our file alone; its folder holds nothing else, its environment neither."""
    source = tmp_path / "hand-in"
    shutil.copytree(HEALTHY, source)
    (source / ".env").write_text("COMPOSE_FILE=/etc/passwd\nDB_PASSWORD=${HOME}\n", "utf-8")
    monkeypatch.setenv("COMPOSE_FILE", str(source / "docker-compose.yml"))
    monkeypatch.setenv("DB_PASSWORD", "of-the-host")
    calls: list[tuple[list[str], dict[str, str], list[str], Any]] = []
    spawn = process.spawn

    def noted(args: Sequence[str], **more: Any) -> Any:
        folder = more.get("cwd")
        files = sorted(str(one) for one in Path(folder).rglob("*")) if folder else []
        named = [word.partition("=")[2] for word in args if word.startswith("--file=")]
        content = Path(named[0]).read_text("utf-8") if is_compose(args) else ""
        environment: Mapping[str, str] = more.get("env") or {}
        calls.append((list(args), dict(environment), files, content))
        return spawn(args, **more)

    monkeypatch.setattr(process, "spawn", noted)
    report = grade(exam(HEALTHY, settings), source, settings, options=Options(seed=1, only=QUICK))
    assert isinstance(report, Graded), report
    composed = [call for call in calls if is_compose(call[0])]
    assert len(composed) >= 2
    for args, environment, files, content in composed:
        assert [word for word in args if word.startswith("--file=")] == [f"--file={files[0]}"]
        assert len(files) == 1
        assert files[0].startswith(str(settings.state / "runs"))
        assert "--env-file=/dev/null" in args
        assert f"--project-directory={Path(files[0]).parent}" in args
        assert not any("hand-in" in word or "/submission" in word for word in args)
        assert not any(name.startswith("COMPOSE_FILE") for name in environment)
        assert "DB_PASSWORD" not in environment
        ours = yaml.safe_load(content)
        assert "of-the-host" not in content
        for service in ours["services"].values():
            assert "build" not in service
            assert "env_file" not in service
            assert "ports" not in service
            assert service["security_opt"] == ["no-new-privileges:true"]
    others = [call[0] for call in calls if not is_compose(call[0])]
    assert not any("compose" in word for args in others for word in args[:3])


def is_compose(args: Sequence[str]) -> bool:
    known = plugin("compose")
    return tuple(args[: len(known)]) == known


def test_the_caller_may_choose_file_and_service(settings: Settings, tmp_path: Path) -> None:
    """`--compose` and `--service` win over what would be found; the report says what was taken."""
    source = tmp_path / "hand-in"
    shutil.copytree(HEALTHY, source)
    other = (source / "docker-compose.yml").read_text("utf-8").replace("  web:", "  board:")
    (source / "compose.test.yml").write_text(other, "utf-8")
    options = Options(seed=1, only=QUICK, compose="compose.test.yml", service="board")
    report = grade(exam(HEALTHY, settings), source, settings, options=options)
    assert isinstance(report, Graded)
    assert {one.outcome for one in report.results if one.criterion in QUICK} == {"passed"}
    assert any("compose.test.yml" in note for note in report.provenance.notes)


def test_two_runs_of_one_submission_at_once(engine: Engine, settings: Settings) -> None:
    """Names, networks and volumes are a run's own; nothing is left of either."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(max_workers=2) as pool:
        reports = list(pool.map(lambda _: run(HEALTHY, settings), range(2)))
    for report in reports:
        assert isinstance(report, Graded), report
        assert report.score.earned == report.score.possible - 1  # the late trial is left out
        label = f"{RUN}={report.provenance.run}"
        api = engine.client.api
        assert api.containers(all=True, filters={"label": label}) == []
        assert api.networks(filters={"label": label}) == []
        assert not api.volumes(filters={"label": label})["Volumes"]


def test_every_phase_is_in_the_report(
    settings: Settings, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The trial with a late database as well; the project goes while that goes on."""
    removed: list[tuple[int, int]] = []
    remove = Compose.remove

    def watched(project: Compose) -> None:
        api, only = engine.client.api, {"label": f"{PROJECT}={project.name}"}
        before = len(api.containers(all=True, filters=only))
        remove(project)
        left = api.containers(all=True, filters=only) + (api.volumes(filters=only)["Volumes"] or [])
        removed.append((before, len(left)))

    monkeypatch.setattr(Compose, "remove", watched)
    report = run(SUBMISSIONS / "compose-database-late", settings)
    assert removed == [(2, 0)]
    phases = [timing.phase for timing in report.provenance.timings]
    assert sorted(phases) == sorted(
        ["intake", "inspect", "build", "provision", "up", "late database", "examine", "teardown"]
    )
    (late,) = (one for one in report.provenance.timings if one.phase == "late database")
    assert late.end - late.start > 10
