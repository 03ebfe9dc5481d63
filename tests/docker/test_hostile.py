"""What attacks the grader gets its verdict, touches nothing, and leaves the next run alone.

For each directory of tests/hostile: the verdict and the sentence that it says; a canary on the host
is untouched; time, memory and disk are bounded; nothing is left behind; and a healthy submission
that is graded after it gets its full score. One follows each that looks into a database, on the
same server where it may be kept; the others are followed by one for several.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from itertools import cycle
from pathlib import Path

import pytest

from grader.model import Graded, GradeReport
from grader.run.environment.layout import Environment, EnvironmentSpec
from grader.run.environment.pool import EnvironmentPool
from grader.sandbox.engine import Engine
from grader.sandbox.labels import RUN
from grader.settings import Settings
from tests.docker.expectations import check, expected, names, run
from tests.docker.metering import SECONDS, Meter, Spent
from tests.docker.sampling import sample

pytestmark = pytest.mark.alone

TESTS = Path(__file__).parent.parent
HOSTILE = TESTS / "hostile"
HEALTHY = TESTS / "submissions" / "healthy"
HEALTHY_DATABASES = {
    "probe-database": TESTS / "submissions" / "database-healthy",
    "probe-identity": TESTS / "submissions" / "identity-healthy",
    "probe-mail": TESTS / "submissions" / "mail-healthy",
    "probe-mariadb": TESTS / "submissions" / "mariadb-healthy",
    "probe-objects": TESTS / "submissions" / "objects-healthy",
    "probe-payments": TESTS / "submissions" / "payments-healthy",
    "probe-postgres": TESTS / "submissions" / "postgres-healthy",
    "probe-rabbitmq": TESTS / "submissions" / "rabbitmq-healthy",
    "probe-redis": TESTS / "submissions" / "redis-healthy",
}
"""What follows an attack of each exam on the same server."""
CANARY = Path("/tmp/practical-exam-canary")
PORT = 47391
"""Where on loopback the host listens, as hostile submissions know."""
WORKERS = 3
DATABASE_LANES = 2
"""Rows of submissions that look into databases; each row has a server of its own."""
REJECTED_TOGETHER = 8
GRADED_TOGETHER = 4
"""How many that look into no database one healthy submission follows. In
`benchmarks.batch.hostile` one follows each."""


@dataclass
class Canary:
    """A file and a listener on the host that nothing may touch."""

    content: str = "nobody was here\n"
    visitors: list[str] = field(default_factory=list)

    def intact(self) -> bool:
        """Whether the file is as it was, alone in its folder, and nobody has called."""
        path = CANARY / "canary"
        return (
            path.read_text("utf-8") == self.content
            and [one.name for one in CANARY.iterdir()] == ["canary"]
            and not self.visitors
        )


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One hostile submission and what came after it."""

    report: GradeReport
    spent: Spent
    left: tuple[str, ...]
    after: GradeReport | None = None
    """What the healthy submission came to."""
    kept: bool | None = None
    """Whether it ran on the same MySQL server; None where that is left to chance."""


class OneServer(EnvironmentPool):
    """Notes whose MySQL servers were taken, one run after the other."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.taken: list[str] = []

    def take(self, plan: EnvironmentSpec) -> Environment:
        place = super().take(plan)
        self.taken.append("".join(one.server.id for one in place.services))
        return place


@pytest.fixture(scope="module")
def canary() -> Iterator[Canary]:
    CANARY.mkdir(exist_ok=True)
    bird = Canary()
    (CANARY / "canary").write_text(bird.content, "utf-8")
    (CANARY / "canary").chmod(0o666)
    with socket.create_server(("0.0.0.0", PORT)) as listener:
        listener.settimeout(0.2)
        over = threading.Event()

        def watch() -> None:
            while not over.is_set():
                try:
                    connection, address = listener.accept()
                except TimeoutError:
                    continue
                bird.visitors.append(address[0])
                connection.close()

        watcher = threading.Thread(target=watch)
        watcher.start()
        yield bird
        over.set()
        watcher.join()
    (CANARY / "canary").unlink()
    CANARY.rmdir()


@pytest.fixture(scope="module")
def trials(
    request: pytest.FixtureRequest,
    engine: Engine,
    settings: Settings,
    canary: Canary,
    environments: EnvironmentPool,
) -> Iterator[dict[str, Future[dict[str, Trial]]]]:
    """Those asked for, three at a time, followed by healthy submissions."""
    wanted = {
        item.callspec.params["name"]
        for item in request.session.items
        if item.path == Path(__file__) and hasattr(item, "callspec")
    }
    chosen = [name for name in names(HOSTILE) if name in wanted]
    databases = [name for name in chosen if looks_into_databases(name)]
    with ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(max_workers=WORKERS))
        lanes = [
            (
                stack.enter_context(OneServer(settings)),
                stack.enter_context(ThreadPoolExecutor(max_workers=1)),
            )
            for _ in range(DATABASE_LANES)
        ]
        yield {
            name: future
            for group in groups([name for name in chosen if name not in databases])
            for future in [pool.submit(attempts, group, engine, settings, environments)]
            for name in group
        } | {
            name: one_by_one.submit(attempt_on_one_server, name, engine, settings, one_server)
            for name, (one_server, one_by_one) in zip(databases, cycle(lanes), strict=False)
        }


def looks_into_databases(name: str) -> bool:
    """Whether the exam of `name` reads and changes what its database holds."""
    return expected(HOSTILE / name).get("challenge") in HEALTHY_DATABASES


def attempt_on_one_server(
    name: str, engine: Engine, settings: Settings, environments: OneServer
) -> dict[str, Trial]:
    """The trial of one, and of a healthy submission that nothing but the same server is there for.

    It looks into its database, too. `environments` is nobody else's.
    """
    trial = attempt(HOSTILE / name, engine, settings, environments)
    after = run(HEALTHY_DATABASES[expected(HOSTILE / name)["challenge"]], settings, environments)
    first, second = environments.taken[-2:]
    return {name: replace(trial, after=after, kept=first == second)}


def groups(chosen: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Those that are followed by one healthy submission."""
    rejected = [name for name in chosen if expected(HOSTILE / name)["verdict"] == "rejected"]
    graded = [name for name in chosen if name not in rejected]
    for names_, size in ((rejected, REJECTED_TOGETHER), (graded, GRADED_TOGETHER)):
        for start in range(0, len(names_), size):
            yield tuple(names_[start : start + size])


def attempts(
    group: Sequence[str], engine: Engine, settings: Settings, environments: EnvironmentPool
) -> dict[str, Trial]:
    """The trial of each, one after the other, and of a healthy submission after the last."""
    trials = {name: attempt(HOSTILE / name, engine, settings, environments) for name in group}
    after = run(HEALTHY, settings, environments)
    return {name: replace(trial, after=after) for name, trial in trials.items()}


def attempt(
    folder: Path, engine: Engine, settings: Settings, environments: EnvironmentPool
) -> Trial:
    meter = Meter(settings.state.parent)
    meter.start()
    report = run(folder, settings, environments)
    spent = meter.end()
    left = left_behind(engine, report.provenance.run, settings)
    return Trial(report=report, spent=spent, left=left)


def left_behind(engine: Engine, run_id: str, settings: Settings) -> tuple[str, ...]:
    """Everything that still carries the run's label, and its working folder."""
    api, only = engine.client.api, {"label": f"{RUN}={run_id}"}
    found = [row["Id"] for row in api.containers(all=True, filters=only)]
    found += [row["Name"] for row in api.networks(filters=only)]
    found += [row["Id"] for row in api.images(filters=only)]
    found += [row["Name"] for row in api.volumes(filters=only)["Volumes"] or []]
    found += [row["Names"][0] for row in api.containers(all=True) if run_id in row["Names"][0]]
    found += [row["Name"] for row in api.volumes()["Volumes"] or [] if run_id in row["Name"]]
    folder = settings.state / "runs" / run_id
    return tuple(map(str, found + [folder] * folder.exists()))


@pytest.mark.parametrize("name", sample(names(HOSTILE)))
def test_it_is_contained(
    name: str, trials: dict[str, Future[dict[str, Trial]]], canary: Canary
) -> None:
    """Its verdict, and the four invariants."""
    trial = trials[name].result()[name]
    check(trial.report, expected(HOSTILE / name))
    assert canary.intact(), canary
    seconds = expected(HOSTILE / name).get("seconds", SECONDS)
    assert trial.spent.above(together=WORKERS, seconds=seconds) == []
    assert trial.left == ()
    assert isinstance(trial.after, Graded), trial.after
    assert trial.after.score.percent == 100, trial.after.results
    discarded = expected(HOSTILE / name).get("discarded", False)
    if trial.kept is not None and discarded != "either":
        assert trial.kept != discarded
