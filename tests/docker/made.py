"""What no repository can hold as it is: histories, chains of links, thousands of files.

A directory of tests/hostile names one of these in its `expected.yml` (`made: history-shallow`), and
`base`, the directory of tests/submissions that it is put into.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

SECRET = 'SECRET_KEY = "Kestrel_vino77"\n'
TOLD = "SECRET_KEY=Kestrel_vino77"
UNSEEN = "\u061c\u200b\U000e0041"
"""A mark of direction, a blank without width, and a letter of the tags."""
BOMB = tuple(zip("abcdefgh", "bcdefghi", strict=True))
NOBODY = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Ada"), ("EMAIL", "ada@example.org"))
} | {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}


def make(name: str, folder: Path) -> None:
    """Put what `name` says into `folder`."""
    MADE[name](folder)


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments], check=True, capture_output=True,
        env={"PATH": os.environ["PATH"], "HOME": str(folder.parent)} | NOBODY,
    )  # fmt: skip
    return done.stdout.decode().strip()


def history(folder: Path) -> None:
    """Two commits, the first with a secret that the second takes out."""
    git(folder, "init", "-q", "-b", "main", "--template=")
    (folder / "settings.py").write_text(SECRET)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "Add the app")
    (folder / "settings.py").unlink()
    git(folder, "commit", "-qam", "Read the key from the environment")


def replaced(folder: Path, *options: str, source: str = "") -> None:
    """The history again, as a clone with `options` has it."""
    history(folder)
    whole = folder.parent / "whole"
    folder.rename(whole)
    git(whole, "config", "uploadpack.allowFilter", "true")
    git(whole.parent, "clone", "-q", *options, source or f"file://{whole}", str(folder))


def shared(folder: Path) -> None:
    replaced(folder, "--shared", source=str(folder.parent / "whole"))


def lost_object(folder: Path, content: bytes | None) -> None:
    history(folder)
    oid = git(folder, "rev-parse", "HEAD~1:settings.py")
    path = folder / ".git" / "objects" / oid[:2] / oid[2:]
    path.unlink()
    if content is not None:
        path.write_bytes(content)


def shallow_by_hand(folder: Path) -> None:
    """A whole clone that calls itself shallow: git leaves out what comes before the last commit."""
    history(folder)
    (folder / ".git" / "shallow").write_text(f"{git(folder, 'rev-parse', 'HEAD')}\n")


def with_git_text(folder: Path, *command: str) -> None:
    """A history without a secret in its files, and one in what `command` has git keep."""
    git(folder, "init", "-q", "-b", "main", "--template=")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "Add the app")
    git(folder, *command)


def gitlink(folder: Path) -> None:
    history(folder)
    (folder / ".git").rename(folder.parent / "elsewhere.git")
    (folder / ".git").write_text(f"gitdir: {folder.parent / 'elsewhere.git'}\n")


def message(folder: Path) -> None:
    git(folder, "init", "-q", "-b", "main", "--template=")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", f"Run with {TOLD}")
    git(folder, "commit", "-q", "--amend", "-m", "Add the app")


def one_commit(folder: Path) -> None:
    git(folder, "init", "-q", "-b", "main", "--template=")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "Add the app")


def merged(folder: Path) -> None:
    """Two people, a branch that was merged, and a tag with a message."""
    one_commit(folder)
    git(folder, "checkout", "-qb", "add-mean")
    (folder / "mean.py").write_text("def mean(numbers):\n    return sum(numbers) / len(numbers)\n")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "Add the mean", "--author", "Bob <bob@example.org>")
    git(folder, "checkout", "-q", "main")
    git(folder, "merge", "-q", "--no-ff", "add-mean", "-m", "Merge the branch add-mean")
    git(folder, "tag", "-a", "v1.0", "-m", "The first release")


def repository_floods(folder: Path) -> None:
    """The same with thirty thousand tags more, and a workflow whose aliases unfold."""
    merged(folder)
    head = git(folder, "rev-parse", "HEAD")
    rows = "".join(f"{head} refs/tags/t{number}\n" for number in range(30_000))
    (folder / ".git" / "packed-refs").write_text(rows)
    values = [f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]" for before, name in BOMB]
    bomb = "\n".join(["on: push", "a: &a [1, 2, 3, 4, 5, 6, 7, 8, 9]", *values, ""])
    (folder / ".github" / "workflows" / "bomb.yml").write_text(bomb)


def links(folder: Path, aim: str) -> None:
    for number in range(3000):
        (folder / f"l{number}").symlink_to(aim.format(number + 1))


def circle(folder: Path) -> None:
    (folder / "a").symlink_to("b/" * 500 + "x")
    (folder / "b").symlink_to("a/" * 500 + "x")
    (folder / "self").symlink_to("self")


def linked(folder: Path, name: str) -> None:
    """The file `name` at the end of three thousand links."""
    links(folder, "l{}")
    (folder / name).rename(folder / "l3000")
    (folder / name).symlink_to("l0")


def circular_dockerfile(folder: Path) -> None:
    """What names itself by way of folders that are links, too."""
    (folder / "Dockerfile").unlink()
    (folder / "a").symlink_to("b")
    (folder / "b").symlink_to("a")
    (folder / "Dockerfile").symlink_to("a/Dockerfile")


def linked_environment(folder: Path) -> None:
    (folder / ".env").write_text("GREETING=hello\n")
    linked(folder, ".env")


def page(folder: Path, text: str) -> None:
    app = folder / "app.py"
    front = f'return {text}\n\n\n@app.get("/other")\ndef other():\n    return {{"seen"'
    app.write_text(app.read_text("utf-8").replace('return {"seen"', front), "utf-8")


def archives(folder: Path) -> None:
    """Each with ten files: more than a scan unpacks."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number in range(10):
            archive.writestr(f"{number}.csv", "name,price\n")
    data = folder / "data"
    data.mkdir()
    for number in range(3000):
        (data / f"{number}.zip").write_bytes(buffer.getvalue())
    (folder / ".dockerignore").write_text("data\n")


def nested(folder: Path) -> None:
    content = SECRET.encode()
    for depth in range(8):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"{depth}.zip" if depth else "settings.py", content)
        content = buffer.getvalue()
    (folder / "all.zip").write_bytes(content)


def unfolding(folder: Path) -> None:
    """A few hundred kilobytes that are a hundred megabytes, with a secret at the end of them."""
    with zipfile.ZipFile(folder / "data.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(50):
            archive.writestr(f"{number}.py", "x = 1\n" * 350_000)
        archive.writestr("settings.py", SECRET)


def cut_off(folder: Path) -> None:
    """A packed tar that ends before the file with the secret; what packs archives reads no more."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in (("noise.bin", os.urandom(200_000)), ("settings.py", SECRET.encode())):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    (folder / "all.tar.gz").write_bytes(buffer.getvalue()[:100_000])


def unseen_name(folder: Path) -> None:
    """A file with a secret, in whose name is what is not seen, or turns the rest of it."""
    (folder / f"set{UNSEEN}tings.py").write_text(SECRET)


def emptied(folder: Path) -> None:
    history(folder)
    shutil.rmtree(folder / ".git" / "objects")
    (folder / ".git" / "objects").mkdir()


MADE: dict[str, Callable[[Path], None]] = {
    "history-shallow": lambda folder: replaced(folder, "--depth=1"),
    "history-partial": lambda folder: replaced(folder, "--filter=blob:none"),
    "history-shared": shared,
    "history-missing-object": lambda folder: lost_object(folder, None),
    "history-corrupt-object": lambda folder: lost_object(folder, b"x\x9c garbage"),
    "history-elsewhere": gitlink,
    "history-emptied": emptied,
    "history-amended-message": message,
    "history-shallow-by-hand": shallow_by_hand,
    "history-secret-in-a-note": lambda folder: with_git_text(folder, "notes", "add", "-m", TOLD),
    "history-secret-in-a-tag": lambda folder: with_git_text(folder, "tag", "-am", TOLD, "v1"),
    "history-merged": merged,
    "history-one-commit": one_commit,
    "repository-floods": repository_floods,
    "links-doubled": lambda folder: links(folder, "l{0}/l{0}"),
    "links-through-folders": lambda folder: links(folder, "./x/../l{}"),
    "links-circle": circle,
    "links-to-the-dockerfile": lambda folder: linked(folder, "Dockerfile"),
    "links-to-the-dockerfile-circle": circular_dockerfile,
    "links-to-the-compose-file": lambda folder: linked(folder, "docker-compose.yml"),
    "links-to-the-environment": linked_environment,
    "page-unfinished-inputs": lambda folder: page(folder, '"<input " * 36_000'),
    "page-unfinished-hidden": lambda folder: page(folder, '"<input" + " hidden" * 36_000'),
    "page-nested": lambda folder: page(folder, '"<div>" * 50_000'),
    "page-options": lambda folder: page(folder, '"<form><select name=a>" + "<option>" * 30_000'),
    "page-forms": lambda folder: page(folder, '"<form><input name=a>" * 12_000'),
    "page-links": lambda folder: page(folder, '"<a href=/x>" * 20_000'),
    "page-comments": lambda folder: page(folder, '"<!--" * 30_000 + "<![CDATA[" * 12_000'),
    "page-entities": lambda folder: page(folder, '"&lt" * 80_000'),
    "page-long-attribute": lambda folder: page(
        folder, '"<input type=hidden value=" + "<" * 5_000_000'
    ),
    "page-tokens": lambda folder: page(folder, '"eyJ" * 80_000'),
    "archives-three-thousand": archives,
    "archives-nested": nested,
    "archives-unfolding": unfolding,
    "archives-cut-off": cut_off,
    "text-in-a-file-name": unseen_name,
}
