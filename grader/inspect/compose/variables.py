"""Which value each variable of a Compose file gets: the submission's own, or one that is drawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from grader.inspect.compose.dotenv import env_text, read_dotenv
from grader.inspect.compose.drawing import Drawer
from grader.inspect.compose.interpolate import Malformed, VariableReference, fill
from grader.inspect.compose.names import Role, is_of_database, is_secret, role
from grader.inspect.files import is_file

EXAMPLES = (
    ".env.example", ".env.sample", ".env.template", ".env.dist",
    "env.example", "example.env", ".env-example",
)  # fmt: skip
SUFFIXES = (".example", ".sample", ".template", ".dist")
HOST = {"PWD": ".", "HOME": "/root", "COMPOSE_PROJECT_NAME": "exam"}
"""What Compose would take from the machine; here it is the same on every one."""


@dataclass(frozen=True, kw_only=True)
class Variables:
    """The values that a Compose file is filled in with."""

    values: Mapping[str, str]
    missing: tuple[str, ...] = ()
    """Names that the file asks for and nothing gives; secrets have a value all the same."""


@dataclass(frozen=True, kw_only=True)
class Base:
    """What the submission itself says of its variables."""

    env: str = ""
    """The text of `.env`."""
    path: str = ""
    """Where that stands; empty where there is none."""
    example: str = ""
    """The text of an example of it."""
    example_path: str = ""
    """Where that stands; empty where there is none."""
    values: Mapping[str, str] = field(default_factory=dict)
    """`.env`, and of the example what that lacks."""
    problem: str = ""
    """Why Compose refuses the `.env`, a clause that begins with its path; empty where not."""
    example_problem: str = ""
    """The same of the example, where that stands in for a `.env` that is not there."""


def read_base(root: Path, folder: str) -> Base:
    """Return what is given alongside a Compose file in `folder`."""
    path = str(PurePosixPath(folder, ".env"))
    env = env_text(root, path)
    sample = next(iter(examples(root, folder)), "")
    example = env_text(root, sample) if sample else ""
    own, given = read_dotenv(env), read_dotenv(example)
    stands_in = given.problem and not is_file(root, path)
    return Base(
        env=env,
        path=path if is_file(root, path) else "",
        example=example,
        example_path=sample,
        values={**given.values, **own.values},
        problem=f"{path}, {own.problem}" if own.problem else "",
        example_problem=f"{sample}, {given.problem}" if stands_in else "",
    )


def examples(root: Path, folder: str, name: str = ".env") -> list[str]:
    """Return the paths of the examples of a file `name` in `folder`, the nearest first."""
    own = [f"{name}{suffix}" for suffix in SUFFIXES]
    usual = [str(PurePosixPath(where, one)) for where in (folder, "") for one in EXAMPLES]
    paths = [*(str(PurePosixPath(folder, one)) for one in own), *usual]
    return [path for path in dict.fromkeys(paths) if is_file(root, path)]


def draw_variables(
    base: Base,
    references: Iterable[VariableReference],
    *,
    injected: Mapping[str, str],
    fresh: bool,
    drawer: Drawer,
) -> Variables:
    """Return the value of each variable.

    `injected` wins over all. With `fresh` every secret is drawn again. What is asked for and not
    given is in `missing`: a secret is drawn, the rest is empty, as with Compose.
    """
    references = list(references)
    known = {**HOST, **base.values, **injected}
    missing = _missing(references, known)
    given: dict[str, str] = {}
    for name, old in _secrets(base, references, known).items() if fresh else ():
        if name not in injected:
            given[name] = drawer.renew(name, old)
    structural = {one.name for one in references if one.structural}
    for name in missing:
        if name not in given:
            given[name] = drawer.stand_in(name, structural=name in structural)
    machine = {name: HOST[name] for one in references if (name := one.name) in HOST}
    own = {**machine, **_filled(base, {**given, **injected}, drawer), **given}
    renewed = {name: drawer.in_urls(value) for name, value in own.items()}
    return Variables(values={**renewed, **injected}, missing=missing)


def _secrets(
    base: Base, references: list[VariableReference], known: Mapping[str, str]
) -> dict[str, str]:
    """Return the secrets that the file asks for or the submission gives, with their old values."""
    olds: dict[str, str] = {}
    for one in references:
        if not one.optional:
            olds[one.name] = olds.get(one.name) or known.get(one.name) or _default(one, known)
    olds = {**olds, **base.values, **{name: old for name, old in olds.items() if old}}
    return {name: old for name, old in olds.items() if is_secret(name) and name not in HOST}


def _filled(base: Base, given: Mapping[str, str], drawer: Drawer) -> dict[str, str]:
    """Return the submission's values again, with those in `given` in their place."""
    example = read_dotenv(base.example, given=given).values
    env = read_dotenv(base.env, given=given).values
    for name, value in example.items():
        if not value and name not in env and _is_blank(name):
            example[name] = drawer.make_up(name)
    return {**example, **env}


def _is_blank(name: str) -> bool:
    """Return whether an example that leaves `name` blank means that it is to be filled in."""
    return is_secret(name) or (is_of_database(name) and role(name) is not Role.OTHER)


def _missing(references: list[VariableReference], known: Mapping[str, str]) -> tuple[str, ...]:
    asked = (
        one.name
        for one in references
        if one.default is None
        and not one.optional
        and not any(known.get(outer) for outer in one.within)
        and (one.name not in known or (one.required and not known[one.name]))
    )
    return tuple(dict.fromkeys(asked))


def _default(reference: VariableReference, known: Mapping[str, str]) -> str:
    try:
        return fill(reference.default or "", known)
    except Malformed:
        return ""
