"""`grader grade --watch` and `grader diagnose`, as a student runs them."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.sandbox.engine import Engine
from grader.sandbox.labels import RUN

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


def leftovers(engine: Engine) -> list[str]:
    rows = engine.client.api.containers(all=True, filters={"label": RUN})
    return [str(row["Id"]) for row in rows]


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
    before = set(leftovers(engine))
    whole = SCORE.findall(watched.runs(1))
    watched.edit('{"value": 7}', '{"value": 8}')
    broken = watched.runs(2)
    watched.edit('{"value": 8}', '{"value": 7}')
    mended = watched.runs(3)
    scores = [int(one) for one in SCORE.findall(mended)]
    assert scores[0] == scores[2] > scores[1]
    assert [int(one) for one in whole] == scores[:1]
    second = broken.partition("app.py changed")[2]
    assert "✘" in second
    assert f"before: {scores[0]}" in second
    third = mended.rpartition("app.py changed")[2]
    assert third.lstrip().splitlines()[0].startswith("✔")  # what was lost is told before the rest
    assert "those that take longer follow" in second
    assert (watched.folder / "result.md").is_file()  # its own report is no change
    watched.process.send_signal(signal.SIGINT)
    assert watched.process.wait(timeout=30) == 130
    assert set(leftovers(engine)) <= before


def test_a_change_meanwhile_begins_anew(watched: Watched) -> None:
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
        [*GRADER, "diagnose", *arguments], capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.parametrize(
    ("submission", "more", "said"),
    [
        ("healthy", HEALTH, "It builds and starts"),
        ("shape-port-8000", HEALTH, "It builds and starts"),
        ("build-step-fails", (), "✘ The image builds"),
        ("localhost-only", (), "127.0.0.1"),
        ("wrong-port", (), "It listens on port 8080"),
        ("wrong-port", (*HEALTH, "--port", "8080"), "It builds and starts"),
        ("module-not-found", (), "flask"),
        ("compose-healthy", HEALTH, "It builds and starts"),
        ("compose-wrong-host", HEALTH, "localhost"),
        ("no-dockerfile", (), "no Dockerfile"),
    ],
)
def test_the_cause_is_named(submission: str, more: tuple[str, ...], said: str) -> None:
    """And the status says whether it starts."""
    done = diagnose(str(SUBMISSIONS / submission), *more)
    starts = said == "It builds and starts"
    assert said in " ".join(done.stdout.split()), done.stdout + done.stderr
    assert done.returncode == (0 if starts else 1)


def test_an_exam_says_what_counts() -> None:
    """Its port, path, status and variables."""
    folder = str(SUBMISSIONS / "no-health")
    done = diagnose(folder, "--exam", "probe", "--challenges", CHALLENGES)
    assert done.returncode == 1, done.stdout
    assert "GET /health" in done.stdout
