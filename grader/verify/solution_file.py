"""NAME.yml of a rejected solution, and what lies around it: every fault with its line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from grader.text import nearest
from grader.yamldoc import Document

KEYS = ("based_on", "pitfall", "removes", "earlier", "loses", "why")
"""What a rejected solution's NAME.yml may say."""
TEXTS = ("based_on", "pitfall", "why", "earlier")


def problems_of(
    document: Document,
    place: Path,
    *,
    bases: Mapping[str, Path],
    criteria: Sequence[str],
    complete: bool,
) -> Iterator[str]:
    """Yield a sentence for each fault of the document, whose path is `place` with the suffix .yml.

    `bases` are the folders of the accepted solutions by their names, `criteria` the names of those
    that the challenge has; unless `complete`, patches may be missing.
    """
    spec = document.value
    if not isinstance(spec, dict):
        yield f"{document.name}: it should say {', '.join(KEYS)}."
        return
    for key in spec:
        if key not in KEYS:
            near = nearest(str(key), list(KEYS))
            yield f"{document.at((key,))} is not known in a rejected solution.{near}"
    for key in TEXTS:
        if key in spec and not isinstance(spec[key], str):
            yield f"{document.at((key,))} should be a text, not {spec[key]!r}."
    base = spec.get("based_on")
    if base is None:
        yield f"{document.name}: `based_on` should name the accepted solution that has the mistake."
    elif isinstance(base, str) and base not in bases:
        near = nearest(base, list(bases))
        yield f"{document.at(('based_on',))} {base!r} is no accepted solution.{near}"
    yield from _loses_problems(document, list(criteria))
    if isinstance(base, str) and base in bases:
        yield from _removes_problems(document, base, bases[base])
    yield from _patch_problems(document, place, complete=complete)


def strays(folder: Path) -> Iterator[str]:
    """Yield a sentence for each thing in the folder of rejected solutions that belongs to none."""
    paths = sorted(folder.iterdir()) if folder.is_dir() else []
    known = {path.stem for path in paths if path.suffix == ".yml"}
    for path in paths:
        name = path.name.removesuffix(".patch").removesuffix(".earlier")
        if path.name.startswith("."):
            continue
        if path.is_dir():
            yield (
                f"rejected/{path.name} is a folder. A rejected solution is {path.name}.yml and "
                f"{path.name}.patch; `grader solution SLUG {path.name} --from DIR` makes the patch."
            )
        elif path.suffix not in {".yml", ".patch"}:
            yield f"rejected/{path.name} is not read; name it NAME.yml or NAME.patch."
        elif path.suffix == ".patch" and name not in known:
            near = nearest(name, sorted(known))
            yield f"rejected/{path.name} belongs to no solution: there is no {name}.yml.{near}"


def _loses_problems(document: Document, known: list[str]) -> Iterator[str]:
    loses = document.value.get("loses")
    if not isinstance(loses, list) or not loses:
        yield f"{document.at(('loses',))} should list at least one criterion."
        return
    for index, name in enumerate(loses):
        if name not in known:
            near = nearest(str(name), known)
            yield f"{document.at(('loses', index))} is {name!r}, which is no criterion.{near}"


def _removes_problems(document: Document, base: str, root: Path) -> Iterator[str]:
    removes = document.value.get("removes", [])
    if not isinstance(removes, list):
        yield f"{document.at(('removes',))} should list files of {base!r}."
        return
    for index, path in enumerate(map(str, removes)):
        if {"..", "/"} & set(Path(path).parts) or not (root / path).exists():
            yield f"{document.at(('removes', index))} is {path!r}, which {base!r} lacks."


def _patch_problems(document: Document, place: Path, *, complete: bool) -> Iterator[str]:
    """Yield what is wrong with the patches that belong to a NAME.yml."""
    folder, name, spec = place.parent, place.name, document.value
    earlier = spec.get("earlier")
    if not isinstance(earlier, str | None):
        return  # said above
    if earlier is not None and earlier != f"{name}.earlier.patch":
        yield (
            f"{document.at(('earlier',))} is {earlier!r}; it should be {name}.earlier.patch, "
            f"alongside {document.name}."
        )
    elif complete and earlier and not (folder / earlier).is_file():
        yield (
            f"{document.at(('earlier',))}: there is no {earlier} next to {document.name}. Make it "
            f"of a copy whose first commit holds it: grader solution SLUG {name} --from DIR."
        )
    if complete and not ((folder / f"{name}.patch").is_file() or spec.get("removes") or earlier):
        yield (
            f"{document.name}: there is no {name}.patch alongside it. Make it of an edited copy: "
            f"grader solution SLUG {name} --from DIR."
        )
