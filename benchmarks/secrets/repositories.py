"""Git repositories made for the benchmark: with secrets in their history, and large ones."""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.secrets.draw import Draw

CLEAN = 'import os\n\nSECRET_KEY = os.environ["SECRET_KEY"]\n'


@dataclass(frozen=True, kw_only=True)
class Past:
    """A repository whose files are clean; `secrets` says how many its history holds."""

    name: str
    folder: Path
    secrets: int


class Repository:
    """A repository to build."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str, data: bytes = b"") -> str:
        """Run git here and give what it prints."""
        names = ("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL")
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder)} | dict.fromkeys(
            names, "ada"
        )
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.folder,
            input=data,
            check=True,
            capture_output=True,
            env=environment,
        )
        return done.stdout.decode().strip()

    def commit(self, path: str, text: str | None) -> None:
        """Commit `path` with `text`, or without it."""
        target = self.folder / path
        if text is None:
            target.unlink()
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        self.git("add", "-A", "-f")
        self.git("commit", "-qm", "work")


def pasts(root: Path, seed: int = 1) -> Iterator[Past]:
    """One repository for each way in which history keeps a secret, and some without any."""
    draw = Draw(seed)
    secret = draw.fill('SECRET_KEY = "<<alnum:32>>"\n')
    for name, steps in (
        ("deleted-file", [("config.py", secret), ("config.py", None)]),
        ("changed-line", [("config.py", secret), ("config.py", CLEAN)]),
        ("deleted-env", [(".env", draw.fill("DB_PASSWORD=<<pwbare>>\n")), (".env", None)]),
        ("old-compose", [("compose.yaml", draw.fill(COMPOSE)), ("compose.yaml", "services: {}\n")]),
        ("never", [("config.py", CLEAN), (".env.example", "SECRET_KEY=changeme\n")]),
        ("never-either", [("app.py", "x = 1\n"), ("app.py", "x = 2\n"), ("app.py", None)]),
    ):
        repository = Repository(root / name)
        repository.commit("README.md", "# Board\n")
        for path, text in steps:
            repository.commit(path, text)
        yield Past(name=name, folder=repository.folder, secrets=not name.startswith("never"))
    yield from _elsewhere(root, secret)


COMPOSE = "services:\n  db:\n    image: mysql\n    environment:\n      MYSQL_PASSWORD: <<pwbare>>\n"


def _elsewhere(root: Path, secret: str) -> Iterator[Past]:
    """Branches, stashes, tags, a merge, and refs that a clone is not shown."""
    for name in ("branch", "stash", "tag", "hidden-ref", "merge", "packed"):
        repository = Repository(root / name)
        repository.commit("config.py", CLEAN)
        if name == "stash":
            (repository.folder / "config.py").write_text(secret)
            repository.git("stash", "-q")
        else:
            repository.git("checkout", "-qb", "side")
            repository.commit("config.py", secret)
            repository.git("checkout", "-q", "main")
        if name == "tag":
            repository.git("tag", "v1", "side")
        if name == "hidden-ref":
            repository.git("update-ref", "refs/keep/x", "side")
            repository.git("config", "transfer.hideRefs", "refs/keep")
        if name == "merge":
            repository.git("merge", "-q", "-s", "ours", "side")
        if name in {"tag", "hidden-ref", "merge"}:
            repository.git("branch", "-qD", "side")
        if name == "packed":
            repository.git("gc", "-q")
        yield Past(name=name, folder=repository.folder, secrets=1)


def large(folder: Path, *, files: int = 2000, commits: int = 500, seed: int = 1) -> None:
    """Make a repository of that many files and commits, as fast as `git fast-import` makes it."""
    rng = random.Random(seed)
    folder.mkdir(parents=True)
    repository = Repository(folder / "work")
    names = [
        f"src/module{number // 50}/file{number}.{rng.choice(KINDS)}" for number in range(files)
    ]
    stream: list[bytes] = []
    for number in range(commits):
        stream.append(
            b"commit refs/heads/main\ncommitter a <a> %d +0000\ndata 4\nwork\n" % (number + 1)
        )
        changed = names if number == 0 else rng.sample(names, 4)
        for name in changed:
            text = _text(rng, name.rpartition(".")[2], number).encode()
            stream.append(b"M 100644 inline %s\ndata %d\n%s\n" % (name.encode(), len(text), text))
    repository.git("fast-import", "--quiet", data=b"".join(stream))
    repository.git("reset", "-q", "--hard")


KINDS = ("py", "py", "py", "html", "js", "yml", "md", "json", "sql", "css")


def _text(rng: random.Random, kind: str, number: int) -> str:
    """Return some hundred lines that look like a student's."""
    names = [f"{rng.choice(NOUNS)}_{rng.choice(NOUNS)}" for _ in range(20)]
    lines = [
        LINES[kind].format(a=rng.choice(names), b=rng.choice(names), n=rng.randint(0, 999))
        for _ in range(90)
    ]
    if kind == "json":
        return "{" + ",\n".join(lines) + f',\n"number": {number}}}'
    if kind == "yml":
        lines = [f"{index}{line}" for index, line in enumerate(lines)]
    return "\n".join(lines) + f"\n{COMMENTS.get(kind, '#')} {number}\n"


NOUNS = ("user", "todo", "token", "board", "message", "password", "key", "session", "list", "item")
COMMENTS = {"js": "//", "sql": "--", "css": "/* */"}
LINES = {
    "py": '{a} = request.form.get("{b}", {n})',
    "html": '<label for="{a}">{b}</label><input name="{a}" type="text" maxlength="{n}">',
    "js": 'const {a}{n} = document.getElementById("{b}").value;',
    "yml": "{a}: {{name: {b}, size: {n}}}",
    "md": "The {a} of a {b} has {n} characters, see the table below.",
    "json": '"{a}{n}": {{"label": "{b}", "size": {n}}}',
    "sql": "INSERT INTO todos (title, size) VALUES ('{a} {b}', {n});",
    "css": ".{a} .{b} {{ margin: {n}px; }}",
}
