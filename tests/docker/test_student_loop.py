"""`grader grade --watch` and `grader diagnose`, as a student runs them."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from grader.sandbox.engine import Engine
from grader.sandbox.labels import OWNER, RUN

HERE = Path(__file__).parent
SUBMISSIONS = HERE.parent / "submissions"
CHALLENGES = str(HERE.parent / "challenges")
GRADER = [sys.executable, "-m", "grader"]
HEALTH = ("--path", "/health")
SCORE = re.compile(r"^(\d+) of \d+ points", re.MULTILINE)


class Watched:
    """A `--watch` that runs, and what it has printed."""

    def __init__(self, folder: Path, output: Path) -> None:
        self.folder = folder
        self._output = output
        with output.open("w") as file, output.with_suffix(".errors").open("w") as errors:
            self.process = subprocess.Popen(
                [*GRADER, "grade", "probe", str(folder), "--watch", "--seed", "3",
                 "--challenges", CHALLENGES, "--report", f"markdown={folder / 'result.md'}"],
                stdout=file, stderr=errors, text=True,
            )  # fmt: skip

    def printed(self) -> str:
        return self._output.read_text()

    def runs(self, count: int, within: float = 60) -> str:
        """What it has printed once `count` runs are over."""
        end = time.monotonic() + within
        while self.printed().count("Watching; Ctrl-C ends it.") < count:
            assert self.process.poll() is None, self.printed()
            assert time.monotonic() < end, self.printed()
            time.sleep(0.02)
        return self.printed()

    def edit(self, old: str, new: str) -> None:
        app = self.folder / "app.py"
        text = app.read_text()
        assert old in text
        app.write_text(text.replace(old, new))


def leftovers(engine: Engine, child: int) -> list[str]:
    """The containers of the process `child`; other runs may go on meanwhile."""
    rows = engine.client.api.containers(all=True, filters={"label": RUN})
    return [str(row["Id"]) for row in rows if f":{child}:" in row["Labels"].get(OWNER, "")]


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    folder = tmp_path / "answer"
    shutil.copytree(SUBMISSIONS / "healthy", folder)
    running = Watched(folder, tmp_path / "printed")
    yield running
    if running.process.poll() is None:
        running.process.send_signal(signal.SIGTERM)
        running.process.wait(timeout=30)


def test_each_change_is_graded_and_what_was_lost_comes_first(
    watched: Watched, engine: Engine
) -> None:
    """Points go and come with the edits; Ctrl-C ends it, and leaves nothing."""
    whole = SCORE.findall(watched.runs(1))
    watched.edit('{"value": 7}', '{"value": 8}')
    broken = watched.runs(2)
    watched.edit('{"value": 8}', '{"value": 7}')
    fixed = watched.runs(3)
    scores = [int(one) for one in SCORE.findall(fixed)]
    assert scores[0] == scores[2] > scores[1]
    assert [int(one) for one in whole] == scores[:1]
    second = broken.partition("app.py changed")[2]
    assert "✘" in second
    assert f"before: {scores[0]}" in second
    third = fixed.rpartition("app.py changed")[2]
    assert third.lstrip().splitlines()[0].startswith("✔")  # what was lost is told before the rest
    assert "those that take longer follow" in second
    assert (watched.folder / "result.md").is_file()  # its own report is no change
    assert leftovers(engine, watched.process.pid)  # what it keeps ready for the next change
    watched.process.send_signal(signal.SIGINT)
    assert watched.process.wait(timeout=30) == 130
    assert leftovers(engine, watched.process.pid) == []


def test_a_change_meanwhile_begins_again(watched: Watched) -> None:
    """What is graded is what was saved last."""
    watched.runs(1)
    for number in range(4):
        watched.edit("import json\n", f"import json\n# {number}\n")
        time.sleep(0.3)  # someone who saves again and again
    printed = watched.runs(2)
    assert "# 3" in (watched.folder / "app.py").read_text()
    scores = SCORE.findall(printed)
    assert len(scores) == 2
    assert scores[0] == scores[1]


def diagnose(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*GRADER, "diagnose", *arguments],
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )


@dataclass(frozen=True)
class Case:
    """A submission, the options of the command, and what it must say."""

    submission: str
    said: str
    options: tuple[str, ...] = ()
    noted: str = ""
    """A pattern of what it must say besides."""

    @property
    def id(self) -> str:
        return " ".join((self.submission, *self.options))

    def run(self) -> subprocess.CompletedProcess[str]:
        return diagnose(str(SUBMISSIONS / self.submission), *self.options)


STARTS = "It builds and starts"
CASES = (
    Case("healthy", STARTS, HEALTH),
    Case("shape-port-8000", STARTS, HEALTH),
    Case("build-step-fails", "✘ The image builds"),
    Case("localhost-only", "127.0.0.1"),
    Case("wrong-port", "It listens on port 8080"),
    Case("wrong-port", STARTS, (*HEALTH, "--port", "8080")),
    Case("module-not-found", "flask"),
    Case("compose-healthy", STARTS, HEALTH),
    Case("shape-mariadb", STARTS, HEALTH, r"mariadb:10\.11: MariaDB \S.* was used \("),
    Case("shape-mysql-5-7", STARTS, HEALTH, r"mysql:5\.7: MySQL \S.* was used \("),
    Case("mariadb-other-credentials", "MariaDB refused the user 'notes' (error 1045)", HEALTH),
    Case("compose-wrong-host", "localhost", HEALTH),
    Case("postgres-healthy", STARTS, HEALTH, "PostgreSQL was offered, as Dockerfile, line 3 names"),
    Case("redis-healthy", STARTS, HEALTH, "Redis was offered, as Dockerfile, line 3 names redis"),
    Case("no-dockerfile", "no Dockerfile"),
    Case("compose-file-ends-in-txt", "rename it to docker-compose.yml"),
    Case("no-health", "GET /health", ("--exam", "probe", "--challenges", CHALLENGES)),
)


@pytest.fixture(scope="module")
def diagnosed() -> Iterator[dict[str, Future[subprocess.CompletedProcess[str]]]]:
    """All of them, some at a time: most of their time is waiting."""
    with ThreadPoolExecutor(max_workers=4) as pool:
        yield {case.id: pool.submit(case.run) for case in CASES}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_cause_is_named(
    case: Case, diagnosed: dict[str, Future[subprocess.CompletedProcess[str]]]
) -> None:
    """And the status says whether it starts. With an exam, its path and status are what counts."""
    done = diagnosed[case.id].result()
    text = " ".join(done.stdout.split())
    assert case.said in text, done.stdout + done.stderr
    assert re.search(case.noted, text), done.stdout + done.stderr
    assert done.returncode == (0 if case.said == STARTS else 1)


def test_what_is_found_comes_as_json(tmp_path: Path) -> None:
    """To a file alongside the text, or to standard output in its place."""
    folder = str(SUBMISSIONS / "dockerfile-ends-in-txt")
    done = diagnose(folder, "--json", "-")
    report = json.loads(done.stdout)
    assert done.returncode == 1
    assert report["verdict"] == "graded"
    lost = {one["id"]: one["rationale"] for one in report["criteria"] if one["outcome"] == "failed"}
    assert "there is Dockerfile.txt" in lost["docker.builds"]
    file = tmp_path / "found.json"
    again = diagnose(folder, "--json", str(file))
    assert "The image builds" in again.stdout
    assert json.loads(file.read_text())["criteria"][0]["id"] == report["criteria"][0]["id"]
