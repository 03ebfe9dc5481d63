"""The project is found in whatever is handed in around it; where there are several, that is said.

The layouts are those of course sites, archive programs and students (see `Layout`).
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from grader.errors import SourceError
from grader.model import Submission
from grader.submission import take
from tests.unit.submission.packing import git

Layout = Mapping[str, bytes]
"""Files by their paths."""
ANSWER = {"Dockerfile": b"FROM python:3.13-slim\n", "app.py": b"x = 1\n", "requirements.txt": b""}


def inside(folder: str, files: Layout = ANSWER) -> dict[str, bytes]:
    """`files`, each in `folder`."""
    return {f"{folder}/{name}": content for name, content in files.items()}


def packed(files: Layout = ANSWER) -> bytes:
    """A zip archive of `files`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def write(top: Path, files: Layout) -> Path:
    """The folder `top` with `files`."""
    for name, content in files.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_bytes(content)
    return top


def taken(source: Path, mode: str = "dockerfile") -> Submission:
    """What intake makes of `source`."""
    folder = source.parent / f"{source.name}-run"
    folder.mkdir()
    return take(source, folder, mode=mode)


ONE_ANSWER: dict[str, Layout] = {
    "at the top": ANSWER,
    "with system files": ANSWER | {".DS_Store": b"x", "._app.py": b"x", "desktop.ini": b"x"},
    "a folder": inside("answer-main"),
    "a folder and .DS_Store": inside("answer-main") | {".DS_Store": b"x"},
    "a folder, .vscode and __MACOSX": inside("a") | {".vscode/s.json": b"{}", "__MACOSX/._a": b"x"},
    "a folder and a note": inside("answer") | {"Anmerkung.txt": b"see there"},
    "a folder and a report": inside("answer") | {"report.pdf": b"%PDF", "shot.PNG": b"x"},
    "two folders deep": inside("hand-in/answer-main"),
    "three folders deep": inside("a/b/c"),
    "a folder next to other code": inside("backend") | {"frontend/index.js": b"x", "run.py": b"x"},
    "an archive": {"a.zip": packed()},
    "an archive with a folder": {"a.zip": packed(inside("x"))},
    "an archive and desktop.ini": {"a.zip": packed(inside("x")), "desktop.ini": b"x"},
    "an archive and its AppleDouble": {"a.zip": packed(inside("x")), "._a.zip": b"\0"},
    "Moodle's text field": {"a.zip": packed(inside("x")), "onlinetext.html": b"<p>done</p>"},
    "an archive in an archive": {"a.zip": packed({"b.zip": packed(inside("x"))})},
    "an archive in a folder": {"hand-in/a.zip": packed(inside("x"))},
    "a Dockerfile.txt": inside("x", {"Dockerfile.txt": b"FROM x", "app.py": b""}),
}
PLAIN = {"at the top", "with system files"}
PACKED = {
    "a folder", "a folder and .DS_Store", "a folder, .vscode and __MACOSX", "a Dockerfile.txt",
}  # fmt: skip
"""What code hosts and archive programs make by themselves: nothing to be told of."""


@pytest.mark.parametrize("name", ONE_ANSWER)
@pytest.mark.parametrize("form", ["folder", "archive"])
def test_the_one_answer_is_found(name: str, form: str, tmp_path: Path) -> None:
    """Whatever stands around it; where it was found is said."""
    source = tmp_path / "submission"
    if form == "folder":
        write(source, ONE_ANSWER[name])
    else:
        source.write_bytes(packed(ONE_ANSWER[name]))
    found = taken(source)
    assert (found.root / "app.py").is_file(), [*found.root.rglob("*")]
    assert {one.name.lower() for one in found.root.iterdir()} & {"dockerfile", "dockerfile.txt"}
    said = [note for note in found.notes if "The project was found in" in note]
    assert bool(said) is not (name in PLAIN or (form == "archive" and name in PACKED)), found.notes


SEVERAL: dict[str, tuple[Layout, str]] = {
    "two folders": (inside("v1") | inside("v2"), "holds 2 projects, and none at its top: v1, v2"),
    "two deep": (inside("x/v1") | inside("x/v2"), "holds 2 projects.*: x/v1, x/v2"),
    "two archives": ({"a.zip": packed(), "b.zip": packed()}, "holds 2 archives.*: a.zip, b.zip"),
    "two in an archive": ({"a.zip": packed(inside("v1") | inside("v2"))}, "2 projects.*v1, v2"),
}


@pytest.mark.parametrize("name", SEVERAL)
def test_several_answers_are_named_and_none_is_chosen(name: str, tmp_path: Path) -> None:
    """It is unreadable, and no zero."""
    layout, sentence = SEVERAL[name]
    with pytest.raises(SourceError, match=f"(?s){sentence}.*Hand in one"):
        taken(write(tmp_path / "submission", layout))


@pytest.mark.parametrize(
    "layout",
    [
        {"submission.rar": b"Rar!\x1a\x07"},
        inside("Erika 1234", {"hand-in.7z": b"7z", "readme.pdf": b""}),
        {"onlinetext.html": b"", "project.tar.xz": b"", ".DS_Store": b""},
    ],
)
def test_an_archive_that_cannot_be_read_is_named(layout: Layout, tmp_path: Path) -> None:
    """Where it is all that there is, nobody knows what is in it: unreadable, and no zero."""
    with pytest.raises(SourceError, match=r"not read here.*Hand in a folder, or an archive as"):
        taken(write(tmp_path / "submission", layout))


def test_an_archive_that_cannot_be_read_next_to_a_project_is_left_alone(tmp_path: Path) -> None:
    """The project is what counts."""
    found = taken(write(tmp_path / "submission", {"Dockerfile": b"FROM x", "data.rar": b""}))
    assert {one.name for one in found.root.iterdir()} == {"Dockerfile", "data.rar"}


def test_no_project_is_taken_as_it_is(tmp_path: Path) -> None:
    """What it lacks is for the criteria to say."""
    found = taken(write(tmp_path / "submission", {"app.py": b"", "src/b.py": b""}))
    assert {one.name for one in found.root.iterdir()} == {"app.py", "src"}


def test_a_dockerfile_in_a_folder_of_its_own_keeps_the_code_in_reach(tmp_path: Path) -> None:
    """`docker/Dockerfile` copies what stands above it."""
    layout = {"docker/Dockerfile": b"FROM x", "docker/run.sh": b"", "app.py": b""}
    found = taken(write(tmp_path / "submission", layout))
    assert (found.root / "app.py").is_file()


@pytest.mark.parametrize(
    ("layout", "expected"),
    [
        (inside("hand-in", {"compose.yml": b"", "web/Dockerfile": b""}), "compose.yml"),
        ({"deploy/compose.yml": b"", "web/Dockerfile": b"", "a.py": b""}, "deploy/compose.yml"),
        (inside("x", {"deploy/compose.yml": b"", "web/a.py": b""}), "deploy/compose.yml"),
        (inside("a/b", {"docker-compose.yml.txt": b""}), "docker-compose.yml.txt"),
    ],
)
def test_a_compose_file_below_the_top_keeps_what_is_around_it(
    layout: Layout, expected: str, tmp_path: Path
) -> None:
    """Its paths may lead above its own folder."""
    found = taken(write(tmp_path / "submission", layout), "compose")
    assert (found.root / expected).is_file()


def test_the_history_is_that_of_the_nearest_repository(tmp_path: Path) -> None:
    """A project in a folder of a repository has the repository's history."""
    source = write(tmp_path / "submission", inside("server") | {"notes.txt": b"x"})
    git(source, "init", "-q")
    git(source, "add", ".")
    git(source, "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "x")
    found = taken(source)
    assert (found.root / "app.py").is_file()
    assert (found.repository, found.within) == (source, "server")
    assert found.commit == git(source, "rev-parse", "HEAD")


def test_links_are_not_looked_through(tmp_path: Path) -> None:
    """A folder elsewhere is nobody's project here."""
    elsewhere = write(tmp_path / "elsewhere", ANSWER)
    source = write(tmp_path / "submission", {"notes.md": b"x"})
    (source / "answer").symlink_to(elsewhere)
    (source / "a.zip").symlink_to("/etc/passwd")
    assert {one.name for one in taken(source).root.iterdir()} == {"notes.md"}


def test_pointers_of_git_lfs_are_named(tmp_path: Path) -> None:
    """What they stand for was not handed in."""
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"
    source = write(
        tmp_path / "submission", ANSWER | {"static/logo.png": pointer, "data.sql": pointer}
    )
    (note,) = taken(source).notes
    assert "Git LFS pointers stand in the place of files: data.sql, static/logo.png." in note
    assert "`git lfs pull`" in note
