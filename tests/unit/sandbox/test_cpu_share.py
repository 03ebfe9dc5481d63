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
VERSIONS = {
    1: ("5:cpuacct:/docker/abc\n2:memory:/docker/abc\n", "cpuacct/docker/abc/cpuacct.usage"),
    11: ("5:cpu,cpuacct:/docker/abc\n", "cpu,cpuacct/docker/abc/cpuacct.usage"),
    2: ("0::/system.slice/docker-abc.scope\n", "system.slice/docker-abc.scope/cpu.stat"),
}


class FakeMachine:
    """A machine of two processors, and a clock that goes on while somebody waits."""

    def __init__(self, folder: Path, version: int, own: float, others: float) -> None:
        """`own` and `others`: how many processors the container and the others use."""
        groups, file = VERSIONS[version]
        self.version, self.own, self.others, self.now = version, own, others, 1000.0
        self.stat = folder / "proc" / "stat"
        (folder / "proc" / str(PID)).mkdir(parents=True)
        (folder / "proc" / str(PID) / "cgroup").write_text(groups)
        self.usage = folder / "cgroup" / file
        self.usage.parent.mkdir(parents=True)
        self.write()

    def write(self) -> None:
        ticks = round((self.own + self.others) * self.now / cpu_share.TICK)
        self.stat.write_text(f"cpu  {ticks} 0 0 99999 99999 0 0 0 0 0\ncpu0 1 2 3\n")
        used = self.own * self.now
        if self.version == 2:
            self.usage.write_text(f"usage_usec {used * 1e6:.0f}\nuser_usec 1\n")
        else:
            self.usage.write_text(f"{used * 1e9:.0f}\n")

    def monotonic(self) -> float:
        return self.now

    def wait(self, seconds: float) -> bool:
        self.now += seconds
        self.write()
        return False

    def is_set(self) -> bool:
        return False


def machine(
    folder: Path, monkeypatch: pytest.MonkeyPatch, own: float, others: float, version: int = 1
) -> FakeMachine:
    fake = FakeMachine(folder, version, own, others)
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
    before = cpu_share._used(os.getpid())
    until = time.process_time() + 0.2
    while time.process_time() < until:
        pass
    after = cpu_share._used(os.getpid())
    assert before is not None
    assert after is not None
    assert after.by_it - before.by_it >= 0.15
    assert after.by_all - before.by_all >= 0.1
