"""The labelled corpus: files with secrets on known lines, and files without any.

The cases are templates in `cases/`. A case begins with `@@ path`. A line with a secret ends in
` §`; where ` §|` ends several lines, they hold one secret, and any of them may be named. Cases
that are no plain text are made here.
"""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.secrets.draw import Draw

CASES = Path(__file__).parent / "cases"
SECTION = " §"
SHARED = " §|"


@dataclass(frozen=True, kw_only=True)
class Case:
    """One file, and where its secrets stand, if it holds any."""

    name: str
    path: str
    content: bytes
    secrets: tuple[frozenset[int], ...]
    """The lines of each secret, any of which a tool may name."""
    unclear: frozenset[int] = frozenset()
    """Lines of which nobody says what they hold: reported or not, they do not count."""
    whole: bool = False
    """Whether the lines cannot be told: an archive, binary data."""


def corpus(seed: int = 1) -> list[Case]:
    """Every case, drawn again for each `seed`."""
    draw = Draw(seed)
    cases = [case for path in sorted(CASES.glob("*.txt")) for case in _read(path, draw)]
    return [*cases, *_made(draw)]


def _read(path: Path, draw: Draw) -> Iterator[Case]:
    for number, block in enumerate(path.read_text("utf-8").split("@@ ")[1:], start=1):
        head, _, body = block.partition("\n")
        where = head.partition("|")[0].strip()
        yield _case(f"{path.stem}-{number:03}", where, body, draw)


def _case(name: str, path: str, body: str, draw: Draw) -> Case:
    lines: list[str] = []
    secrets: list[frozenset[int]] = []
    shared: set[int] = set()
    for line in body.rstrip("\n").split("\n"):
        filled = draw.fill(line.removesuffix(SECTION).removesuffix(SHARED)).split("\n")
        numbers = range(len(lines) + 1, len(lines) + len(filled) + 1)
        lines += filled
        if line.endswith(SECTION):
            secrets.append(frozenset(numbers))
        elif line.endswith(SHARED):
            shared.update(numbers)
    secrets += [frozenset(shared)] if shared else []
    content = "\n".join(lines) + "\n"
    return Case(name=name, path=path, content=content.encode(), secrets=tuple(secrets))


def _made(draw: Draw) -> Iterator[Case]:
    """Yield encodings and archives."""
    one = (frozenset({1}),)
    text = draw.fill('SECRET_KEY = "<<alnum:32>>"\n')
    harmless = 'SECRET_KEY = os.environ["SECRET_KEY"]\n'
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "latin-1", "utf-32"):
        yield Case(
            name=f"encoding-{encoding}",
            path="config.py",
            content=text.encode(encoding),
            secrets=one,
        )
        content = f"# größe\n{harmless}".encode(encoding)
        yield Case(name=f"plain-{encoding}", path="config.py", content=content, secrets=())
    crlf = draw.fill("DB_HOST=db\r\nDB_PASSWORD=<<pwbare>>\r\n").encode()
    yield Case(name="crlf", path=".env", content=crlf, secrets=(frozenset({2}),))
    for kind, pack in (("zip", _zip), ("tar.gz", _tar), ("gz", _gz)):
        name = f"backup.{kind}"
        held = pack("app/config.py", text.encode())
        yield Case(name=f"archive-{kind}", path=name, content=held, secrets=one, whole=True)
        clean = pack("app/config.py", harmless.encode())
        yield Case(name=f"plain-{kind}", path=name, content=clean, secrets=(), whole=True)
    nested = _zip("inner.zip", _zip("config.py", text.encode()))
    yield Case(name="archive-nested", path="old.zip", content=nested, secrets=one, whole=True)
    long = draw.fill("x=1;" * 50_000 + 'k="<<token:stripe>>";' + "y=2;" * 50_000)
    yield Case(name="long-line", path="static/bundle.js", content=long.encode(), secrets=one)
    url = draw.fill("\0\1\2mysql://root:<<alnum:12>>@db/app\0\3").encode("latin-1") * 2
    yield Case(name="binary", path="app.pyc", content=url, secrets=one, whole=True)
    noise = bytes(range(256)) * 40
    yield Case(name="plain-binary", path="logo.bin", content=noise, secrets=(), whole=True)


def _zip(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()


def _tar(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        info = tarfile.TarInfo(name)
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def _gz(name: str, content: bytes) -> bytes:
    del name
    return gzip.compress(content, mtime=0)
