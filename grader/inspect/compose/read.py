"""A Compose file to a `Reading`: parsed, filled in, judged, and put together."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from grader.errors import SubmissionRejected
from grader.inspect.compose.assemble import read_project
from grader.inspect.compose.borrowed import check_borrowed
from grader.inspect.compose.drawing import Drawer
from grader.inspect.compose.extends import extend
from grader.inspect.compose.filling import fill_in, find_references
from grader.inspect.compose.find import overrides
from grader.inspect.compose.interpolate import Malformed, VariableReference, fill
from grader.inspect.compose.judge import judge
from grader.inspect.compose.policy import TABLE
from grader.inspect.compose.project import Lack, Reading
from grader.inspect.compose.roles import is_database_image
from grader.inspect.compose.source import ComposeSource
from grader.inspect.compose.supply import Supply
from grader.inspect.compose.variables import Base, Variables, draw_variables, read_base
from grader.inspect.files import read_text
from grader.text import LocatedSentence
from grader.yamldoc import Document, parse

MAX_SERVICES = 100
MAKES = frozenset({"image", "build"})
"""Keys of which each service has one."""
NO_SERVICES = (
    "it has no services; name those that your work consists of under `services:`, "
    "each with `build` or `image`."
)

FIRST_FORMAT = (
    "it has its services at the top, as the first Compose read them, and Docker Compose does not "
    "any more: write `services:` above them, and indent them by two blanks."
)


def draw() -> str:
    """Return a new secret: 32 characters that need no quoting anywhere."""
    return secrets.token_hex(16)


def read_compose(
    root: Path,
    path: str,
    *,
    injected: Mapping[str, str] | None = None,
    fresh: bool = True,
    asked: str | None = None,
    given: Collection[str] = (),
    random: Callable[[], str] = draw,
) -> Reading:
    """Read the Compose file at `path` of the submission in `root`.

    `injected` are variables of the challenge's, which win over the submission's, and `given` the
    paths of files that the challenge puts there, whatever the submission has. With `fresh`
    every secret is drawn again by `random`, which gives a url-safe text each time. The service
    `asked` counts as started whatever its profiles. Raises `SubmissionRejected` with everything
    that the policy forbids.
    """
    injected = injected or {}
    document = parse(path, read_text(root, path), core=True)
    if faults := document.problems or _form(document):
        return Reading(path=path, project=None, faults=tuple(faults))
    source = ComposeSource(root, document, given)
    extend(source)
    base = read_base(root, source.folder)
    drawer = Drawer(random, _database(document, {**base.values, **injected}))
    references = find_references(source)
    refused = _tell_refused(source, base, references)
    variables = draw_variables(base, references, injected=injected, fresh=fresh, drawer=drawer)
    values = variables.values
    supply = Supply(
        source, values, injected=injected, fresh=fresh, drawer=drawer, unset=variables.missing
    )
    for one in overrides(root, path):
        source.note((), f"{one} is left out, though Docker would read it: write it all in {path}.")
    tree = judge(source, fill_in(source, values))
    check_borrowed(supply, tree)
    project = read_project(supply, tree, asked)
    if source.violations:
        raise SubmissionRejected(_rejection(path, source.violations))
    return Reading(
        path=path,
        project=None if source.faults else project,
        faults=source.faults,
        lacks=_lacks(variables if not refused else Variables(values={}), references, supply),
        examples=tuple(path for path in (base.path, base.example_path) if path),
        values={**_defaults(references, values), **values},
        secrets=drawer.drawn,
    )


def _tell_refused(source: ComposeSource, base: Base, references: list[VariableReference]) -> bool:
    """Tell why Compose refuses the `.env` or the example in its place; whether it does.

    Which variables such a file would give is not known, so none of them is missing.
    """
    if base.problem:
        said = f"cannot be filled in, as Compose refuses {base.problem}."
        source.refuse_file((), base.path, said)
    elif base.example_problem and any(one.default is None for one in references):
        said = f"{base.example_problem}. This example stands in for the .env that is not there."
        source.refuse_file((), base.example_path, f"cannot be filled in, as Compose refuses {said}")
    else:
        return False
    return True


def _form(document: Document) -> list[str]:
    """Return what keeps a document from being read as a Compose file at all."""
    name, value = document.name, document.value
    if value is None:
        said = "it is empty; name your services under `services:`."
        return [LocatedSentence(name, 0, said)]
    if not isinstance(value, dict):
        return [LocatedSentence(name, 1, "it is no mapping; begin it with `services:`.")]
    services = value.get("services")
    if not services and not value.get("include"):
        said = FIRST_FORMAT if _first_format(value) else NO_SERVICES
        return [LocatedSentence(name, document.line(("services",)), said)]
    if isinstance(services, dict) and len(services) > MAX_SERVICES:
        said = f"it has more than {MAX_SERVICES} services; keep those that are needed."
        return [LocatedSentence(name, 0, said)]
    return []


def _first_format(value: Mapping[str, Any]) -> bool:
    """Return whether a file without `services` has services at its top."""
    return any(
        key not in TABLE["file"] and isinstance(one, dict) and not one.keys().isdisjoint(MAKES)
        for key, one in value.items()
    )


def _defaults(references: list[VariableReference], values: Mapping[str, str]) -> dict[str, str]:
    """Return what stands in the place of variables that nothing gives.

    The first where it differs.
    """
    found: dict[str, str] = {}
    for one in references:
        if one.default is not None and one.name not in found:
            try:
                found[one.name] = fill(one.default, values)
            except Malformed:
                continue
    return found


def _lacks(
    variables: Variables, references: list[VariableReference], supply: Supply
) -> tuple[Lack, ...]:
    lines = {one.name: one.line for one in reversed(references)}
    values = variables.values
    return (
        *(Lack(name=name, line=lines[name], value=values[name]) for name in variables.missing),
        *(Lack(name=path, line=line, file=True) for path, line in supply.missing.items()),
    )


def _database(document: Document, values: Mapping[str, str]) -> str:
    """Return the name of the MySQL service; `db` where there is none."""
    services: Any = document.value.get("services")
    for name, service in services.items() if isinstance(services, dict) else ():
        image = service.get("image") if isinstance(service, dict) else None
        try:
            if isinstance(image, str) and is_database_image(fill(image, values)):
                return str(name)
        except Malformed:
            continue
    return "db"


def _rejection(path: str, violations: tuple[str, ...]) -> str:
    if len(violations) == 1:
        return violations[0]
    listing = "\n".join(f"  - {violation}" for violation in violations)
    return f"{path} asks for what an exam does not allow; correct each of these:\n{listing}"
