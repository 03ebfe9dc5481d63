"""Who writes too much is stopped, whatever else happens on the disk."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, cast

import pytest

from grader.app_spec import Limits
from grader.sandbox import disk_guard
from grader.sandbox.disk_guard import DiskGuard
from grader.sandbox.engine import Engine

pytestmark = pytest.mark.slow

LIMITS = Limits(disk=1 << 20, files=100)
CONTAINER = "c0ffee"


class FakeApi:
    """An engine with one container, whose files lie in a folder."""

    def __init__(self, root: Path) -> None:
        self.client = self
        self.api = self
        self.root = self.data_root = root
        self.killed: list[str] = []
        self.looks = 0
        self.mounts: list[dict[str, str]] = []
        (root / "overlay2" / "upper").mkdir(parents=True)

    def containers(self, **_: Any) -> list[dict[str, Any]]:
        return [{"Id": CONTAINER, "Labels": {}}]

    def inspect_container(self, name: str) -> dict[str, Any]:
        assert name == CONTAINER
        self.looks += 1
        upper = {"UpperDir": str(self.root / "overlay2" / "upper")}
        return {"GraphDriver": {"Data": upper}, "Mounts": self.mounts}

    def kill(self, name: str) -> None:
        self.killed.append(name)


@pytest.fixture
def api(tmp_path: Path) -> FakeApi:
    return FakeApi(tmp_path)


def watch(api: FakeApi, seconds: float) -> DiskGuard:
    """A guard that has ended: once it has killed, or after some seconds."""
    watching = DiskGuard(cast("Engine", api), "run", LIMITS)
    watching.start()
    end = time.monotonic() + seconds
    while not api.killed and time.monotonic() < end:
        time.sleep(0.01)
    watching.end()
    return watching


@pytest.mark.parametrize(
    ("content", "count", "said"), [(2 << 20, 1, "more than 1 MiB"), (1, 150, "more than 100 files")]
)
def test_a_flood_that_the_free_space_does_not_show_is_found(
    api: FakeApi, monkeypatch: pytest.MonkeyPatch, content: int, count: int, said: str
) -> None:
    """What another run removes meanwhile makes up for it."""
    monkeypatch.setattr(DiskGuard, "_free", lambda self: (1 << 40, 1 << 20))
    monkeypatch.setattr(disk_guard, "SURE_PERIOD", 0.3)
    for number in range(count):
        (api.root / "overlay2" / "upper" / str(number)).write_bytes(b"x" * content)
    assert said in watch(api, 10).stopped[CONTAINER]
    assert set(api.killed) == {CONTAINER}


def test_who_stays_below_is_left_alone(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even where the disk fills for another reason."""
    free = iter([1 << 40, *[1 << 30] * 1000])
    monkeypatch.setattr(DiskGuard, "_free", lambda self: (next(free), 1 << 20))
    (api.root / "overlay2" / "upper" / "file").write_bytes(b"x" * (1 << 19))
    assert watch(api, 0.7).stopped == {}
    assert api.looks  # it was counted, and found to be little


def test_what_is_started_again_is_stopped_again(
    api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A suite revives an app that has ended; it still holds what it wrote, and may write on."""
    monkeypatch.setattr(disk_guard, "SURE_PERIOD", 0.05)
    monkeypatch.setattr(disk_guard, "PERIOD", 0.02)
    (api.root / "overlay2" / "upper" / "file").write_bytes(b"x" * (2 << 20))
    watching = DiskGuard(cast("Engine", api), "run", LIMITS)
    watching.start()
    end = time.monotonic() + 10
    while len(api.killed) < 2 and time.monotonic() < end:
        time.sleep(0.01)
    watching.end()
    assert len(api.killed) >= 2


def test_all_that_a_container_holds_is_counted_together(
    api: FakeApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many volumes are no way to more space."""
    monkeypatch.setattr(disk_guard, "SURE_PERIOD", 0.05)
    for number in range(3):
        volume = tmp_path / f"volume{number}"
        volume.mkdir()
        (volume / "file").write_bytes(b"x" * (400 << 10))
        api.mounts.append({"Type": "volume", "Source": str(volume)})
    assert "more than 1 MiB" in watch(api, 10).stopped[CONTAINER]
