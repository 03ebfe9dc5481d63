"""Whether a container gets its processors: what it uses itself is never taken for others' use."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from grader.sandbox import cpu_share
from grader.sandbox.cpu_share import is_starved

PID = 4711
WORKER = 4712
VERSIONS = {
    1: ("5:cpuacct:/docker/abc\n2:memory:/docker/abc\n", "cpuacct/docker/abc/cpuacct.usage"),
    11: ("5:cpu,cpuacct:/docker/abc\n", "cpu,cpuacct/docker/abc/cpuacct.usage"),
    2: ("0::/system.slice/docker-abc.scope\n", "system.slice/docker-abc.scope/cpu.stat"),
}


class FakeMachine:
    """A machine of two processors, and a clock that goes on while somebody waits."""

    def __init__(
        self, folder: Path, version: int, own: float, others: float, worker: float = 0.0
    ) -> None:
        """`own`, `others` and `worker`: how many processors these use."""
        groups, file = VERSIONS[version]
        self.version, self.others, self.now = version, others, 1000.0
        self.stat = folder / "proc" / "stat"
        self.used: dict[Path, float] = {}
        for pid, name, processors in ((PID, "abc", own), (WORKER, "def", worker)):
            (folder / "proc" / str(pid)).mkdir(parents=True)
            (folder / "proc" / str(pid) / "cgroup").write_text(groups.replace("abc", name))
            usage = folder / "cgroup" / file.replace("abc", name)
            usage.parent.mkdir(parents=True)
            self.used[usage] = processors
        self.usage = folder / "cgroup" / file
        self.write()

    def write(self) -> None:
        ticks = round((sum(self.used.values()) + self.others) * self.now / cpu_share.TICK)
        self.stat.write_text(f"cpu  {ticks} 0 0 99999 99999 0 0 0 0 0\ncpu0 1 2 3\n")
        for usage, processors in self.used.items():
            used = processors * self.now
            if self.version == 2:
                usage.write_text(f"usage_usec {used * 1e6:.0f}\nuser_usec 1\n")
            else:
                usage.write_text(f"{used * 1e9:.0f}\n")

    def monotonic(self) -> float:
        return self.now

    def wait(self, seconds: float) -> bool:
        self.now += seconds
        self.write()
        return False

    def is_set(self) -> bool:
        return False


def machine(
    folder: Path, monkeypatch: pytest.MonkeyPatch, own: float, others: float, version: int = 1,
    worker: float = 0.0,
) -> FakeMachine:  # fmt: skip
    fake = FakeMachine(folder, version, own, others, worker)
    monkeypatch.setattr(cpu_share, "PROC", folder / "proc")
    monkeypatch.setattr(cpu_share, "CGROUPS", folder / "cgroup")
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    monkeypatch.setattr("time.monotonic", fake.monotonic)
    return fake


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("own", "others", "starved"),
    [
        (0.0, 0.0, False),
        (1.0, 1.0, False),  # a busy machine on which it has what it was promised
        (2.0, 0.0, False),  # it is the container itself that is busy
        (0.3, 1.7, True),
        (0.0, 2.0, True),
        (0.0, 1.3, False),  # 0.7 processors are left to it
        (0.9, 1.3, False),
    ],
)
def test_others_have_its_processors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: int, own: float, others: float,
    starved: bool,
) -> None:  # fmt: skip
    fake = machine(tmp_path, monkeypatch, own, others, version)
    assert is_starved(PID, 1.0, fake) is starved  # type: ignore[arg-type]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("others", "starved"), [(0.0, False), (1.7, True)])
def test_what_a_submission_uses_elsewhere_is_none_of_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: int, others: float, starved: bool
) -> None:
    """Another service of its own, or a server that it keeps busy."""
    worker = 2.0 - others
    fake = machine(tmp_path, monkeypatch, 0.0, others, version, worker)
    assert is_starved(PID, 1.0, fake, [WORKER, PID]) is starved  # type: ignore[arg-type]


def test_a_container_that_ends_meanwhile_is_nobody_elses_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it had used before must not count as the others'."""
    fake = machine(tmp_path, monkeypatch, 0.0, 0.0, worker=2.0)
    wait = fake.wait

    def ends(seconds: float) -> bool:
        wait(seconds)
        next(usage for usage in fake.used if "def" in str(usage)).unlink()
        return False

    fake.wait = ends  # type: ignore[method-assign]
    assert is_starved(PID, 1.0, fake, [WORKER]) is False  # type: ignore[arg-type]


@pytest.mark.parametrize("gone", ["stat", "cgroup", "usage"])
def test_nobody_can_tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gone: str) -> None:
    fake = machine(tmp_path, monkeypatch, 0.0, 2.0)
    path = {"stat": fake.stat, "cgroup": tmp_path / "proc" / str(PID) / "cgroup",
            "usage": fake.usage}[gone]  # fmt: skip
    path.unlink()
    assert is_starved(PID, 1.0, fake) is False  # type: ignore[arg-type]


def test_a_cancelled_run_is_not_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine(tmp_path, monkeypatch, 0.0, 2.0)
    cancel = threading.Event()
    cancel.set()
    assert is_starved(PID, 1.0, cancel) is False


def test_what_this_process_uses_is_measured() -> None:
    """By the kernel's own files: what a group uses is a part of what all use."""
    groups = [cpu_share._usage_of(os.getpid())]
    before = cpu_share._used(groups)
    until = time.process_time() + 0.2
    while time.process_time() < until:
        pass
    after = cpu_share._used(groups)
    assert after.by_own - before.by_own >= 0.15
    assert after.by_all - before.by_all >= 0.1
