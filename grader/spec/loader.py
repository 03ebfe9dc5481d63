"""challenge.yml to `Challenge`."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction
from pathlib import Path, PurePath
from typing import Any

from grader.app_spec import AppSpec, Limits, Readiness
from grader.criteria import needs_of
from grader.errors import SpecError
from grader.model import Challenge, Criterion, Part, ServiceSpec, Visibility, exact
from grader.service_catalogue import built_in, services_of
from grader.sizes import size
from grader.spec.base_images import usual_images
from grader.spec.meaning import meaning_problems, own_services
from grader.spec.problems import schema_problems
from grader.spec.roles import roles_of
from grader.spec.volumes import volumes_of
from grader.yamldoc import Document, read

LINE = re.compile(r"^[^:]+:(\d+): ")
SHOWN = frozenset({
    "title", "version", "summary", "level", "topics", "duration", "pass_mark", "deadline",
    "criteria",
})  # fmt: skip
"""Keys of challenge.yml that no outcome depends on; of the criteria, see `SHOWN_OF_CRITERION`."""
SHOWN_OF_CRITERION = frozenset({"title", "points", "hint", "required", "unkillable"})
NO_PORT = 0
"""The port of an app that serves nothing."""
PLACE = re.compile(r"^[^:]+:\d+: \S+")


def load(folder: Path, *, digested: bool = True) -> Challenge:
    """Read the challenge in `folder`; without `digested` its digest is empty, and no file is read.

    Raises `SpecError` with every problem found, each naming file, line, place and value.
    """
    document = read(folder / "challenge.yml")
    if problems := _problems(document, folder):
        raise SpecError(str(folder / "challenge.yml"), problems)
    return _challenge(document.value, folder, digest(folder) if digested else "")


def _problems(document: Document, folder: Path) -> list[str]:
    """All that is wrong, by line: with its form as YAML, as a spec, and with what it means."""
    found = list(document.problems)
    if document.whole:
        told = {match[0] for problem in found if (match := PLACE.match(problem))}
        later = [
            *schema_problems(document, services=own_services(document, folder)),
            *meaning_problems(document, folder),
        ]
        found += [one for one in later if not (place := PLACE.match(one)) or place[0] not in told]
    return sorted(found, key=_line)


def _line(problem: str) -> int:
    found = LINE.match(problem)
    return int(found[1]) if found else 0


def _challenge(spec: dict[str, Any], folder: Path, digest: str) -> Challenge:
    app = spec.get("app", {})
    asked_for = spec.get("services", {})
    limits = _limits(spec.get("limits", {}))
    roles = roles_of(spec["submission"].get("roles", {}))
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
        base_images=tuple(spec["submission"].get("base_images", usual_images(roles))),
        app=AppSpec(
            port=int(app.get("port", NO_PORT)),
            ready=_readiness(app.get("ready", {}), limits),
            env={name: str(value) for name, value in app.get("env", {}).items()},
            volumes=volumes_of(app.get("volumes", [])),
            tls=int(app.get("tls", 0)),
        ),
        services=tuple(_service(name, asked, folder) for name, asked in asked_for.items()),
        limits=limits,
        criteria=tuple(_criterion(item) for item in spec["criteria"]),
        root=folder.resolve(),
        contract=(folder / spec["contract"]).resolve() if "contract" in spec else None,
        digest=digest,
        mysql=spec["submission"].get("mysql", ""),
        roles=roles,
        history=spec["submission"].get("history", False),
        examined=examined_digest(folder, spec) if digest else "",
        deadline=moment(spec["deadline"]) if "deadline" in spec else None,
    )


def _readiness(ready: dict[str, Any], limits: Limits) -> Readiness:
    return Readiness(
        path=ready.get("path", ""),
        status=int(ready.get("status", 200)),
        within=seconds(ready["within"]) if "within" in ready else limits.start,
    )


def _service(name: str, asked: dict[str, Any], challenge: Path) -> ServiceSpec:
    options = {key: value for key, value in asked.items() if key != "image"}
    return ServiceSpec(
        name=name,
        image=asked.get("image", ""),
        options=tuple(sorted(options.items())),
        folder=None if name in built_in() else services_of(challenge)[name].folder,
    )


def _criterion(item: dict[str, Any]) -> Criterion:
    return Criterion(
        id=item["id"],
        title=item["title"],
        points=int(item["points"]),
        needs=needs_of(item["id"], item.get("needs", ())),
        visibility=Visibility(item.get("visibility", "visible")),
        hint=item.get("hint", ""),
        unkillable=item.get("unkillable", ""),
        required=item.get("required", False),
        parts=tuple(
            Part(id=one["id"], title=one["title"], points=exact(Fraction(one["points"])))
            for one in item.get("parts", ())
        ),
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


def moment(text: str) -> datetime:
    """Return the moment of a text like `2030-06-30T18:00+02:00`.

    Raises `ValueError` for another one.

    Without a zone it is in that of this machine.
    """
    return datetime.fromisoformat(text).astimezone()


def examined_digest(folder: Path, spec: dict[str, Any]) -> str:
    """`sha256:…` over what the outcomes of a run depend on.

    The brief, the starter and what `SHOWN` lists of challenge.yml are left out: where nothing but
    these has changed, what is there can be scored again without being graded again.
    """
    kept: dict[str, Any] = {name: value for name, value in spec.items() if name not in SHOWN}
    kept["criteria"] = sorted(map(_examined, spec["criteria"]), key=lambda one: str(one["id"]))
    total = hashlib.sha256(json.dumps(kept, sort_keys=True, default=str).encode())
    for name, content in _contents(folder):
        if name.parts[0] != "starter" and name.as_posix() not in {"README.md", "challenge.yml"}:
            total.update(f"{name.as_posix()}\0{content}\n".encode())
    return f"sha256:{total.hexdigest()}"


def _examined(criterion: dict[str, Any]) -> dict[str, Any]:
    """Return what of a criterion decides how it is examined, and its parts by id."""
    kept = {name: value for name, value in criterion.items() if name not in SHOWN_OF_CRITERION}
    if "parts" in criterion:
        kept["parts"] = sorted(part["id"] for part in criterion["parts"])
    return kept


def _contents(folder: Path) -> Iterator[tuple[PurePath, str]]:
    """Each file of `folder`, seen from it, with the digest of its content."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_file() and "__pycache__" not in name.parts:
            yield name, hashlib.sha256(path.read_bytes()).hexdigest()


def digest(folder: Path) -> str:
    """`sha256:…` over the names and contents of every file in `folder`."""
    total = hashlib.sha256()
    for name, content in _contents(folder):
        total.update(f"{name.as_posix()}\0{content}\n".encode())
    return f"sha256:{total.hexdigest()}"
