"""`python -m benchmarks.speed [--challenge SLUG] [--solution NAME] [--runs N] [--cold]`.

Grades one accepted solution in turn with the grader and in the naive way, in one run, and measures
what cannot be less. The solution is the first accepted one of the exam by name, `pymysql` where
there is one. Prints medians and their ratios; `--cold` builds with an empty build cache;
`--markdown` writes the table into docs/performance.md.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.page import machine, write_part
from benchmarks.speed.bases import bases, service_images
from benchmarks.speed.floor import floor, listening
from benchmarks.speed.lent import images_run, view_of
from benchmarks.speed.naive import Naive
from benchmarks.speed.naive_compose import NaiveCompose
from grader.model import Challenge, Graded, Outcome
from grader.pipeline import Options, grade
from grader.sandbox.engine import Engine
from grader.settings import Settings
from grader.spec.loader import load

ROOT = Path(__file__).parents[2]
PREFERRED = "pymysql"
"""The solution that is measured where an exam has it: most have."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="benchmarks.speed")
    parser.add_argument("--challenge", default="todo-api")
    parser.add_argument("--solution", help="one of the accepted ones")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--cold", action="store_true", help="with an empty build cache")
    parser.add_argument("--markdown", action="store_true", help="write docs/performance.md")
    options = parser.parse_args()
    settings = Settings.from_env(os.environ)
    challenge = load(ROOT / "challenges" / options.challenge)
    source = accepted(challenge, options.solution)
    view = view_of(challenge, source, settings) if challenge.mode == "compose" else None
    stock = images_run(view).values() if view else service_images(challenge)
    images = bases(Engine.connect(settings.docker_host), settings, source, stock)

    def ours(seed: int) -> float:
        started = time.monotonic()
        how = Options(seed=seed, use_cache=not options.cold)
        report = grade(challenge, source, settings, options=how)
        spent = time.monotonic() - started
        assert isinstance(report, Graded), report
        assert report.score.earned == report.score.possible, report
        return spent

    def naive(seed: int) -> float:
        started = time.monotonic()
        given: dict[str, Any] = {
            "challenge": challenge, "source": source, "bases": images, "seed": seed,
            "cached": not options.cold,
        }  # fmt: skip
        way = NaiveCompose(view=view, **given) if view else Naive(**given)
        done = way.grade()
        spent = time.monotonic() - started
        lost = {one.criterion: one.rationale for one in done.results
                if one.outcome is not Outcome.PASSED}  # fmt: skip
        assert done.results, done
        assert not lost, lost
        ended = not (done.problems or done.fault or done.crash or done.out_of_time)
        assert ended, done
        return spent

    if not options.cold:
        ours(0)  # so that the build cache and the machine's own are warm for both
        naive(0)
    times: dict[str, list[float]] = {"grader": [], "naive": [], "floor": []}
    for seed in range(1, options.runs + 1):
        with listening() as heard:
            times["grader"].append(ours(seed))
        times["naive"].append(naive(seed))
        if not options.cold:
            times["floor"].append(floor(challenge, source, settings, heard))
    lines = table(challenge.slug, times, cold=options.cold)
    print("\n".join(lines))
    if options.markdown:
        write_part(f"speed {options.challenge}{' cold' if options.cold else ''}", lines)


def accepted(challenge: Challenge, name: str | None) -> Path:
    """Return the accepted solution `name`; without a name the one that is measured.

    Raises `ValueError` where the exam has none of that name.
    """
    folder = ROOT / "reference_solutions" / challenge.slug / "accepted"
    known = sorted(one.name for one in folder.iterdir() if one.is_dir())
    if name is None:
        name = PREFERRED if PREFERRED in known else known[0]
    if name not in known:
        msg = f"{challenge.slug} has no accepted solution {name!r}; it has {', '.join(known)}."
        raise ValueError(msg)
    return folder / name


def table(slug: str, times: dict[str, list[float]], *, cold: bool) -> list[str]:
    """Return the rows of what was measured, as Markdown."""
    ours = median(times["grader"])
    state = "an empty build cache" if cold else "a warm build cache"
    lines = [
        f"`{slug}`, an accepted solution, {state}, {len(times['grader'])} runs of each in turn:",
        "",
        "| way | median | least | most | to the grader |",
        "|---|---:|---:|---:|---:|",
    ]
    for way, title in (
        ("grader", "`grader grade`"), ("naive", "the naive way"), ("floor", "what cannot be less"),
    ):  # fmt: skip
        if found := times[way]:
            lines.append(
                f"| {title} | {median(found):.2f} s | {min(found):.2f} s | {max(found):.2f} s "
                f"| {median(found) / ours:.2f} |"
            )
    return [*lines, "", machine()]


if __name__ == "__main__":
    main()
