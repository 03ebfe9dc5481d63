"""A challenge in a folder, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.errors import SpecError
from grader.spec.loader import load

GOOD = """schema: 1
slug: guestbook
title: Guestbook
version: 1.2.0
summary: Entries in MySQL.
submission: {mode: dockerfile, required_files: [Dockerfile]}
app:
  port: 5000
  ready: {path: /health}
  env: {DB_HOST: "${mysql.host}", KEY: "${secret.KEY}", LEVEL: 3}
services:
  mysql: {image: "mysql:8.4"}
contract: openapi.yml
criteria:
  - {id: repo.files, title: Files, points: 2}
  - {id: contract.routes, title: Routes, points: 3}
  - {id: entry.create, title: Create, points: 5, needs: [app.starts]}
"""

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes the good spec, each `old` text replaced by its `new` one, and gives its folder."""

    def make(*changes: tuple[str, str], text: str = GOOD) -> Path:
        folder = tmp_path / "guestbook"
        folder.mkdir(exist_ok=True)
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        (folder / "challenge.yml").write_text(text, "utf-8")
        (folder / "openapi.yml").write_text("openapi: 3.1.0\n", "utf-8")
        return folder

    return make


@pytest.fixture
def problems(write: Write) -> Callable[..., list[str]]:
    """Writes like `write` and gives what is found wrong with the spec."""

    def found(*changes: tuple[str, str], **more: str) -> list[str]:
        with pytest.raises(SpecError) as caught:
            load(write(*changes, **more))
        return caught.value.problems

    return found
