"""`python -m benchmarks.batch.kills [--kills 10] [--count 24] [--seed 1]`.

Kills a batch with SIGKILL at random moments, each time taking it up again, until it has been killed
so often; lets it end, and compares its grades.csv with that of one that nobody killed. Prints how
far it had come at each kill; ends with 1 where a submission was graded again after it had its
report, has none, or where the grades are not the same.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.batch.group import write_class
from grader.settings import Settings
from grader.spec.library import find

MOMENTS = (0.5, 20.0)
"""Seconds after its start between which a batch is killed: before a report, or after some."""
COMMAND = [sys.executable, "-m", "grader", "batch", "todo-api"]


def main() -> None:
    """Kill, take up again, compare."""
    parser = argparse.ArgumentParser(prog="benchmarks.batch.kills")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--count", type=int, default=24)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    settings = Settings.from_env(os.environ)
    challenge = find("todo-api", settings.challenges)
    draw = random.Random(options.seed)
    with tempfile.TemporaryDirectory(prefix="grader-benchmark-") as scratch:
        answers, out, plain = Path(scratch, "answers"), Path(scratch, "out"), Path(scratch, "plain")
        answers.mkdir()
        write_class(challenge, settings, answers, options.count)
        seen: dict[str, int] = {}
        wrong = 0
        kills = 0
        while kills < options.kills:
            batch = _start(answers, out)
            try:
                batch.wait(timeout=draw.uniform(*MOMENTS))
                print(f"it ended by itself after {kills} kills: give it more with --count")
                break
            except subprocess.TimeoutExpired:
                batch.send_signal(signal.SIGKILL)
                batch.wait()
                kills += 1
            wrong += _check(out, seen)
            print(f"kill {kills}: {len(seen)} of {options.count} have a report", flush=True)
        began = time.monotonic()
        code = _start(answers, out).wait()
        wrong += _check(out, seen)
        print(f"taken up for good: ended with {code} after {time.monotonic() - began:.0f} s")
        _start(answers, plain).wait()
        same = (out / "grades.csv").read_text("utf-8") == (plain / "grades.csv").read_text("utf-8")
    whole = len(seen) == options.count
    print(f"graded again after they had a report: {wrong}; every one has a report: {whole}; ")
    print(f"the same grades.csv as without a kill: {same}")
    sys.exit(0 if same and whole and not wrong and not code else 1)


def _start(answers: Path, out: Path) -> subprocess.Popen[bytes]:
    command = [*COMMAND, str(answers), "--out", str(out), "--seed", "7"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _check(out: Path, seen: dict[str, int]) -> int:
    """Note the reports that are there; how many of those known before were written again."""
    again = 0
    for path in (out / "reports").glob("*.json"):
        written = path.stat().st_mtime_ns
        again += seen.setdefault(path.name, written) != written
    return again


if __name__ == "__main__":
    main()
