"""A second process reads a part of a large scan; what is found does not depend on it."""

from __future__ import annotations

import io
import sys
import tarfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.errors import Cancelled
from grader.inspect.secrets import allowance as allowances
from grader.inspect.secrets import reading, scan_blobs, scan_tree, second_process
from grader.inspect.secrets.finding import Blob, Scan

FILES = 400
pytestmark = pytest.mark.slow
NEVER_ANSWERS = (sys.executable, "-I", "-c", "import sys; sys.stdin.buffer.read()")
TAKES_LONG = (
    sys.executable, "-I", "-c",
    """
import pickle, sys
from grader.inspect.secrets.allowance import Allowance
from grader.inspect.secrets.second_process import examine_batch
while True:
    batch, seconds = pickle.load(sys.stdin.buffer)
    pickle.dump((examine_batch(batch, Allowance(seconds=seconds)), 99.0), sys.stdout.buffer)
    sys.stdout.flush()
""",
)  # fmt: skip
ANSWERS_NONSENSE = (sys.executable, "-I", "-c", "print('nonsense' * 100, flush=True); input()")


def _blobs() -> Iterator[Blob]:
    """Files with a secret in every seventh, an archive and one that is too large."""
    for number in range(FILES):
        value = f"Kx7{number:03d}vQ9zT2mW5" if number % 7 == 0 else ""
        text = f'app.secret_key = "{value}"\n' if value else f"number = {number}\n"
        yield Blob(path=f"src/app{number:03d}.py", content=text.encode(), commit=f"{number:040x}")
        if number == 200:
            yield Blob(path="old.tar", content=_archive(), commit="a" * 40)


def _archive() -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as archive:
        text = b"SECRET_KEY=Zq8packed4Lm1Rt6\n"
        info = tarfile.TarInfo(".env")
        info.size = len(text)
        archive.addfile(info, io.BytesIO(text))
    return raw.getvalue()


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> Scan:
    """What is found without a second process."""
    with monkeypatch.context() as patch:
        patch.setattr(reading, "MANY", FILES * 2)
        found = scan_blobs(_blobs())
    assert len(found.findings) == 59
    return found


def test_what_is_found_does_not_depend_on_it(alone: Scan, started: list[int]) -> None:
    found = scan_blobs(_blobs())
    assert started == [1]
    assert (found.findings, found.skipped, found.files) == (
        alone.findings, alone.skipped, alone.files
    )  # fmt: skip


def test_a_tree_is_read_the_same_way(tmp_path: Path, started: list[int]) -> None:
    for blob in _blobs():
        path = tmp_path / blob.path
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(blob.content)
    found = scan_tree(tmp_path)
    assert started == [1]
    assert found.files == FILES + 1
    assert len(found.findings) == 59
    assert [one.path for one in found.findings] == sorted(one.path for one in found.findings)
    assert scan_blobs(_blobs(), known=found).findings == ()


@pytest.mark.parametrize(
    "command", [(sys.executable, "-c", "raise SystemExit(3)"), ANSWERS_NONSENSE, ("/no/such",)]
)
def test_one_that_fails_costs_nothing(
    alone: Scan, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(second_process, "COMMAND", command)
    found = scan_blobs(_blobs())
    assert (found.findings, found.skipped) == (alone.findings, alone.skipped)


def test_few_files_start_none(started: list[int]) -> None:
    scan_blobs(list(_blobs())[: reading.MANY])
    assert started == []


def test_one_processor_has_no_use_for_it(
    alone: Scan, started: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda pid: {0})
    assert scan_blobs(_blobs()).findings == alone.findings
    assert started == []


def test_a_cancelled_scan_does_not_wait_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_process, "COMMAND", NEVER_ANSWERS)
    cancel = threading.Event()
    timer = threading.Timer(0.3, cancel.set)
    timer.start()
    begun = time.monotonic()
    with pytest.raises(Cancelled):
        scan_blobs(_blobs(), cancel=cancel)
    assert time.monotonic() - begun < 5
    timer.join()


def test_its_time_counts_as_the_scan_s(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that says that it took 99 s leaves nothing for what follows."""
    monkeypatch.setattr(second_process, "COMMAND", TAKES_LONG)
    allowance = allowances.Allowance()
    with second_process.SecondProcess(allowance) as second:
        assert second.take(7, list(_blobs())[:3])
        ((number, outcome),) = second.finished(wait=True)
    assert (number, len(outcome)) == (7, 3)
    assert allowance.left < allowances.SECONDS - 98


def test_a_scan_without_time_reads_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allowances, "SECONDS", -1.0)
    monkeypatch.setattr(reading, "MANY", 0)
    found = scan_blobs(_blobs())
    assert found.findings == ()
    assert [one.path for one in found.unread] == ["src/app000.py"]
    assert found.unread[0].ends


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Gets an entry for each process that is started."""
    starts: list[int] = []
    start = second_process.SecondProcess._start

    def counted(self: second_process.SecondProcess) -> bool:
        starts.append(1)
        return start(self)

    monkeypatch.setattr(second_process.SecondProcess, "_start", counted)
    return starts
