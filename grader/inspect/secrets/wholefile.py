"""Files that hold nothing but one secret: `secrets/MYSQL_PASSWORD`, `db_password.txt`."""

from __future__ import annotations

import re

from grader.inspect.secrets.file_roles import FileRole, kind_of
from grader.inspect.secrets.finding import Hit
from grader.inspect.secrets.names import Sureness, sureness
from grader.inspect.secrets.values import judge, looks_live

ONE = re.compile(r"\s*(\S{3,400})\s*")
SUFFIXES = frozenset({"txt", "secret", "key", "pass", "password", "token", "conf", "dat", "pwd"})


def whole_file(path: str, text: str, place: FileRole, name: str = "") -> Hit | None:
    """Return the hit where all of `text` is the secret that its file is named after.

    `name` is what something that uses the file calls it; then the file's own name does not count.
    """
    found = ONE.fullmatch(text) if len(text) < 500 else None
    if found is None:
        return None
    called = name or _called(path)
    if not name and kind_of(path) not in {"code", "docs", "config"}:
        return None  # code, or a file of hashes
    if not name and sureness(called) is Sureness.NO:
        return None
    if not name and _is_folder_of_secrets(path) is False and sureness(called) is not Sureness.SURE:
        return None
    if place is FileRole.DOCS:
        place = FileRole.RUNS  # a text file with one word in it is no document
    severity = judge(found[1], place, Sureness.SURE)
    if severity is None or (
        not name and not looks_live(found[1]) and not _is_folder_of_secrets(path)
    ):
        return None
    return Hit(rule="file.secret", severity=severity, line=1, name=called, value=found[1],
               sure=place is not FileRole.TEST)  # fmt: skip


def _called(path: str) -> str:
    name = path.rpartition("/")[2]
    stem, dot, suffix = name.rpartition(".")
    return stem if dot and stem and suffix.lower() in SUFFIXES else name.strip(".")


def _is_folder_of_secrets(path: str) -> bool:
    return bool({"secrets", "secret", ".secrets"}.intersection(path.lower().split("/")[:-1]))
