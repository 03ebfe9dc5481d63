"""challenge.yml to `Challenge`."""

from __future__ import annotations

import graphlib
import hashlib
import re
from pathlib import Path
from typing import Any

from grader.errors import SpecError
from grader.model import (
    AppSpec,
    Challenge,
    Criterion,
    Limits,
    Readiness,
    ServiceSpec,
    Visibility,
)
from grader.spec.builtin import BASE_IMAGES, BUILTIN_NEEDS, COMPOSE_ONLY, NEEDS_CONTRACT
from grader.spec.problems import schema_problems
from grader.text import nearest
from grader.yamldoc import Document, read

ALWAYS_FOUND = ("docker.builds", "app.starts")
"""Criteria that have a result in every run, priced or not."""
PLACEHOLDER = re.compile(r"\$\{([^}]*)\}")
KNOWN_VALUES = ("mysql.host", "mysql.port", "mysql.database", "mysql.user", "mysql.password")


def load(folder: Path) -> Challenge:
    """Read the challenge in `folder`.

    Raises `SpecError` with every problem found, each naming file, line, place and value.
    """
    document = read(folder / "challenge.yml")
    problems = document.problems or schema_problems(document)
    if not problems:
        problems = _meaning_problems(document, folder)
    if problems:
        raise SpecError(str(folder / "challenge.yml"), problems)
    return _challenge(document.value, folder)


def _meaning_problems(document: Document, folder: Path) -> list[str]:
    """What a schema cannot say: names that must agree."""
    spec = document.value
    problems = []
    name = folder.resolve().name
    if spec["slug"] != name:
        problems.append(f"{document.at(('slug',))} is not the folder's name, {name!r}.")
    contract = spec.get("contract")
    if contract and not (folder / contract).is_file():
        problems.append(f"{document.at(('contract',))}: there is no file {contract!r}.")
    if spec["submission"]["mode"] == "compose" and spec.get("services"):
        where = document.at(("services",))
        problems.append(f"{where}: the student's Compose file brings its own; leave them out.")
    problems += _env_problems(document)
    problems += _criteria_problems(document)
    return problems


def _env_problems(document: Document) -> list[str]:
    services = document.value.get("services", {})
    known = [name for name in KNOWN_VALUES if name.split(".")[0] in services]
    problems = []
    for name, template in document.value["app"].get("env", {}).items():
        for value in PLACEHOLDER.findall(str(template)):
            if value not in known and not re.fullmatch(r"secret\.[A-Za-z_][A-Za-z0-9_]*", value):
                where = document.at(("app", "env", name))
                known_names = ", ".join([*known, "secret.NAME"])
                problems.append(
                    f"{where} uses ${{{value}}}; it can use {known_names}.{nearest(value, known)}"
                )
    return problems


def _criteria_problems(document: Document) -> list[str]:
    criteria = document.value["criteria"]
    ids = [criterion["id"] for criterion in criteria]
    problems = []
    for index, criterion in enumerate(criteria):
        where = document.at(("criteria", index))
        if ids.index(criterion["id"]) != index:
            problems.append(f"{where}: the id {criterion['id']!r} stands twice; rename one.")
        if criterion["id"] in NEEDS_CONTRACT and "contract" not in document.value:
            problems.append(f"{where}: {criterion['id']} works from a `contract`; name one.")
        if criterion["id"] in COMPOSE_ONLY and document.value["submission"]["mode"] != "compose":
            problems.append(f"{where}: {criterion['id']} needs `submission: {{mode: compose}}`.")
        known = [*ids, *ALWAYS_FOUND]
        problems += [
            f"{where} needs {need!r}, {_why_not(need)}.{nearest(need, known)}"
            for need in criterion.get("needs", [])
            if need not in known
        ]
    return problems or _cycle_problems(document)


def _why_not(need: str) -> str:
    priced = "which this challenge does not price, so that it has no result"
    return priced if need in BUILTIN_NEEDS else "which is no criterion"


def _cycle_problems(document: Document) -> list[str]:
    needs = {
        item["id"]: (*BUILTIN_NEEDS.get(item["id"], ()), *item.get("needs", ()))
        for item in document.value["criteria"]
    }
    try:
        graphlib.TopologicalSorter({**BUILTIN_NEEDS, **needs}).prepare()
    except graphlib.CycleError as error:
        circle = ", ".join(dict.fromkeys(reversed(error.args[1])))
        return [f"{document.at(('criteria',))}: {circle} need each other in a circle."]
    return []


def _challenge(spec: dict[str, Any], folder: Path) -> Challenge:
    app, ready = spec["app"], spec["app"]["ready"]
    limits = _limits(spec.get("limits", {}))
    return Challenge(
        slug=spec["slug"],
        title=spec["title"],
        version=spec["version"],
        summary=spec["summary"],
        level=spec.get("level", "core"),
        topics=tuple(spec.get("topics", ())),
        duration=seconds(spec.get("duration", "0s")),
        pass_mark=int(spec.get("pass_mark", 60)),
        mode=spec["submission"]["mode"],
        required_files=tuple(spec["submission"].get("required_files", ())),
        base_images=tuple(spec["submission"].get("base_images", BASE_IMAGES)),
        app=AppSpec(
            port=int(app["port"]),
            ready=Readiness(
                path=ready["path"],
                status=int(ready.get("status", 200)),
                within=seconds(ready["within"]) if "within" in ready else limits.start,
            ),
            env={name: str(value) for name, value in app.get("env", {}).items()},
        ),
        services=tuple(
            ServiceSpec(name=name, image=service["image"])
            for name, service in spec.get("services", {}).items()
        ),
        limits=limits,
        criteria=tuple(_criterion(item) for item in spec["criteria"]),
        root=folder.resolve(),
        contract=(folder / spec["contract"]).resolve() if "contract" in spec else None,
        digest=digest(folder),
    )


def _criterion(item: dict[str, Any]) -> Criterion:
    implied = BUILTIN_NEEDS.get(item["id"], ())
    return Criterion(
        id=item["id"],
        title=item["title"],
        points=int(item["points"]),
        needs=tuple(dict.fromkeys((*implied, *item.get("needs", ())))),
        visibility=Visibility(item.get("visibility", "visible")),
        hint=item.get("hint", ""),
        unkillable=item.get("unkillable", ""),
    )


def _limits(spec: dict[str, Any]) -> Limits:
    values: dict[str, Any] = {}
    for name, value in spec.items():
        if name in {"memory", "body", "disk"}:
            values[name] = size(value)
        elif name in {"cpus", "pids", "files"}:
            values[name] = value if name == "cpus" else int(value)
        else:
            values[name] = seconds(value)
    return Limits(**values)


def seconds(text: str) -> float:
    """Seconds of a span like `300s`, `5m`, `2h` or `250ms`."""
    number, unit = re.fullmatch(r"([0-9.]+)(ms|s|m|h)", text).groups()  # type: ignore[union-attr]
    return float(number) * {"ms": 0.001, "s": 1, "m": 60, "h": 3600}[unit]


def size(text: str) -> int:
    """Bytes of a size like `512m`, `64k` or `1g`."""
    return int(text[:-1]) << 10 * ("kmg".index(text[-1]) + 1)


def digest(folder: Path) -> str:
    """`sha256:…` over the names and contents of every file in `folder`."""
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_file() and "__pycache__" not in name.parts:
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            total.update(f"{name.as_posix()}\0{content}\n".encode())
    return f"sha256:{total.hexdigest()}"
