"""Which files of an image's layers are somebody's own."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest

from grader.sandbox.layers import _of_folders, _of_layers

FILES = {
    "code/app.py": "SECRET = 1",
    "libs/pymysql/__init__.py": "x",
    "libs/pymysql/__pycache__/__init__.cpython-313.pyc": "x",
    "libs/pymysql/settings_of_mine.py": "SECRET = 2",
    "libs/six.py": "x",
    "libs/pymysql-1.2.dist-info/RECORD": (
        "pymysql/__init__.py,sha256=abc,1\npymysql/__pycache__/__init__.cpython-313.pyc,,\n"
        "../../code/app.py,,\npymysql-1.2.dist-info/RECORD,,\n"
    ),
    "libs/six-1.dist-info/kept.env": "SECRET = 3",
    "libs/six-1.dist-info/RECORD": "six.py,sha256=abc,1\nsix-1.dist-info/RECORD,,\n",
    "usr/lib/x.py": "x",
    "venv/lib/python3.13/site-packages/flask/app.py": "x",
}
OWN = {"code/app.py", "libs/pymysql/settings_of_mine.py", "libs/six-1.dist-info/kept.env"}


def tarred(files: dict[str, bytes]) -> io.BytesIO:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    raw.seek(0)
    return raw


def test_packages_of_any_folder_are_others_in_an_engines_folders(tmp_path: Path) -> None:
    """As after `pip install --target`: what a package lists is its own, what stands by is not."""
    for name, content in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    assert {one.path for one in _of_folders([tmp_path])} == OWN


@pytest.mark.parametrize("order", [1, -1])
def test_packages_of_any_folder_are_others_in_an_archive(order: int) -> None:
    """Wherever in the archive their lists stand."""
    layer = tarred({name: FILES[name].encode() for name in [*FILES][::order]}).getvalue()
    manifest = json.dumps([{"Layers": ["base", "own"]}]).encode()
    image = tarred({"manifest.json": manifest, "base": layer, "own": layer})
    assert {one.path for one in _of_layers(image, 1)} == OWN


def test_lists_beyond_the_bound_are_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What they name is looked at like anything else: nobody fills the memory with them."""
    monkeypatch.setattr("grader.sandbox.layers.MAX_RECORDS", 10)
    layer = {"six.py": b"x", "six-1.dist-info/RECORD": b"six.py,sha256=abc,1\n"}
    for name, content in layer.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    assert {one.path for one in _of_folders([tmp_path])} == {*layer}
    manifest = json.dumps([{"Layers": ["own"]}]).encode()
    image = tarred({"manifest.json": manifest, "own": tarred(layer).getvalue()})
    assert {one.path for one in _of_layers(image, 0)} == {*layer}
