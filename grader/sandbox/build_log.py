"""What the builder prints, and what it says of a build that fails."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from grader import process
from grader.sandbox.build_causes import build_cause
from grader.sandbox.build_elsewhere import elsewhere
from grader.text import clean, clip, last_lines

OUTPUT_CAP = 8 * 1024 * 1024
STEP_LINES = 200
"""Lines of each step's output that are kept: its end, where the error is."""
STEP = re.compile(r"#(\d+) (.*)")
STEP_NAME = re.compile(r"\[(?:[\w.-]+ )?(?:stage-\d+ )?\s*\d+/\d+\] (.*)")
STEP_OUTPUT = re.compile(r"[0-9]+\.[0-9]+ (.*)")
WHERE = re.compile(r"(?=[^\s:]*[Dd]ockerfile)[^\s:]+:(\d+)$")
UNREADABLE = re.compile(
    r"dockerfile parse error|file with no instructions|no build stage|cannot be empty"
)
NO_SPACE = re.compile("no space left on device|disk is full|disk quota exceeded", re.IGNORECASE)
"""Words that have the disk looked at; nothing is believed for them."""
DENIED = re.compile(r'[^"]*source "([^"]*)" (?:is )?(?:denied|not allowed) by policy')
"""What BuildKit says of a source that its policy forbids; it quotes a step's text before that."""
ASTRAY = re.compile(r"^(?:pip|uv|Poetry|Pipenv) says: |finds no program ")
"""What a tool says that has reached no other place, or a shell that lacks what would look there."""
EXIT_CODE = re.compile(r"did not complete successfully: (exit code: \d+)")
"""What the builder says of a program that has run, and failed."""
OWN_WORD = re.compile(r"(?m)^[ \t]{0,20}(?:(?:ERROR|error|E|fatal): |\u00d7 ).*")
"""How tools begin the line that says what is wrong."""


@dataclass(frozen=True, kw_only=True)
class BuildFailed:
    """The Dockerfile does not build: the student's fault."""

    rationale: str
    evidence: str
    timed_out: bool = False
    log: str = ""
    denied: str = ""
    """The source that BuildKit was told not to load; empty: none."""
    line: int = 0
    """The line of the Dockerfile that it fails at; 0 where none is known."""
    absent: str = ""
    """The path, from the build's context, that the step copies and does not find there."""


@dataclass
class ReportedError:
    """What the builder says of the error that ended a build."""

    step: str = ""
    """The number of the step that failed; empty: none has."""
    line: int = 0
    """The line of the Dockerfile; 0 where none is named."""
    message: str = ""
    source: str = ""
    """The instruction that it shows."""


@dataclass
class BuildLog:
    """What the builder prints (`--progress=plain`), kept by step."""

    on_step: Callable[[str], None]
    disk_is_full: Callable[[], bool] = lambda: False
    names: dict[str, str] = field(default_factory=dict)
    output: dict[str, deque[str]] = field(
        default_factory=lambda: defaultdict(lambda: deque(maxlen=STEP_LINES))
    )
    error: ReportedError = field(default_factory=ReportedError)
    cached: bool = True
    began: bool = False
    """Whether the builder has begun at all: before that, no word of a student's is printed."""
    found_no_space: bool = False
    """Whether the disk was full at a moment when something complained of it."""

    @property
    def without_step(self) -> bool:
        """Whether it ended with no step failing, and the Dockerfile can be read."""
        return (
            not self.error.step
            and bool(self.error.message)
            and not UNREADABLE.search(self.error.message)
        )

    @property
    def without_exit_code(self) -> bool:
        """Whether a step failed that no program of its own has ended."""
        return bool(self.error.step) and not EXIT_CODE.search(self.error.message)

    def line(self, raw: str) -> None:
        """Take in one line."""
        line = clean(raw)
        if not self.found_no_space and NO_SPACE.search(line):
            self.found_no_space = self.disk_is_full()
        found = STEP.fullmatch(line)
        if found:
            self.began = True
            self._step(*found.groups())
        elif place := WHERE.match(line.strip()):
            self.error.line = int(place[1])
        elif line.lstrip()[:12].split("|")[-1].strip().startswith(">>>"):
            self.error.source = line.partition(">>>")[2].strip()
        elif line.startswith("ERROR: "):
            self.error.message = line.removeprefix("ERROR: ").removeprefix("failed to solve: ")

    def _step(self, number: str, text: str) -> None:
        if name := STEP_NAME.fullmatch(text):
            if number not in self.names:
                self.on_step(clip(name[1], 100))
            self.names[number] = name[1]
        elif text.startswith("ERROR"):
            self.error.step = number
        elif text.startswith("DONE") and number in self.names:
            self.cached = self.cached and self.names[number].startswith("FROM")
        elif printed := STEP_OUTPUT.fullmatch(text):
            self.output[number].append(printed[1])

    def running(self) -> str:
        """Return the last step that began."""
        return list(self.names)[-1] if self.names else ""


def explain_log(text: str) -> BuildFailed:
    """Return what is said of a build that printed `text` and failed."""
    log = BuildLog(lambda step: None)
    for line in text.splitlines():
        log.line(line)
    completed = process.Completed(
        returncode=1, tail=text, timed_out=False, flooded=False, duration=0.0
    )
    return failure_of(completed, log, 300)


def failure_of(completed: process.Completed, log: BuildLog, deadline: float) -> BuildFailed:
    """Return what is said of a build that failed, and that had `deadline` seconds."""
    step = log.error.step or log.running()
    name = clip(log.names.get(step, log.error.source), 160)
    output = "\n".join(log.output.get(step, ()))
    if completed.timed_out:
        return BuildFailed(
            rationale=f"The build was stopped after {deadline:.0f} s, in the step: {name}"
            f"{_fetching(output, log.names.get(step, ''))}",
            evidence=last_lines(output),
            timed_out=True,
        )
    if completed.flooded:
        return BuildFailed(
            rationale=f"The build printed more than {OUTPUT_CAP >> 20} MiB, in the step: {name}",
            evidence=last_lines(output),
        )
    if denied := DENIED.match(log.error.message):
        return BuildFailed(
            rationale=f"Your Dockerfile loads {clip(denied[1], 200)}, which is not allowed.",
            evidence=log.error.source,
            denied=denied[1],
            line=log.error.line,
        )
    line = f" (line {log.error.line})" if log.error.line else ""
    if not log.error.message or (not log.error.step and UNREADABLE.search(log.error.message)):
        why = log.error.message or last_lines(completed.tail, 1)
        return BuildFailed(
            rationale=f"Your Dockerfile cannot be read{line}: {clip(why, 300)}.",
            evidence=log.error.source,
            line=log.error.line,
        )
    return BuildFailed(
        rationale=f"This step of your Dockerfile fails{line}: {name}. "
        f"{_reason(log.error.message)}"
        f"{_cause(output, log.names.get(step, log.error.source), log.error.message)}",
        evidence=_tail(output) or clip(log.error.message, 600),
        log=output,
        line=log.error.line,
        absent=_absent(log.error.message),
    )


def _cause(output: str, step: str, error: str) -> str:
    """Return what the step's own words mean, as a sentence, and what it looks for in vain.

    What is said of packages and programs would lead astray where nothing could be reached.
    """
    cause = build_cause(output, step)
    out = elsewhere(output, step, error, known=cause)
    if out and ASTRAY.search(cause):
        cause = ""
    return "".join(f" {one}" for one in (cause, out) if one)


def _fetching(output: str, step: str) -> str:
    """Return a sentence on what a step was stopped at that fetches something; or nothing."""
    said = elsewhere(output, step)
    return f". {said}" if said else ""


def _tail(output: str) -> str:
    """Return the last lines, after the tool's own word on what is wrong where they lack it."""
    tail = last_lines(output)
    own = OWN_WORD.findall(clean(output))
    last = clip(own[-1].strip(), 400) if own else ""
    return tail if not last or last in tail else f"{last}\n[\u2026]\n{tail}"


def _reason(error: str) -> str:
    """Return the builder's message, without what only its makers understand."""
    if found := EXIT_CODE.search(error):
        killed = " It was killed: it took more memory than a build has." * found[1].endswith(" 137")
        return f"It ended with {found[1]}; its last lines are below.{killed}"
    if absent := _absent(error):
        return f"There is no {absent!r} in your repository (or .dockerignore hides it)."
    return clip(error, 300)


def _absent(error: str) -> str:
    """Return the path that the builder says it does not find; empty where that is not it."""
    found = re.search(r'"([^"]+)": not found', error)
    return found[1].lstrip("/") if found else ""
