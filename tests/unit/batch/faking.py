"""A stand-in for grading: the score is what the submission says, and every call is written down."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import cast

from grader.batch import BatchPlan, Entry, ReportStore, read_roster
from grader.errors import SubmissionRejected
from grader.model import (
    Challenge,
    Graded,
    GradeReport,
    Outcome,
    Provenance,
    Rejected,
    Timing,
    Ungradable,
)
from grader.pipeline import Options
from grader.run.environment.pool import EnvironmentPool
from grader.scoring import score
from grader.settings import Settings
from grader.submission import shown, take
from grader.testing import a_challenge, a_provenance, a_result

WORDS = {"p": Outcome.PASSED, "f": Outcome.FAILED, "n": Outcome.NOT_REACHED, "t": Outcome.TIMED_OUT}


@dataclass
class FakeGrade:
    """`grade()`, but for what it does: a file `score` says `ppf`, `reject`, or what to raise."""

    store: ReportStore
    seconds: float = 0.0
    faults: int = 0
    """How many calls fail before one does not, for submissions that say `fault`."""
    calls: list[str] = field(default_factory=list)
    seeds: list[int | None] = field(default_factory=list)
    shared: list[bool] = field(default_factory=list)
    """Whether it stood on what others had used."""
    log: Path | None = None
    """Where calls are written down, for processes that are killed."""

    def __call__(
        self,
        challenge: Challenge,
        source: str,
        settings: Settings,
        *,
        options: Options,
        cancel: threading.Event,
        environments: EnvironmentPool | None,
    ) -> GradeReport:
        """The report that the submission asks for."""
        name = Path(source).name.partition(".")[0]
        self._note(name)
        self.shared.append(environments is not None)
        self.seeds.append(options.seed)
        cancel.wait(self.seconds)
        with tempfile.TemporaryDirectory(dir=self.store.root.parent) as scratch:
            try:
                taken = take(source, Path(scratch), ref=options.ref, cancel=cancel)
            except SubmissionRejected as error:
                where = self._provenance(challenge, source, options)
                return Rejected(challenge=challenge, provenance=where, reason=str(error))
            where = self._provenance(challenge, source, options)
            where = replace(where, commit=taken.commit, tree_digest=taken.digest)
            text = (taken.root / "score").read_text().strip()
        return self._report(challenge, where, text, name)

    def _note(self, name: str) -> None:
        self.calls.append(name)
        if self.log is not None:
            with self.log.open("a") as file:
                again = self.store.path(Entry(student=name, source="")).exists()
                file.write(f"{name}{' again' if again else ''}\n")

    @staticmethod
    def _provenance(challenge: Challenge, source: str, options: Options) -> Provenance:
        return replace(
            a_provenance(),
            challenge_digest=challenge.digest,
            grader=version("practical-exam-grader"),
            origin=shown(source),
            seed=options.seed or 0,
            commit=None,
            tree_digest="",
            timings=(Timing(phase="build", start=0.1, end=2.1),
                     Timing(phase="examine", start=2.1, end=3.1)),
        )  # fmt: skip

    def _report(self, challenge: Challenge, where: Provenance, text: str, name: str) -> GradeReport:
        if text == "ungradable" or (text == "fault" and self.calls.count(name) <= self.faults):
            return Ungradable(challenge=challenge, provenance=where, reason="The engine is gone.")
        if text == "reject":
            return Rejected(challenge=challenge, provenance=where, reason="Line 3: privileged.")
        if text == "crash":
            msg = "nobody foresaw this"
            raise RuntimeError(msg)
        words = "ppp" if text == "fault" else text
        results = tuple(
            a_result(one.id, WORDS[word], rationale="" if word == "p" else f"It said {word}.")
            for one, word in zip(challenge.criteria, words, strict=True)
        )
        return Graded(challenge=challenge, provenance=where, results=results,
                      score=score(challenge, results))  # fmt: skip


def no_pool(settings: Settings) -> nullcontext[EnvironmentPool | None]:
    """In the place of a pool: something that is not None."""
    return nullcontext(cast("EnvironmentPool", settings))


@dataclass
class Class:
    """A class in a folder, and its results in another."""

    root: Path
    challenge: Challenge = field(default_factory=a_challenge)
    seconds: float = 0.0

    def __post_init__(self) -> None:
        self.answers = self.root / "answers"
        self.answers.mkdir(parents=True, exist_ok=True)
        self.store = ReportStore(root=self.root / "results")
        (self.store.root / "reports").mkdir(parents=True, exist_ok=True)
        self.fake = FakeGrade(store=self.store)

    def hand_in(self, **scores: str) -> None:
        """A submission for each student, with what it comes to."""
        for student, text in scores.items():
            (self.answers / student).mkdir(exist_ok=True)
            (self.answers / student / "score").write_text(text)

    def plan(self, seed: int | None = None, jobs: int = 2) -> BatchPlan:
        """What is to be done, without any pause."""
        env = {"GRADER_STATE": str(self.root / "state"), "GRADER_GIT_FILE": "1"}
        return BatchPlan(
            challenge=self.challenge, settings=Settings.from_env(env), store=self.store, jobs=jobs,
            seed=seed, pauses=(0.0, 0.0), grade=self.fake, shared=no_pool,
        )  # fmt: skip

    def entries(self) -> tuple[Entry, ...]:
        """The entries of the folder."""
        return read_roster(self.answers)


def wait_until(true: Sequence[object], seconds: float = 5.0) -> None:
    """Return once `true` holds something."""
    end = time.monotonic() + seconds
    while not true:
        assert time.monotonic() < end
        time.sleep(0.005)
