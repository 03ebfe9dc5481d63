"""Where the project stands in what was handed in: at its top, some folders down, or in an archive.

Systems and course sites put files of their own next to what a student hands in, and students pack
folders in folders. Only names are looked at; no link is followed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from grader.errors import SourceError
from grader.text import clean, clip

COMPOSE = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
MARKERS = {
    "dockerfile": frozenset({"dockerfile", "dockerfile.txt"}),
    "command": frozenset({"dockerfile", "dockerfile.txt"}),
    "compose": frozenset(name + end for name in COMPOSE for end in ("", ".txt")),
}
"""Names, in lower case, that a project's top holds; editors of Windows add the `.txt`."""
COMPANIONS = frozenset({
    "__macosx", ".ds_store", ".fseventsd", ".spotlight-v100", ".trashes", ".temporaryitems",
    "thumbs.db", "ehthumbs.db", "desktop.ini", "$recycle.bin", "system volume information",
    ".vscode", ".idea", ".vs", ".directory", "onlinetext.html", "onlinetext.txt",
})  # fmt: skip
"""What systems, editors and course sites put next to a submission, in lower case."""
COMPANION_PREFIXES = ("._", "~$", ".~lock.")
"""AppleDouble files and the locks of office programs."""
NOTES = frozenset({
    ".txt", ".md", ".rst", ".html", ".htm", ".pdf", ".doc", ".docx", ".odt", ".rtf", ".url",
    ".webloc", ".lnk", ".png", ".jpg", ".jpeg", ".gif", ".mp4",
})  # fmt: skip
"""Endings of what students write or photograph for those who grade."""
ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.zst")
CLOSED_ARCHIVES = (".rar", ".7z", ".tar.xz", ".txz", ".tar.bz2", ".tbz2", ".zipx", ".xz", ".bz2")
"""Endings of archives that cannot be read here."""
CODE = frozenset({".py", ".toml", ".lock", ".cfg"})
CODE_NAMES = frozenset({"requirements.txt", "pipfile", "setup.py", "pyproject.toml"})
SKIPPED = frozenset({"node_modules", "venv", ".venv", "env", "site-packages", "__pycache__"})
MAX_DEPTH = 4
"""In how many folders, one inside another, a project may stand."""
MAX_FOLDERS = 2000
"""Folders that are looked into."""
SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class Found:
    """What was found in a folder that was handed in."""

    folder: Path
    """Where the project stands; the folder itself where nothing tells."""
    archive: Path | None = None
    """The one archive that it must be in, where there is no project outside of one."""
    looked_through: str = ""
    """The way from the top to the project, with slashes; empty where it stands at the top."""


def is_companion(name: str) -> bool:
    """Return whether a system, an editor or a course site has put the entry `name` there."""
    lower = name.casefold()
    return lower in COMPANIONS or lower.startswith(COMPANION_PREFIXES)


def is_archive_name(name: str) -> bool:
    """Return whether `name` ends as an archive's does that can be read."""
    return name.lower().endswith(ARCHIVES)


def find_project(top: Path, mode: str, *, shown: str = "") -> Found:
    """Find the project in the folder `top`: what holds a Dockerfile, or a Compose file by `mode`.

    Raises `SourceError` where there are several answers, and names them, or where there is only an
    archive that cannot be read; `shown` is what it calls the folder.
    """
    if _holds(top, MARKERS[mode]):
        return Found(folder=top)
    wrapped = _unwrapped(top, mode)
    if _holds(wrapped, MARKERS[mode]):
        return _found(top, wrapped)
    listed = _entries(wrapped)
    if mode != "compose" or _is_wrapper(listed):
        candidates = _candidates(wrapped, MARKERS[mode], 1 if mode == "compose" else MAX_DEPTH)
        if len(candidates) > 1:
            raise SourceError(_several(shown or str(top), top, candidates, "projects"))
        if candidates and not _only_built_from(wrapped, candidates[0]):
            return _found(top, candidates[0])
        if candidates:
            return _found(top, wrapped)
    archives = [Path(one.path) for one in listed if _is_file(one) and is_archive_name(one.name)]
    if archives and _is_wrapper(listed):
        if len(archives) > 1:
            raise SourceError(_several(shown or str(top), top, archives, "archives"))
        return Found(folder=wrapped, archive=archives[0], looked_through=_way(top, archives[0]))
    if mode == "compose" and _candidates(wrapped, MARKERS[mode], MAX_DEPTH):
        return _found(top, wrapped)  # its search knows which of them is meant
    _refuse_closed_archive(listed, top, shown or str(top))
    return _found(top, only_folder(top) or top)


def _refuse_closed_archive(listed: Sequence[os.DirEntry[str]], top: Path, shown: str) -> None:
    """Raise `SourceError` where an archive that cannot be read is all that was handed in."""
    closed = [one for one in listed if one.name.lower().endswith(CLOSED_ARCHIVES)]
    if closed and _is_wrapper([one for one in listed if one not in closed]):
        way = clip(clean(_way(top, Path(closed[0].path))), 100)
        msg = (
            f"{clean(shown)} holds {way}, an archive of a kind that is not read here, and no "
            "project outside of it. Hand in a folder, or an archive as .zip or .tar.gz."
        )
        raise SourceError(msg)


def only_folder(folder: Path) -> Path | None:
    """Return the one folder that `folder` holds, with nothing but companions next to it, if so."""
    listed = _entries(folder)
    return Path(listed[0].path) if len(listed) == 1 and _is_folder(listed[0]) else None


def _found(top: Path, folder: Path) -> Found:
    return Found(folder=folder, looked_through=_way(top, folder))


def _way(top: Path, path: Path) -> str:
    way = str(PurePosixPath(path.relative_to(top)))
    return "" if way == "." else way


def _unwrapped(top: Path, mode: str) -> Path:
    """Return the first folder from `top` down that holds more than a folder and companions."""
    folder = top
    for _ in range(MAX_DEPTH):
        listed = _entries(folder)
        folders = [one for one in listed if _is_folder(one)]
        if len(folders) != 1 or not _is_wrapper(listed) or _holds(folder, MARKERS[mode]):
            break
        if any(is_archive_name(one.name) for one in listed if _is_file(one)):
            break
        folder = Path(folders[0].path)
    return folder


def _is_wrapper(listed: Sequence[os.DirEntry[str]]) -> bool:
    """Return whether a folder's entries are only folders, archives and notes.

    No project's own files.
    """
    return all(
        _is_folder(one) or (_is_file(one) and (is_archive_name(one.name) or _is_note(one.name)))
        for one in listed
    ) and not any(one.name == ".git" for one in listed)


def _is_note(name: str) -> bool:
    lower = name.lower()
    return PurePosixPath(lower).suffix in NOTES and lower not in CODE_NAMES


def _candidates(top: Path, markers: frozenset[str], depth: int) -> list[Path]:
    """Return the folders that hold one of `markers`, of the first level that has any."""
    level, seen = [top], 0
    for _ in range(depth):
        below: list[Path] = []
        for folder in level:
            seen += 1
            if seen > MAX_FOLDERS:
                return []
            below += [
                Path(one.path)
                for one in _entries(folder)
                if _is_folder(one) and not one.name.startswith(".") and one.name not in SKIPPED
            ]
        if found := [folder for folder in below if _holds(folder, markers)]:
            return sorted(found)
        level = below
    return []


def _only_built_from(top: Path, folder: Path) -> bool:
    """Return whether `folder` holds a Dockerfile for code that stands outside of it, in `top`."""
    return not any(_code(folder)) and any(_code(top))


def _code(folder: Path) -> Iterator[str]:
    """Names of files of a Python project in `folder` and the folders in it."""
    listed = _entries(folder)
    for one in listed:
        if _is_folder(one) and one.name not in SKIPPED:
            listed = [*listed, *_entries(Path(one.path))]
    for one in listed:
        lower = one.name.lower()
        if lower in CODE_NAMES or PurePosixPath(lower).suffix in CODE:
            yield one.name


def _holds(folder: Path, names: frozenset[str]) -> bool:
    return any(one.name.casefold() in names and not _is_folder(one) for one in _entries(folder))


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    """Return what `folder` holds, by name, without companions."""
    with os.scandir(folder) as entries:
        return sorted(
            (one for one in entries if not is_companion(one.name)), key=lambda one: one.name
        )


def _is_folder(entry: os.DirEntry[str]) -> bool:
    return entry.name != ".git" and entry.is_dir(follow_symlinks=False)


def _is_file(entry: os.DirEntry[str]) -> bool:
    return entry.is_file(follow_symlinks=False)


def _several(shown: str, top: Path, found: Sequence[Path], what: str) -> str:
    names = [clip(clean(_way(top, path)), 100) for path in found]
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return (
        f"{clean(shown)} holds {len(names)} {what}, and none at its top: "
        f"{', '.join(names[:SHOWN])}{more}. Hand in one, or name the folder that is meant."
    )
