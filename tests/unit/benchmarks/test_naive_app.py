"""What the naive way has the docker command do, where a suite asks for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from benchmarks.speed.app import NaiveApp, NaiveProbe, Recipe
from benchmarks.speed.project import Project, ProjectApp, ProjectProbe, ProjectServices
from benchmarks.speed.volumes import volume_operations
from grader.app_spec import Readiness, VolumeSpec
from grader.exam.operations import StartedProbe
from grader.sandbox.volumes import VolumeHelper, VolumeMount

READY = Readiness(path="/health", status=200, within=5.0)
MOUNT = VolumeMount(name="kept", spec=VolumeSpec(path="/data"))
MODULES = ("app", "project", "tools", "volumes")


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The docker commands that were run; apps answer at once, and each is called `app`."""
    commands: list[str] = []

    def docker(*words: str, cwd: Path | None = None) -> str:
        del cwd
        commands.append(" ".join(words))
        answers = {
            "{{.State.ExitCode}}": "143", "{{.State.Running}}": "true",
            "{{json .Config.Env}}": '["KEY=of-the-run", "PATH=/bin"]',
        }  # fmt: skip
        if "ps" in words:
            return "the-container"
        if words[0] == "inspect":
            return answers.get(words[2], "inner outer sha256:1")
        return ""

    for module in MODULES:
        monkeypatch.setattr(f"benchmarks.speed.{module}.docker", docker)
    monkeypatch.setattr("benchmarks.speed.app.answers", lambda *_: True)
    monkeypatch.setattr("benchmarks.speed.tools.answers", lambda *_: True)
    monkeypatch.setattr("benchmarks.speed.project.wait_until", lambda holds: None)
    return commands


def an_app(volumes: tuple[VolumeMount, ...] = ()) -> NaiveApp:
    recipe = Recipe(image="image", network="net", inside=5000, env={"KEY": "v"}, volumes=volumes)
    return NaiveApp(name="app", ready=READY, recipe=recipe, port=8000)


def test_an_app_is_run_with_its_variables_and_volumes(ran: list[str]) -> None:
    an_app((MOUNT,)).start()
    mount = "--mount=type=volume,source=kept,target=/data"
    assert ran == [
        f"run -d --name app --network net -p 127.0.0.1:8000:5000 {mount} --env=KEY=v image"
    ]


def test_an_app_is_started_again_in_each_way(ran: list[str]) -> None:
    app = an_app()
    app.restart()
    app.kill()
    ended = app.terminate(within=2.5)
    assert (ended.exit_code, ended.killed) == (143, False)
    assert ran == [
        "restart app", "kill app", "start app", "stop -t 3 app",
        "inspect -f {{.State.ExitCode}} app", "start app",
    ]  # fmt: skip


def test_a_volume_becomes_read_only_with_a_new_container(ran: list[str]) -> None:
    app = an_app((MOUNT,))
    helper = VolumeHelper("helper", SimpleNamespace(), (MOUNT,))
    volumes = volume_operations(helper, app)
    assert volumes is not None
    volumes.make_read_only("/data")
    volumes.make_writable("/data")
    runs = [one for one in ran if one.startswith("run ")]
    assert ["readonly" in one for one in runs] == [True, False]
    assert ran.count("rm -v app") == 2


def test_a_probe_lacks_a_variable_and_is_removed_with_its_volumes(ran: list[str]) -> None:
    app = an_app()
    probe = NaiveProbe(name="beside", ready=READY, recipe=app.recipe, new_volumes=lambda: (MOUNT,))
    found = probe.start(["KEY"])
    assert found == StartedProbe(asked=True, started=True, host="127.0.0.1", port=found.port)
    assert not probe.end().guessed
    assert "--env" not in ran[0]
    assert ran[-2:] == ["rm -f -v beside", "volume rm -f kept"]


def test_what_the_app_is_not_given_is_not_taken_away(ran: list[str]) -> None:
    probe = NaiveProbe(name="beside", ready=READY, recipe=an_app().recipe)
    assert not probe.start(["OTHER"]).asked
    probe.end()
    assert ran == []


@pytest.mark.parametrize(
    ("do", "expected"),
    [
        (lambda app: app.restart(), ["restart web"]),
        (lambda app: app.kill(), ["kill web", "up -d --no-deps web"]),
        (lambda app: app.recreate(), ["up -d --no-deps --force-recreate web"]),
    ],
)
def test_an_app_of_a_project_leaves_the_others_alone(
    ran: list[str], tmp_path: Path, do: Callable[[ProjectApp], Any], expected: list[str]
) -> None:
    waited: list[bool] = []
    do(ProjectApp(project=a_project(tmp_path), service="web", ready=lambda: waited.append(True)))
    before = "compose -p naive -f compose.yaml -f override.yaml "
    assert ran == [before + one for one in expected]
    assert waited == [True]


def test_a_service_of_a_project_is_stopped_and_started(ran: list[str], tmp_path: Path) -> None:
    services = ProjectServices(project=a_project(tmp_path))
    assert services.stop("worker", within=8).exit_code == 143
    services.start("worker")
    services.kill("worker")
    asked = [one for one in ran if not one.startswith(("compose", "inspect"))]
    assert asked == ["stop -t 8 the-container", "start the-container", "kill the-container"]
    assert services.running("worker")
    assert services.environment("worker") == {"KEY": "of-the-run", "PATH": "/bin"}


def test_a_probe_of_a_project_is_on_its_last_network(ran: list[str], tmp_path: Path) -> None:
    probe = ProjectProbe(
        name="beside", ready=READY, project=a_project(tmp_path), service="web", inside=5000
    )
    assert probe.start(["KEY"], changed=True).started
    (run,) = [one for one in ran if one.startswith("run ")]
    assert run.startswith("run -d --name beside --network outer -p 127.0.0.1:")
    assert run.endswith(" sha256:1")
    assert "--env=PATH=/bin --env=KEY=" in run
    assert "of-the-run" not in run


def a_project(folder: Path) -> Project:
    return Project(name="naive", folder=folder, files=("compose.yaml", "override.yaml"))
