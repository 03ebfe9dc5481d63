"""The files of one scan, read in batches and given back in their order.

A second process reads every other batch once there are many; what is found does not depend on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from grader.inspect.secrets.allowance import Allowance
from grader.inspect.secrets.archives import is_archive
from grader.inspect.secrets.finding import Blob, Skipped
from grader.inspect.secrets.second_process import (
    ExaminedFile,
    Outcome,
    SecondProcess,
    examine_batch,
)

MANY = 150
"""Files from which on a second process is worth its start: an exam's answer has some thirty."""
BATCH_FILES = 16
BATCH_BYTES = 128 * 1024


def read_all(
    entries: Iterable[Blob | Skipped], allowance: Allowance
) -> Iterator[ExaminedFile | Skipped]:
    """Yield what each of `entries` came to, in their order.

    Archives share a budget and are read by this process, so that it does not matter who is faster.
    Raises `Cancelled` once the scan is.
    """
    waiting: dict[int, Outcome] = {}
    files = following = 0
    with SecondProcess(allowance) as second:
        for number, (batch, archive) in enumerate(_batches(entries)):
            files += len(batch)
            if archive or files <= MANY or not second.take(number, batch):
                waiting[number] = examine_batch(batch, allowance)
            waiting.update(second.finished())
            while following in waiting:
                yield from waiting.pop(following)
                following += 1
        waiting.update(second.finished(wait=True))
    for number in sorted(waiting):
        yield from waiting[number]


def _batches(entries: Iterable[Blob | Skipped]) -> Iterator[tuple[list[Blob | Skipped], bool]]:
    """Yield them in batches, each with whether it is one archive."""
    batch: list[Blob | Skipped] = []
    size = 0
    for entry in entries:
        apart = isinstance(entry, Blob) and is_archive(entry.content)
        if apart and batch:
            yield batch, False
            batch, size = [], 0
        batch.append(entry)
        size += len(entry.content) if isinstance(entry, Blob) else 0
        if apart or len(batch) >= BATCH_FILES or size >= BATCH_BYTES:
            yield batch, apart
            batch, size = [], 0
    if batch:
        yield batch, False
