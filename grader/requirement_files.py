"""Packages that a project asks for, by the lines of the files that list them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

LISTED = re.compile(r"([A-Za-z0-9][\w.-]*)(?:$|[\s\[=<>~!;@])")
"""A line of a requirements file, without the blanks around it."""
QUOTED = re.compile(r"[\"']([A-Za-z0-9][\w.-]*)(?:[ \[=<>~!;@][^\"'\n]*)?[\"']")
"""An item of a list in another file."""
COMMENT = re.compile(r"(?:^|\s)#.*")
INSTALLS = re.compile(r"\bpip[\d.]*\s+install\s+([^&|;\n]*)")
NAMED = re.compile(r"([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?(?:[=<>~!].*)?")
TAKES_VALUE = frozenset({"-r", "--requirement", "-c", "--constraint", "-i", "--index-url", "-t",
                         "--target", "-e", "--editable", "-f", "--find-links"})  # fmt: skip
"""Options of pip that the next word belongs to."""


@dataclass(frozen=True, kw_only=True)
class RequiredPackage:
    """A package that a line of a file asks for."""

    name: str
    """As PyPI compares names: in small letters, with `-` for each of `-_.`."""
    written: str
    """The line, without comments and blanks around it."""
    where: str
    """The file and the line, `requirements.txt, line 3`."""


def normalised(name: str) -> str:
    """Return a package's name as PyPI compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read_requirements(path: str, text: str) -> Iterator[RequiredPackage]:
    """Yield what the lines of the file `path` ask for, as far as a line tells it by itself."""
    for number, line in enumerate(text.splitlines(), 1):
        plain = COMMENT.sub("", line).strip()
        names = [found[1]] if (found := LISTED.match(plain)) else []
        if not path.endswith((".txt", ".in")):
            names += [one[1] for one in QUOTED.finditer(plain)]
        for name in names:
            yield RequiredPackage(
                name=normalised(name), written=plain, where=f"{path}, line {number}"
            )


def read_installs(step: str, where: str) -> Iterator[RequiredPackage]:
    """Yield the packages that a shell's line installs by `pip install`, each as from `where`."""
    for command in INSTALLS.finditer(step):
        words = [word.strip("'\"") for word in command[1].split()]
        for before, word in zip(["", *words], words, strict=False):
            found = NAMED.fullmatch(word)
            if found and before not in TAKES_VALUE and not word.startswith("."):
                yield RequiredPackage(name=normalised(found[1]), written=word, where=where)
