"""The brief against the contract: the routes that students read are those that are declared."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from grader.model import Criterion
from grader.text import nearest

ROUTE = re.compile(r"^\|\s*`(GET|POST|PUT|PATCH|DELETE) (/[^`\s?]*)[^`]*`\s*\|")
"""The first cell of a table's row that is a route: | `GET /todos/{id}` | …"""
REQUIRED = re.compile(r"(?<![\w.-])required(?![\w-])", re.IGNORECASE)


def names(brief: str, word: str) -> bool:
    """Return whether `brief` names `word` by itself, not as a part of a longer name."""
    return bool(re.search(rf"(?<![\w.-]){re.escape(word)}(?![\w-]|\.\w)", brief))


def listed_routes(brief: str) -> dict[str, int]:
    """Return the routes that have a row in a table of `brief`, each to its line (from 1)."""
    rows = ((ROUTE.match(line), number) for number, line in enumerate(brief.splitlines(), 1))
    return {f"{match[1]} {_path(match[2])}": number for match, number in rows if match}


def route_problems(brief: str, routes: tuple[str, ...], contract: str) -> Iterator[str]:
    """Yield a sentence for each route that only one of the two knows.

    `routes` are the operations of the document called `contract`, like `GET /todos/{id}`. What a
    parameter is called does not matter: `/todos/{id}` and `/todos/<int:todo>` are one path.
    """
    declared = {f"{method} {_path(path)}" for method, _, path in map(_split, routes)}
    listed = listed_routes(brief)
    said = {f"{match[1]} {_path(match[2])}" for match in _MENTION.finditer(brief)}
    for route, (method, _, path) in zip(routes, map(_split, routes), strict=True):
        if f"{method} {_path(path)}" not in said:
            yield f"README.md does not name the route {route} of {contract}; add it."
    for route, line in listed.items():
        if route not in declared:
            near = nearest(route, sorted(declared))
            yield (
                f"README.md:{line}: {contract} does not declare the route {route}.{near} Declare "
                "it there, with `x-suite-only: true` where only the suite can try it out."
            )


def required_problems(brief: str, criteria: Iterable[Criterion]) -> Iterator[str]:
    """Yield a sentence for each of `criteria` that only one of spec and brief calls required.

    The brief calls one required by that word, on a line that names it; one that is not may not be
    marked so in the first cell of its row.
    """
    lines = brief.splitlines()
    for criterion in criteria:
        told = [line for line in lines if REQUIRED.search(line) and names(line, criterion.id)]
        if criterion.required and not told:
            yield (
                f"README.md does not say that {criterion.id} is required; write `{criterion.id}` "
                "**required** into its row, or a sentence."
            )
        for number, line in enumerate(lines, 1):
            cell = line.split("|")[1] if line.startswith("|") and line.count("|") > 1 else ""
            if not criterion.required and REQUIRED.search(cell) and names(cell, criterion.id):
                yield (
                    f"README.md:{number}: {criterion.id} is said to be required, and challenge.yml "
                    "does not say so; write `required: true` there, or take the word out."
                )


_MENTION = re.compile(r"\b(GET|POST|PUT|PATCH|DELETE) (/[^`\s?|,;)]*)")


def _split(route: str) -> tuple[str, str, str]:
    return route.partition(" ")


def _path(path: str) -> str:
    """`path` with each parameter as `{}`, without a full stop or colon of the sentence."""
    return re.sub(r"\{[^}]*\}|<[^>]*>", "{}", path).rstrip(".:")
