"""The files of an image's own layers, read from the engine's folders or from its archive."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.sandbox.build import BuildRequest, Built, build
from grader.sandbox.engine import Engine
from grader.sandbox.layers import MAX_FILE, OwnFiles

DOCKERFILE = b"""FROM base
COPY . /srv/
RUN rm /srv/.env && ln -s /srv/app.py /srv/link.py
"""
BASE = "grader/tools:latest"
FILES = {"app.py": b"print('hello')\n", ".env": b"SECRET_KEY=deleted-later\n", "none": b""}


@pytest.fixture
def image(engine: Engine, tmp_path: Path) -> Iterator[str]:
    """An image with two layers of its own, the second without a file of the first."""
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "big").write_bytes(b"x" * (MAX_FILE + 10))
    request = BuildRequest(
        context=tmp_path, dockerfile=DOCKERFILE, contexts={"base": BASE}, labels={},
        deadline=100,
    )  # fmt: skip
    built = build(request, cancel=threading.Event())
    assert isinstance(built, Built), built
    yield built.image
    engine.client.api.remove_image(built.image, force=True)


@pytest.mark.parametrize("way", ["folders", "archive"])
def test_every_file_of_its_own_is_read(
    engine: Engine, image: str, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that a later layer deletes too, none of the base's; of a large one its beginning."""
    other = "_of_archive" if way == "folders" else "_of_folders"
    monkeypatch.delattr(f"grader.sandbox.layers.{other}")
    if way == "archive":
        monkeypatch.setattr("os.access", lambda *_: False)
    own = OwnFiles(engine, image, [BASE])
    found = {one.path: one.content for one in own if one.path.startswith("srv/")}
    assert found.pop("srv/big") == b"x" * MAX_FILE
    assert {path: content for path, content in found.items() if ".wh." not in path} == {
        f"srv/{name}": content for name, content in FILES.items()
    }
    assert own.cut == ""
