"""The digest of a folder: what changes it, and what does not."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.verify.keys import BYTECODE, tree_digest


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder with files, links, and a file elsewhere that one of them leads to."""
    root, elsewhere = tmp_path / "tree", tmp_path / "elsewhere"
    for folder in (root / "deep/er", root / "__pycache__", elsewhere):
        folder.mkdir(parents=True)
    (root / "a.py").write_text("1")
    (root / "deep/er/b.py").write_text("2")
    (elsewhere / "shared.py").write_text("3")
    (root / "shared.py").symlink_to("../elsewhere/shared.py")
    (root / "helpers").symlink_to("../elsewhere")
    (root / "loop").symlink_to(".")
    (root / "deep/up").symlink_to("..")
    (root / "dangling").symlink_to("nowhere")
    return root


def _turn(root: Path) -> None:
    (root / "dangling").unlink()
    (root / "dangling").symlink_to("elsewhere")


CHANGES: list[tuple[str, Callable[[Path], object]]] = [
    ("content", lambda root: (root / "deep/er/b.py").write_text("x")),
    ("name", lambda root: (root / "a.py").rename(root / "c.py")),
    ("place", lambda root: (root / "a.py").rename(root / "deep/a.py")),
    ("executable", lambda root: (root / "a.py").chmod(0o755)),
    ("empty folder", lambda root: (root / "empty").mkdir()),
    ("hidden file", lambda root: (root / ".env").write_text("")),
    ("what a link leads to", lambda root: (root.parent / "elsewhere/shared.py").write_text("x")),
    ("a new file behind a link", lambda root: (root.parent / "elsewhere/new").write_text("")),
    ("target", _turn),
    ("a pipe", lambda root: os.mkfifo(root / "pipe")),
]


@pytest.mark.parametrize("change", [one[1] for one in CHANGES], ids=[one[0] for one in CHANGES])
def test_what_changes_it(tree: Path, change: Callable[[Path], object]) -> None:
    """Each of these, and it comes to an end where links lead round."""
    before = tree_digest(tree)
    assert tree_digest(tree) == before
    change(tree)
    assert tree_digest(tree) != before


def test_what_does_not_change_it(tree: Path, tmp_path: Path) -> None:
    """Where it is, when it was written, and what is left out."""
    before = tree_digest(tree, without=BYTECODE)
    (tree / "__pycache__/a.pyc").write_text("x")
    os.utime(tree / "a.py", (1, 1))
    assert tree_digest(tree, without=BYTECODE) == before
    assert tree_digest(tree) != before
    copy = tmp_path / "copy"
    shutil.copytree(tree, copy, symlinks=True)
    assert tree_digest(copy, without=BYTECODE) == before


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """It has no digest, rather than that of nothing."""
    with pytest.raises(FileNotFoundError):
        tree_digest(tmp_path / "none")
