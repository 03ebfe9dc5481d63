"""`python -m benchmarks.secrets [--seed N] [--speed] [--markdown] [--list TOOL]`.

Prints precision, recall and time of each scanner on the labelled corpus, side by side. `--markdown`
writes the table into docs/instructors/secrets.md.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.secrets import repositories
from benchmarks.secrets.corpus import Case, corpus
from benchmarks.secrets.score import Figures, figures
from benchmarks.secrets.tools import gitleaks_history, gitleaks_program, our_history, tools

PAGE = Path(__file__).parents[2] / "docs" / "instructors" / "secrets.md"
BEGIN, END = "<!-- benchmark -->", "<!-- /benchmark -->"
MEASURE = """
import json, resource, sys, time
from pathlib import Path
from benchmarks.secrets.tools import our_history
started = time.perf_counter()
found = our_history(Path(sys.argv[1]))
usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
memory = sum(usage.ru_maxrss for usage in usages) / 1024
work = sum(usage.ru_utime + usage.ru_stime for usage in usages)
print(json.dumps([time.perf_counter() - started, work, memory, found]))
"""


@dataclass(frozen=True, kw_only=True)
class Row:
    """How one scanner did."""

    tool: str
    figures: Figures
    seconds: float
    past: str


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="benchmarks.secrets")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--speed", action="store_true", help="only the large repository")
    parser.add_argument("--markdown", action="store_true", help="write the table into the docs")
    parser.add_argument("--list", metavar="TOOL", help="name what TOOL misses and reports wrongly")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch).resolve()
        root.chmod(0o755)
        speed = measure(root / "large")
        print(speed)
        if options.speed:
            return
        cases = corpus(options.seed)
        rows = compare(cases, root)
    text = table(cases, rows) + f"\n{speed}\n"
    print(text)
    for row in rows:
        if row.tool == options.list:
            print(
                "missed:", *row.figures.missed, "wrongly reported:", *row.figures.false, sep="\n  "
            )
    if options.markdown:
        page = PAGE.read_text("utf-8")
        head, _, rest = page.partition(BEGIN)
        PAGE.write_text(f"{head}{BEGIN}\n{text}{END}{rest.partition(END)[2]}", "utf-8")


def compare(cases: list[Case], root: Path) -> list[Row]:
    """Each scanner on the same files and the same histories."""
    folder = root / "files"
    for case in cases:
        target = folder / case.name / case.path
        target.parent.mkdir(parents=True)
        target.write_bytes(case.content)
    pasts = list(repositories.pasts(root / "pasts"))
    rows = []
    for name, scan in tools().items():
        started = time.perf_counter()
        reported: dict[str, frozenset[int]] = {}
        for path, lines in scan(folder).items():
            case_name = path.partition("/")[0]
            reported[case_name] = reported.get(case_name, frozenset()) | lines
        seconds = time.perf_counter() - started
        rows.append(
            Row(
                tool=name, figures=figures(cases, reported), seconds=seconds, past=past(name, pasts)
            )
        )
    return rows


def past(tool: str, pasts: list[repositories.Past]) -> str:
    """In how many of the histories with a secret a tool finds it; and in how many without."""
    count = {"grader secrets": our_history, "gitleaks": gitleaks_history}.get(tool)
    if count is None:
        return "does not look"
    found = [(one.secrets, count(one.folder)) for one in pasts]
    held = [bool(number) for secrets, number in found if secrets]
    wrong = sum(bool(number) for secrets, number in found if not secrets)
    return f"{sum(held)} of {len(held)}" + (f", {wrong} wrongly" if wrong else "")


def table(cases: list[Case], rows: list[Row]) -> str:
    """The figures as a Markdown table."""
    secrets = sum(len(case.secrets) for case in cases)
    clean = sum(not case.secrets for case in cases)
    lines = [
        f"{len(cases)} files: {len(cases) - clean} with {secrets} secrets, {clean} with none.",
        "",
        "| scanner | recall | precision | missed | wrongly reported | histories | time |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        one = row.figures
        lines.append(
            f"| {row.tool} | {one.recall:.3f} | {one.precision:.3f} | {len(one.missed)} "
            f"| {len(one.false)} | {row.past} | {row.seconds:.1f} s |"
        )
    if not gitleaks_program():
        lines += ["", "gitleaks was not installed on the machine of this run."]
    return "\n".join(lines) + "\n"


def measure(folder: Path) -> str:
    """Time and memory of tree and history of a large repository, in a process of its own."""
    repositories.large(folder)
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(folder / "work")], capture_output=True, check=True
    )
    seconds, work, memory, _ = json.loads(done.stdout)
    return (
        f"2,000 files and 500 commits, tree and history: {seconds:.1f} s ({work:.1f} s of CPU), "
        f"{memory:.0f} MiB at most (git's included)."
    )


if __name__ == "__main__":
    main()
