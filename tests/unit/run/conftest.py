"""A run whose engine is a stand-in, and a submission of a few files."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.model import Submission
from grader.run.context import RunContext
from grader.settings import Settings
from grader.testing import FakeApi, a_challenge, fake_engine

Begin = Callable[..., RunContext]
HandIn = Callable[..., Submission]


@pytest.fixture
def begin(tmp_path: Path) -> Begin:
    """Begins a run with an engine that asks `api`, of a challenge with those changes."""

    def run(api: FakeApi | None = None, **changes: Any) -> RunContext:
        folder = tmp_path / "run"
        folder.mkdir()
        context = RunContext.begin(
            run="r1", challenge=a_challenge(**changes), folder=folder, seed=1,
            settings=Settings.from_env({"GRADER_STATE": str(tmp_path / "state")}),
            listener=lambda event: None, cancel=threading.Event(),
        )  # fmt: skip
        context.resources._engine = fake_engine(api)
        return context

    return run


@pytest.fixture
def hand_in(tmp_path: Path) -> HandIn:
    """A submission of files with these contents, by their paths."""

    def submission(files: dict[str, str]) -> Submission:
        root = tmp_path / "submission"
        root.mkdir()
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        return Submission(root=root, repository=root, origin="here", commit=None, digest="sha256:1")

    return submission
