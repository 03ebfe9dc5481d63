"""The report as GitHub's Markdown: a pull request's comment, a job's summary.

What a student may have written stands in fences that it cannot close; titles and hints are escaped
and cannot mention, link, show an image or end a table's cell. The whole is bounded in length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import assert_never

from grader.model import CheckResult, Criterion, Graded, GradeReport, Outcome, Rejected, Ungradable
from grader.report.folding import fold
from grader.report.view import Row, earned, every_row, hint, reason, seconds, spoken, unmet_of
from grader.text import clean, clip, shorten

COMMENT = 65_000
"""Characters: GitHub takes 65,536 in a comment, and whoever posts it may add a mark of his own."""
MARKS = {
    Outcome.PASSED: "✅",
    Outcome.FAILED: "❌",
    Outcome.TIMED_OUT: "⏱️",
    Outcome.NOT_REACHED: "⚪",
    Outcome.BROKEN: "🛠️",
}
EVIDENCE_LINES = 30
EVIDENCE_CHARACTERS = 3000
MARKUP = re.compile(r"([\\`*_{}\[\]()#+\-.!|~$:/<>&\"'=^])")
JOINER = "\N{WORD JOINER}"
"""Shows nothing and keeps a name from being a mention, and a spoken from being an issue's."""
ROOM = 400
"""Characters kept for the words that say what was left out."""


def to_markdown(report: GradeReport, *, limit: int = COMMENT) -> str:
    """`report` as Markdown of at most `limit` characters, in text that ends in a newline."""
    blocks = [_head(report)]
    left = limit - len(blocks[0]) - ROOM
    left_out = 0
    for block in _blocks(report):
        if len(block) + 2 > left:
            left_out += 1
            continue
        left -= len(block) + 2
        blocks.append(block)
    if left_out:
        blocks.append(f"*{left_out} parts are left out here, for their length; the others hold.*")
    return "\n\n".join(blocks) + "\n"


def inline(text: str, limit: int = 300) -> str:
    """`text` on one line, so that nothing in it is markup, a mention, a link or a cell's end."""
    line = clip(" ".join(clean(text).split()), limit)
    escaped = MARKUP.sub(r"\\\1", line)
    return re.sub(r"([@#])", rf"\1{JOINER}", escaped)


def fenced(text: str) -> str:
    """`text` in a fence longer than any that it holds."""
    longest = max(map(len, re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{clean(text)}\n{fence}"


def _head(report: GradeReport) -> str:
    title = inline(report.challenge.title, 120)
    match report:
        case Graded():
            mark, word = ("✅", "Passed") if report.passed else ("❌", "Not passed")
            why = f" **{inline(unmet_of(report), 600)}**." if report.required_lost else ""
            points = f"{spoken(report.score.earned)} of {report.score.possible} points"
            return (
                f"## {mark} {title}: {points}\n\n**{word}** with "
                f"{float(report.score.percent):.0f} %; the pass mark is "
                f"{report.challenge.pass_mark} %.{why}"
            )
        case Rejected():
            return (
                f"## ⛔ {title}: rejected\n\nThe submission asks for what no exam allows. Nothing "
                f"of it was run: 0 of {report.challenge.points} points.\n\n"
                f"{fenced(clip(reason(report), 6000))}"
            )
        case Ungradable():
            return (
                f"## 🛠️ {title}: no score\n\n**Ungradable**: the platform failed, and this costs "
                f"nothing. Grade again once it is fixed.\n\n{fenced(clip(reason(report), 6000))}"
            )
        case _:
            assert_never(report)


def _blocks(report: GradeReport) -> Iterator[str]:
    """Yield what follows the head, the most needed first."""
    if isinstance(report, Graded):
        rows = every_row(report)
        reached, not_reached = fold(rows)
        yield from (_loss(*row) for row in reached if row[1].outcome is not Outcome.PASSED)
        for one in not_reached:
            mark = MARKS[Outcome.NOT_REACHED]
            why = f"\n\n{fenced(clip(one.reason, EVIDENCE_CHARACTERS))}" if one.reason else ""
            yield f"{mark} **{inline(one.sentence, 400)}** (0/{one.points}){why}"
        yield _table(rows)
        if report.log_tail:
            log = fenced(clip(report.log_tail, EVIDENCE_CHARACTERS))
            yield _details("The last lines that the app printed", log)
    yield _origin(report)


def _loss(criterion: Criterion, result: CheckResult) -> str:
    """One lost criterion: why, what was sent and what came back, and how to go on."""
    points = f"{spoken(earned(criterion, result))}/{criterion.points}"
    parts = [f"{MARKS[result.outcome]} **{inline(criterion.title)}** ({points})"]
    if result.rationale:
        parts.append(fenced(clip(result.rationale, EVIDENCE_CHARACTERS)))
    if fitting := hint(criterion, result):
        parts.append(f"*Hint:* {inline(fitting, 600)}")
    if result.evidence:
        parts.append(
            _details("What was sent and what came back", fenced(_bounded(result.evidence)))
        )
    return "\n\n".join(parts)


def _bounded(evidence: str) -> str:
    return clip("\n".join(shorten(evidence.splitlines(), EVIDENCE_LINES)), EVIDENCE_CHARACTERS)


def _table(rows: list[Row]) -> str:
    lines = ["| | criterion | | points |", "|---|---|---|---:|"]
    lines += [
        f"| {MARKS[result.outcome]} | {inline(criterion.title)} | {inline(criterion.id, 80)}"
        f"{' (required)' if criterion.required else ''} | "
        f"{spoken(earned(criterion, result))}/{criterion.points} |"
        for criterion, result in rows
    ]
    return _details(f"All {len(rows)} criteria", "\n".join(lines))


def _details(summary: str, body: str) -> str:
    """Return a part that is closed at first; the empty lines make Markdown of its body."""
    return f"<details><summary>{summary}</summary>\n\n{body}\n\n</details>"


def _origin(report: GradeReport) -> str:
    one = report.provenance
    exam = inline(f"{one.challenge} {one.challenge_version}", 120)
    tree = inline(one.tree_digest[:19], 40)
    lock = f"lock {inline(one.lock[:19], 40)}" if one.lock else "not from its lock"
    return (
        f"<sub>{exam}, seed {one.seed}, tree {tree}, grader {inline(one.grader, 40)} "
        f"({lock}), {seconds(report):.0f} s</sub>"
    )
