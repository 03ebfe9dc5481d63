"""Compose files in a folder of their own, read with values that can be foretold."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.errors import SubmissionRejected
from grader.inspect.compose.project import Reading
from grader.inspect.compose.read import read_compose

FILE = "compose.yml"


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str | bytes], None]:
    """Writes a file of the submission."""

    def writer(path: str, content: str | bytes) -> None:
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())

    return writer


@pytest.fixture
def read(tmp_path: Path, write: Callable[[str, str | bytes], None]) -> Callable[..., Reading]:
    """Reads a Compose file of that text; secrets are drawn as `new1`, `new2` and so on."""

    def reader(text: str | bytes, path: str = FILE, **options: Any) -> Reading:
        write(path, text)
        count = itertools.count(1)
        return read_compose(tmp_path, path, random=lambda: f"new{next(count)}", **options)

    return reader


@pytest.fixture
def faults(read: Callable[..., Reading]) -> Callable[..., tuple[str, ...]]:
    """The faults of a Compose file of that text; there is no project where there is one."""

    def reader(text: str | bytes, **options: Any) -> tuple[str, ...]:
        reading = read(text, **options)
        assert (reading.project is None) == bool(reading.faults)
        return reading.faults

    return reader


@pytest.fixture
def rejected(read: Callable[..., Reading]) -> Callable[..., str]:
    """Why a Compose file of that text is rejected; empty where it is not."""

    def reader(text: str | bytes, **options: Any) -> str:
        try:
            read(text, **options)
        except SubmissionRejected as error:
            return str(error)
        return ""

    return reader
