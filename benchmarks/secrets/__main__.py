"""`python -m benchmarks.secrets [--corpus NAME=FOLDER …] [--speed] [--markdown] [--list TOOL]`.

Prints precision, recall and time of each scanner on our labelled corpus, and on corpora that other
people wrote, each in a folder that the caller names. `--markdown` writes the tables into
docs/instructors/secrets.md.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.secrets import repositories
from benchmarks.secrets.corpora import READERS, Corpus
from benchmarks.secrets.corpus import Case, corpus
from benchmarks.secrets.score import Figures, figures
from benchmarks.secrets.tools import gitleaks_history, gitleaks_program, our_history, tools

PAGE = Path(__file__).parents[2] / "docs" / "instructors" / "secrets.md"
OURS, OTHERS = "benchmark", "corpora"
"""The parts of the page that are written."""
MEASURE = """
import json, resource, sys, time
from pathlib import Path
from benchmarks.secrets.tools import our_history
started = time.perf_counter()
found = our_history(Path(sys.argv[1]))
usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
own = next(line for line in Path("/proc/self/status").open() if line.startswith("VmHWM"))
memory = (int(own.split()[1]) + usages[1].ru_maxrss) / 1024  # usage counts what it was forked from
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
    parser.add_argument("--no-speed", action="store_true", help="not the large repository")
    parser.add_argument("--speed", action="store_true", help="only the large repository")
    parser.add_argument("--markdown", action="store_true", help="write the table into the docs")
    parser.add_argument("--list", metavar="TOOL", help="name what TOOL misses and reports wrongly")
    parser.add_argument(
        "--corpus", metavar="NAME=FOLDER", action="append", default=[],
        help=f"read a corpus of others from FOLDER; NAME is one of {', '.join(READERS)}",
    )  # fmt: skip
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch).resolve()
        root.chmod(0o755)
        speed = "" if options.no_speed else measure(root / "large")
        print(speed)
        if options.speed:
            return
        cases = corpus(options.seed)
        rows = compare(cases, root, pasts=True)
        others = elsewhere(options.corpus, root, options.list)
    text = table(cases, rows) + (f"\n{speed}\n" if speed else "")
    print(text)
    for row in rows:
        if row.tool == options.list:
            print(
                "missed:", *row.figures.missed, "wrongly reported:", *row.figures.false, sep="\n  "
            )
    if options.markdown:
        write_part(OURS, text)
        if others:
            write_part(OTHERS, others)


def write_part(name: str, text: str) -> None:
    """Put `text` in the place of one part of the page."""
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    head, _, rest = PAGE.read_text("utf-8").partition(begin)
    PAGE.write_text(f"{head}{begin}\n{text}{end}{rest.partition(end)[2]}", "utf-8")


def elsewhere(given: list[str], root: Path, listed: str | None) -> str:
    """Return a table of every scanner on each corpus of `NAME=FOLDER`.

    Empty where none is given.
    """
    lines: list[str] = []
    for number, one in enumerate(given):
        name, _, folder = one.partition("=")
        for part, corpus_ in enumerate(READERS[name](Path(folder))):
            cases = [
                replace(case, name=f"{index:06}-{case.name[:60]}")  # rules may share a name
                for index, case in enumerate(corpus_.cases)
            ]
            rows = compare(cases, root / f"corpus-{number}-{part}", pasts=False)
            lines += [_line(corpus_, row) for row in rows]
            print(*lines[-len(rows) :], sep="\n", flush=True)
            for row in rows:
                if row.tool == listed:
                    print(corpus_.name, "missed:", *row.figures.missed, sep="\n  ")
                    print(corpus_.name, "wrongly reported:", *row.figures.false, sep="\n  ")
    head = (
        "| corpus | scanner | found | recall | wrongly | precision |\n|---|---|---|---|---|---|\n"
    )
    return head + "\n".join(lines) + "\n" if lines else ""


def _line(corpus_: Corpus, row: Row) -> str:
    one = row.figures
    held = one.found + len(one.missed)
    return (
        f"| {corpus_.name} | {row.tool} | {one.found} of {held} | {one.recall:.3f} "
        f"| {len(one.false)} | {one.precision:.3f} |"
    )


def compare(cases: list[Case], root: Path, *, pasts: bool) -> list[Row]:
    """Each scanner on the same files, and with `pasts` on the same histories."""
    folder = root / "files"
    for case in cases:
        target = folder / case.name.replace("/", "+") / case.path
        target.parent.mkdir(parents=True)
        target.write_bytes(case.content)
    histories = list(repositories.pasts(root / "pasts")) if pasts else []
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
                tool=name,
                figures=figures(cases, reported),
                seconds=seconds,
                past=past(name, histories),
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
    """Return the figures as a Markdown table."""
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
