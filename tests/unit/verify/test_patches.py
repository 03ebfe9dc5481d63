"""Patches: made of two folders, kept short, applied, and every misfit named."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.errors import SpecError
from grader.verify.patches import apply, make


def tree(root: Path) -> dict[str, tuple[int, bytes]]:
    """Each file and link below `root`, with its mode and what it holds."""
    return {
        path.relative_to(root).as_posix(): (
            path.lstat().st_mode,
            bytes(path.readlink()) if path.is_symlink() else path.read_bytes(),
        )
        for path in root.rglob("*")
        if path.is_symlink() or not path.is_dir()
    }


CHANGES: dict[str, tuple[bytes | None, bytes | None]] = {
    "a.py": (b"1\n2\n3\n4\n5\n6\n7\n8\n9\n", b"1\n2\n3\n4\nfive\n6\n7\n8\n9\n"),
    "no newline.txt": (b"a\nb", b"a\nc"),
    "crlf.env": (b"A=1\r\nB=2\r\n", b"A=1\r\nB=3\r\n"),
    "emptied.py": (b"1\n", b""),
    "filled.py": (b"", b"1\n"),
    "deep/new.py": (None, b"new\n"),
    "gone.py": (b"gone\n", None),
    "empty-new.py": (None, b""),
    "b\xc3\xa4r.txt".encode("latin-1").decode(): (b"\xfc\n", b"\xfd\n"),
    "picture.png": (b"\x89PNG\0\1", b"\x89PNG\0\2"),
    "trailing.md": (b"a  \n", b"b\t \n\n\n"),
    "-- a/trick": (b"@@ -1 +1 @@\nindex 1\n", b"@@ -1 +1 @@\nindex 2\ndiff --git a/x b/x\n"),
}
"""What a file held and what it holds; None where it is not there."""


def write(root: Path, side: int, chosen: list[str]) -> None:
    root.mkdir()
    for name in chosen:
        content = CHANGES[name][side]
        if content is not None:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(content)


@pytest.mark.parametrize("chosen", [*([name] for name in CHANGES), list(CHANGES)])
def test_what_is_made_applies(tmp_path: Path, chosen: list[str]) -> None:
    """Byte for byte, whatever a file is called and holds."""
    for side, name in enumerate(("a", "b")):
        write(tmp_path / name, side, chosen)
    patch = tmp_path / "x.patch"
    patch.write_bytes(make(tmp_path))
    write(tmp_path / "c", 0, chosen)
    apply(patch, tmp_path / "c", "base")
    assert tree(tmp_path / "c") == tree(tmp_path / "b")


def test_modes_and_links(tmp_path: Path) -> None:
    """What may be executed, and links, come along."""
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "run.sh").write_text("#!/bin/sh\n")
    (tmp_path / "b/run.sh").chmod(0o755)
    (tmp_path / "b/new.sh").write_text("#!/bin/sh\n")
    (tmp_path / "b/new.sh").chmod(0o755)
    (tmp_path / "b/link").symlink_to("run.sh")
    (tmp_path / "x.patch").write_bytes(make(tmp_path))
    apply(tmp_path / "x.patch", tmp_path / "c", "base")
    assert tree(tmp_path / "c") == tree(tmp_path / "b")


def test_a_patch_holds_no_more_than_a_reader_needs(tmp_path: Path) -> None:
    """Two lines that name the file, and hunks."""
    for side, name in enumerate(("a", "b")):
        write(tmp_path / name, side, ["a.py", "deep/new.py"])
    assert make(tmp_path).decode() == (
        "--- a/a.py\n+++ b/a.py\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n"
        "--- /dev/null\n+++ b/deep/new.py\n@@ -0,0 +1 @@\n+new\n"
    )
    assert make(tmp_path) == make(tmp_path)


def test_nothing_differs(tmp_path: Path) -> None:
    """No patch."""
    for name in ("a", "b"):
        write(tmp_path / name, 0, ["a.py"])
    assert make(tmp_path) == b""


HEAD = "--- a/a.py\n+++ b/a.py\n"


@pytest.mark.parametrize(
    ("patch", "sentences"),
    [
        (
            HEAD + "@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3\n@@ -7,3 +7,3 @@\n 7\n-eight\n+8\n 9\n",
            ["x.patch:8: the hunk `@@ -7,3 +7,3 @@` no longer applies: base has"],
        ),
        (
            HEAD + "@@ -1 +1 @@\n-x\n+y\n--- a/b.py\n+++ b/b.py\n@@ -1 +1 @@\n-1\n+2\n",
            [
                "x.patch:3: the hunk `@@ -1 +1 @@` no longer applies: base has",
                "x.patch:8: base has no file b.py.",
            ],
        ),
        (
            "--- /dev/null\n+++ b/a.py\n@@ -0,0 +1 @@\n+1\n",
            ["x.patch:3: base has a file a.py already, which the patch adds."],
        ),
        (
            HEAD + "@@ -1,9 +1,9 @@\n 1\n",
            ["x.patch:5: it is no unified diff from here on (corrupt"],
        ),
        ("Hello.\n", ["x.patch: git apply says: No valid patches in input"]),
        ("", ["x.patch: git apply says: No valid patches in input"]),
        (
            "--- /dev/null\n+++ b/../evil\n@@ -0,0 +1 @@\n+1\n",
            ["x.patch: git apply says: invalid path '../evil'."],
        ),
        (
            "--- /dev/null\n+++ b/.git/hooks/x\n@@ -0,0 +1 @@\n+1\n",
            ["x.patch: git apply says: invalid path '.git/hooks/x'."],
        ),
        (
            "--- /dev/null\n+++ b/link/evil\n@@ -0,0 +1 @@\n+1\n",
            ["x.patch: git apply says: affected file 'link/evil' is beyond a symbolic link."],
        ),
    ],
)
def test_what_does_not_apply_is_named(tmp_path: Path, patch: str, sentences: list[str]) -> None:
    """Each hunk or file with its line in the patch; nothing is changed, within or outside."""
    write(tmp_path / "c", 0, ["a.py"])
    (tmp_path / "outside").mkdir()
    (tmp_path / "c/link").symlink_to(tmp_path / "outside")
    before = tree(tmp_path / "c")
    (tmp_path / "x.patch").write_text(patch)
    with pytest.raises(SpecError) as caught:
        apply(tmp_path / "x.patch", tmp_path / "c", "base")
    for said, sentence in zip(caught.value.problems, sentences, strict=True):
        assert said.startswith(sentence)
    assert tree(tmp_path / "c") == before
    assert not list((tmp_path / "outside").iterdir())
    assert not (tmp_path / "evil").exists()
