"""The brief against the contract: the routes that students read are those that are declared."""

from __future__ import annotations

import re
from collections.abc import Iterator

from grader.text import nearest

ROUTE = re.compile(r"^\|\s*`(GET|POST|PUT|PATCH|DELETE) (/[^`\s?]*)[^`]*`\s*\|")
"""The first cell of a table's row that is a route: | `GET /todos/{id}` | …"""


def names(brief: str, word: str) -> bool:
    """Whether `brief` names `word` by itself, not as a part of a longer name."""
    return bool(re.search(rf"(?<![\w.-]){re.escape(word)}(?![\w-]|\.\w)", brief))


def listed_routes(brief: str) -> dict[str, int]:
    """The routes that have a row in a table of `brief`, each to its line (from 1)."""
    rows = ((ROUTE.match(line), number) for number, line in enumerate(brief.splitlines(), 1))
    return {f"{match[1]} {_path(match[2])}": number for match, number in rows if match}


def route_problems(brief: str, routes: tuple[str, ...], contract: str) -> Iterator[str]:
    """A sentence for each route that only one of the two knows.

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


_MENTION = re.compile(r"\b(GET|POST|PUT|PATCH|DELETE) (/[^`\s?|,;)]*)")


def _split(route: str) -> tuple[str, str, str]:
    return route.partition(" ")


def _path(path: str) -> str:
    """`path` with each parameter as `{}`, without a full stop or colon of the sentence."""
    return re.sub(r"\{[^}]*\}|<[^>]*>", "{}", path).rstrip(".:")
