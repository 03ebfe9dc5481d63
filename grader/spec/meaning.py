"""What a schema cannot say of a challenge.yml: names that must agree.

Each check looks only at what has the right form, so that all faults of a spec are found at once,
those of its form and those of its meaning.
"""

from __future__ import annotations

import graphlib
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from grader.criteria import ALWAYS_FOUND, BUILTIN, needs_of, stands_on_app
from grader.service_catalogue import PLACEHOLDER, built_in, services_of
from grader.spec.keeping import makes_and_reads
from grader.spec.roles import role_problems
from grader.spec.steps import part_problems
from grader.spec.tls import tls_problems, tls_values
from grader.spec.volumes import volume_problems
from grader.text import nearest
from grader.yamldoc import Document

DRAWN = re.compile(r"(secret|draw)\.[A-Za-z_][A-Za-z0-9_]*")


def meaning_problems(document: Document, folder: Path) -> list[str]:
    """Return a sentence for each name in `document`, the spec in `folder`, that does not agree."""
    spec = _mapping(document.value)
    return [
        *_top_problems(document, spec, folder),
        *_app_problems(document, spec),
        *volume_problems(document, _mapping(spec.get("app")), _mode(spec)),
        *tls_problems(document, spec),
        *_service_problems(document, spec, folder),
        *role_problems(document, spec, services_of(folder)),
        *_env_problems(document, spec, folder),
        *_criteria_problems(document, spec),
        *_keeping_problems(document, spec, folder),
        *part_problems(document, _criteria(spec)),
    ]


def own_services(document: Document, folder: Path) -> tuple[Path, ...]:
    """Return the folders of the services that the challenge in `folder` brings and asks for."""
    asked = _mapping(_mapping(document.value).get("services"))
    known = built_in()
    if not asked.keys() - known.keys():
        return ()
    return tuple(one.folder for name, one in services_of(folder).items() if name not in known)


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _mode(spec: dict[str, Any]) -> Any:
    return _mapping(spec.get("submission")).get("mode")


def _top_problems(document: Document, spec: dict[str, Any], folder: Path) -> Iterator[str]:
    name = folder.resolve().name
    slug = spec.get("slug")
    if isinstance(slug, str) and slug != name:
        where = document.at(("slug",))
        yield f"{where} is {slug!r}, but the folder is called {name!r}; make them the same."
    yield from _deadline_problems(document, spec)
    contract = spec.get("contract")
    if isinstance(contract, str):
        where = document.at(("contract",))
        if folder.resolve() not in (folder / contract).resolve().parents:
            yield f"{where} is {contract!r}, which is not in the challenge's folder; put it there."
        elif not (folder / contract).is_file():
            present = [path.name for path in folder.iterdir() if path.is_file()]
            yield f"{where}: there is no file {contract!r}.{nearest(contract, present)}"


def _app_problems(document: Document, spec: dict[str, Any]) -> Iterator[str]:
    """Return what is missing of how the app is reached, or said where none serves."""
    mode, app = _mode(spec), spec.get("app")
    if mode == "command":
        for name in ("port", "ready", "tls"):
            if name in _mapping(app):
                where = document.at(("app", name))
                yield f"{where}: with `mode: command` nothing is reached over HTTP; leave it out."
        return
    if "app" not in spec:
        if spec:
            yield f"{document.at(())} lacks 'app'; add it."
        return
    missing = [one for one in ("port", "ready") if one not in _mapping(app)]
    if isinstance(app, dict) and missing:
        yield f"{document.at(('app',))} lacks {', '.join(map(repr, missing))}; add it."


def _deadline_problems(document: Document, spec: dict[str, Any]) -> Iterator[str]:
    """Yield a deadline that has the right form and is in no calendar."""
    deadline = spec.get("deadline")
    if isinstance(deadline, str):
        try:
            datetime.fromisoformat(deadline)
        except ValueError:
            where = document.at(("deadline",))
            yield f"{where} is {deadline!r}, which no calendar has; correct it."


def _service_problems(document: Document, spec: dict[str, Any], folder: Path) -> Iterator[str]:
    """Services that a suite could not tell apart: two have one fixture."""
    known, taken = services_of(folder), dict[str, str]()
    for name in _mapping(spec.get("services")):
        if name not in known:
            continue
        fixture = known[name].fixture
        if fixture in taken:
            where = document.at(("services", name))
            first = taken[fixture]
            yield f"{where}: `{fixture}` of a suite is {first} already; ask for one of them."
        taken.setdefault(fixture, name)


def _env_problems(document: Document, spec: dict[str, Any], folder: Path) -> Iterator[str]:
    asked = _mapping(spec.get("services"))
    known = [
        value for name, one in services_of(folder).items() if name in asked for value in one.values
    ]
    known += tls_values(spec)
    for name, template in _mapping(_mapping(spec.get("app")).get("env")).items():
        where = document.at(("app", "env", name))
        for value in PLACEHOLDER.findall(str(template)):
            if value not in known and not DRAWN.fullmatch(value):
                names = ", ".join([*known, "secret.NAME", "draw.NAME"])
                yield f"{where} uses ${{{value}}}; it can use {names}.{nearest(value, known)}"
        if "${" in PLACEHOLDER.sub("", str(template)):
            yield f"{where} has a ${{ without its }}; close it."


def _criteria(spec: dict[str, Any]) -> list[tuple[int, dict[str, Any]]]:
    """Return the criteria that have an id, with their places in the list."""
    listed = spec.get("criteria")
    return [
        (index, item)
        for index, item in enumerate(listed if isinstance(listed, list) else [])
        if isinstance(item, dict) and isinstance(item.get("id"), str)
    ]


def _needs(item: dict[str, Any]) -> list[str]:
    needs = item.get("needs")
    return [need for need in needs if isinstance(need, str)] if isinstance(needs, list) else []


def _criteria_problems(document: Document, spec: dict[str, Any]) -> list[str]:
    criteria = _criteria(spec)
    ids = [item["id"] for _, item in criteria]
    first = {item["id"]: document.line(("criteria", index)) for index, item in reversed(criteria)}
    listed = spec.get("criteria")
    all_named = isinstance(listed, list) and len(criteria) == len(listed)
    problems = []
    for position, (index, item) in enumerate(criteria):
        name, where = item["id"], document.at(("criteria", index))
        if ids.index(name) != position:
            problems.append(
                f"{where}: the id {name!r} stands twice, first in line {first[name]}; rename one."
            )
        built_in = BUILTIN.get(name)
        if built_in and built_in.contract and "contract" not in spec:
            problems.append(f"{where}: {name} works from a `contract`; name one.")
        if built_in and built_in.compose_only and _mode(spec) == "dockerfile":
            problems.append(f"{where}: {name} needs `submission: {{mode: compose}}`.")
        if _mode(spec) == "command" and (
            stands_on_app(name) or (built_in and (built_in.contract or built_in.compose_only))
        ):
            problems.append(
                f"{where}: {name} is about an app that serves, and with `mode: command` there is "
                "none; leave it out."
            )
        found = [one for one in ALWAYS_FOUND if _mode(spec) != "command" or not stands_on_app(one)]
        known = [*ids, *found]
        problems += [
            f"{where} needs {need!r}, {_why_not(need, known)}"
            for need in (_needs(item) if all_named else ())
            if need not in known
        ]
    return problems or _cycle_problems(document, criteria)


def _keeping_problems(document: Document, spec: dict[str, Any], folder: Path) -> Iterator[str]:
    """Criteria about what survives, where the contract has nothing that can be made and read."""
    keeping = [
        (at, item["id"])
        for at, item in _criteria(spec)
        if item["id"] in BUILTIN and BUILTIN[item["id"]].keeps_data
    ]
    contract = spec.get("contract")
    if keeping and isinstance(contract, str) and not makes_and_reads(folder / contract):
        for index, name in keeping:
            yield (
                f"{document.at(('criteria', index))}: {name} makes something with a POST of JSON "
                f"and reads it with GET /…/{{id}}; {contract} declares no such two. Declare them, "
                "or price a criterion whose test saves something, calls app.recreate(), app.kill() "
                "or db.restart(), and looks for it."
            )


def _why_not(need: str, known: list[str]) -> str:
    if need in BUILTIN:
        return "which this challenge does not price, so that it has no result. Price it as well."
    return f"which is no criterion.{nearest(need, known)}"


def _cycle_problems(document: Document, criteria: list[tuple[int, dict[str, Any]]]) -> list[str]:
    needs = {name: needs_of(name) for name in BUILTIN}
    needs |= {item["id"]: needs_of(item["id"], _needs(item)) for _, item in criteria}
    try:
        graphlib.TopologicalSorter(needs).prepare()
    except graphlib.CycleError as error:
        circle = list(dict.fromkeys(reversed(error.args[1])))
        place = next(index for index, item in criteria if item["id"] in circle)
        said = f"{circle[0]} needs itself" if len(circle) == 1 else (
            f"{', '.join(circle)} need each other in a circle"
        )  # fmt: skip
        return [f"{document.at(('criteria', place))}: {said}; take one of the `needs` out."]
    return []
