"""Where a submission's Compose file is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from grader.errors import SourceError
from grader.inspect.compose.paths import Outside, inside
from grader.inspect.files import is_file, list_files
from grader.text import clean, clip, nearest

NAMES = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
"""In the order in which Docker prefers them."""
OVERRIDES = tuple(name.replace(".y", ".override.y") for name in NAMES)
ENDINGS = (".yml", ".yaml", ".yml.txt", ".yaml.txt")
SKIPPED = frozenset({"node_modules", ".git", "venv", ".venv", "site-packages"})
HIDDEN = "ends in .txt, which Windows may hide"
MAX_DEPTH = 3
"""In how many folders one below another a file may stand."""


@dataclass(frozen=True, kw_only=True)
class FoundCompose:
    """What a search came to."""

    path: str | None
    """From the repository's top, with slashes; None where there is none."""
    others: tuple[str, ...] = ()
    """Compose files that were not chosen; files that override another are none."""
    problem: str = ""
    """A sentence for the student where there is none."""
    hidden_ending: bool = False
    """Whether that is for a file's ending that Windows may hide."""


def find_compose(root: Path, wanted: str | None = None) -> FoundCompose:
    """Return the Compose file of the submission in `root`.

    `wanted`, else the first where Docker looks.

    The top goes before its folders, and those before theirs. Raises `SourceError` where `wanted`
    is no file of the submission.
    """
    found = sorted(filter(_may_be, list_files(root)), key=_rank)
    found = [path for path in found if is_file(root, path)]
    chosen = _given(root, wanted, found) if wanted is not None else next(iter(found), None)
    problem = "" if chosen else _nothing(root)
    return FoundCompose(
        path=chosen,
        others=tuple(path for path in found if path != chosen),
        problem=problem,
        hidden_ending=HIDDEN in problem,
    )


def overrides(root: Path, path: str) -> tuple[str, ...]:
    """Files alongside the Compose file at `path` that Docker would read over it."""
    folder = PurePosixPath(path).parent
    overrides = (str(folder / name) for name in OVERRIDES)
    return tuple(one for one in overrides if one != path and is_file(root, one))


def _may_be(path: str) -> bool:
    *folders, name = path.split("/")
    return (
        name in NAMES and len(folders) <= MAX_DEPTH and SKIPPED.isdisjoint(folders)
    )  # fmt: skip


def _rank(path: str) -> tuple[int, str, int, str]:
    folder, _, name = path.rpartition("/")
    return path.count("/"), folder, NAMES.index(name), name


def _given(root: Path, wanted: str, found: list[str]) -> str:
    """`wanted` from the repository's top. Raises `SourceError`."""
    said = repr(clip(clean(wanted), 200))
    try:
        path = inside(root, "", wanted)
    except Outside:
        msg = (
            f"The Compose file {said} is not in the submission; name one by its path from the top."
        )
        raise SourceError(msg) from None
    if not is_file(root, path):
        msg = (
            f"The submission has no file {said} to take as its Compose file.{nearest(path, found)}"
        )
        raise SourceError(msg)
    return path


def _nothing(root: Path) -> str:
    said = "Your repository has no Compose file; add compose.yaml at its top."
    for path in list_files(root):
        *folders, name = path.split("/")
        lower = name.lower()
        if not (lower.endswith(ENDINGS) and "compose" in lower and len(folders) <= 1):
            continue
        meant = nearest_name(lower)
        shown = clip(clean(path), 100)
        if lower.endswith(".txt"):
            return f"{said} {shown} {HIDDEN}; rename it to {meant}."
        return f"{said} {shown} is not a name that Docker looks for; rename it to {meant}."
    return said


def nearest_name(name: str) -> str:
    """Return the name that Docker looks for and that `name`, in lower case, was meant to be."""
    plain = name.removesuffix(".txt")
    return plain if plain in NAMES else "docker-compose.yml" if "docker" in plain else NAMES[1]


def misnamed(root: Path) -> str:
    """Return the file at the top of `root` that is a Compose file but for its name's capitals.

    Docker on Linux does not find it. Empty where there is none.
    """
    return next(
        (path for path in list_files(root) if path not in NAMES and path.lower() in NAMES), ""
    )


def other_name(root: Path) -> str:
    """Return a Compose file at the top of `root` whose name Docker does not look for; or empty."""
    known = {*NAMES, *OVERRIDES}
    return next(
        (
            path
            for path in list_files(root)
            if "/" not in path and path.lower() not in known
            and "compose" in path.lower() and path.lower().endswith((".yml", ".yaml"))
        ),
        "",
    )  # fmt: skip
