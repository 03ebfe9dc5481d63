"""`python -m benchmarks.steadiness [SLUG…] [--runs 50] [--delay SECONDS] [--solution NAME]`.

Grades each accepted solution of each exam (all exams by default) so many times, each with another
seed, as many at once as there are cores. With a delay, each answer of the app reaches the suite so
much later. Prints a line for each solution; ends with 1 where a run lost a point or gave no score.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence

from benchmarks.steadiness.relay import DelayRelay
from grader.settings import Settings
from grader.spec.library import find, load_all
from grader.verify.run import verify
from grader.verify.solutions import accepted_solutions
from grader.verify.trials import Trial


def main() -> None:
    """Grade, and say what was lost."""
    parser = argparse.ArgumentParser(prog="benchmarks.steadiness")
    parser.add_argument("slugs", nargs="*", metavar="SLUG")
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--delay", type=float, default=0.0, help="seconds added to each answer")
    parser.add_argument("--solution", action="append", help="only this one; may be repeated")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    if options.delay:
        DelayRelay(options.delay).install()
    settings = Settings.from_env(os.environ)
    steady = True
    for slug in options.slugs or sorted(load_all(settings.challenges)[0]):
        challenge = find(slug, settings.challenges)
        references = settings.references_of(challenge.root)
        for name in (one.name for one in accepted_solutions(references, challenge)):
            if options.solution and name not in options.solution:
                continue
            began = time.monotonic()
            found = verify(
                challenge, settings, names=(name,), count=options.runs, jobs=options.jobs
            )
            said, whole = _said(found.trials)
            steady = steady and whole and found.holds
            seconds = time.monotonic() - began
            print(f"{slug} {name}: {said} ({seconds / options.runs:.1f} s a run)", flush=True)
    sys.exit(0 if steady else 1)


def _said(trials: Sequence[Trial]) -> tuple[str, bool]:
    """Return what `trials` came to, and whether each earned every point."""
    lost = Counter(criterion for one in trials for criterion in one.lost)
    failures = [one.failure for one in trials if one.failure]
    whole = sum(not one.failure and not one.lost for one in trials)
    parts = [f"{whole} of {len(trials)} runs with every point"]
    parts += [f"{criterion} lost in {count}" for criterion, count in lost.most_common()]
    parts += [f"no score in {len(failures)}, first: {failures[0]}"] if failures else []
    return "; ".join(parts), whole == len(trials)


if __name__ == "__main__":
    main()
