"""Proofs on disk: damaged, old, of another, written by many at once."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from grader.model import Outcome
from grader.verify import Trial, proof_store
from grader.verify.proof_store import ProofStore, StoredProof
from grader.verify.trials import Proof
from tests.unit.verify.proof_bench import (
    ALL,
    PYTHON,
    Bench,
)


def test_what_was_proven_before_an_interruption_is_kept(bench: Bench) -> None:
    """Nobody wants to begin a verification of two hours from the start."""

    def interrupt(trial: Trial) -> None:
        if trial.name == "echo":
            raise KeyboardInterrupt

    bench.meanwhile = interrupt
    with pytest.raises(KeyboardInterrupt):
        bench.verify(jobs=1)
    bench.meanwhile = lambda trial: None
    found = bench.verify()
    assert {one.name for one in found.remembered} >= {"plain", "fancy", "forgets"}
    assert "echo" in bench.names()
    assert "plain" not in bench.names()


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: b"",
        lambda text: text[:-20],
        lambda text: text.replace(b"passed", b"failed", 1),
        lambda text: text.replace(b'"seed": 1', b'"seed": 2'),
        lambda text: b"[" * 100_000,
        lambda text: b"\xff\x00" * 50,
    ],
)
def test_a_damaged_proof_is_none(bench: Bench, damage: Callable[[bytes], bytes]) -> None:
    """It is run again, and written again."""
    bench.verify(seeds=(1,))
    before = {path: path.read_bytes() for path in bench.files()}
    (path,) = [path for path, text in before.items() if b'"accepted", "name": "fancy"' in text]
    path.write_bytes(damage(before[path]))
    bench.verify(seeds=(1,))
    assert bench.names() == {"fancy"}
    bench.verify(seeds=(1,))
    assert bench.names() == set()


def test_a_proof_under_the_name_of_another_is_none(bench: Bench) -> None:
    """A copied file proves nothing of another solution."""
    bench.verify(seeds=(1,))
    fancy, plain = (
        next(one for one in bench.files() if f'"accepted", "name": "{name}"'.encode() in
             one.read_bytes())
        for name in ("fancy", "plain")
    )  # fmt: skip
    shutil.copy(plain, fancy)
    bench.verify(seeds=(1,))
    assert bench.names() == {"fancy"}


def test_an_old_proof_counts_no_longer(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is run again, and the old file is removed in the end."""
    bench.verify()
    later = time.time() + proof_store.SECONDS_KEPT + 60
    monkeypatch.setattr(time, "time", lambda: later)
    found = bench.verify()
    assert (bench.names(), found.remembered) == (ALL, ())


def _stored(when: str = "2026-11-29T12:00:00+00:00") -> StoredProof:
    proof = Proof(
        when=when, earned=1, outcomes={"a": Outcome.PASSED}, lost_parts=frozenset({("b", "c")}),
        seconds=(("build", 1.5),),
    )  # fmt: skip
    return StoredProof(proof=proof, bases={PYTHON: "sha256:1"})


def test_the_store_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest are kept; what a killed program left is removed after an hour."""
    store = ProofStore(tmp_path)
    monkeypatch.setattr(proof_store, "KEPT", 3)
    for number in range(5):
        store.write(f"{number}", _stored(), label={})
        os.utime(tmp_path / f"{number}.json", (time.time() - 100 + number,) * 2)
    for name, age in (("fresh", 60), ("left", 4000)):
        half = tmp_path / f".{name}.part"
        half.write_text("{")
        os.utime(half, (time.time() - age,) * 2)
    store.prune()
    assert {path.name for path in tmp_path.iterdir()} == {".fresh.part", "3.json", "4.json"}


@pytest.mark.slow
def test_many_writers_do_no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reads meanwhile has a whole proof."""
    monkeypatch.setattr(time, "time", lambda: 1_795_953_660.0)  # a minute after that of `_stored`
    store, found, stop = ProofStore(tmp_path), [], threading.Event()
    store.write("key", _stored("2026-11-29T12:00:00+00:00"), label={})

    def write(number: int) -> None:
        for _ in range(50):
            store.write("key", _stored("2026-11-29T12:00:00+00:00"), label={"by": number})

    def read() -> None:
        while not stop.is_set():
            found.append(store.read("key"))

    reader = threading.Thread(target=read)
    reader.start()
    with ThreadPoolExecutor(max_workers=4) as pool:
        list(pool.map(write, range(4)))
    stop.set()
    reader.join()
    assert set(map(type, found)) == {StoredProof}
    assert found[-1] == _stored("2026-11-29T12:00:00+00:00")
    assert [path.name for path in tmp_path.iterdir()] == ["key.json"]
