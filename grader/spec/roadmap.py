"""`roadmap.yml`: the topics that the exams are about, and the criteria that examine each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from grader.errors import SpecError
from grader.spec.problems import schema_problems
from grader.yamldoc import read

NAME = "roadmap.yml"
SCHEMA = Path(__file__).with_name("roadmap.schema.json")


@dataclass(frozen=True, kw_only=True)
class Topic:
    """One row."""

    id: str
    sources: tuple[str, ...]
    """The roadmaps that name it, a letter each."""
    project: str
    pitfall: str
    seen: str
    section: str = ""
    """The part of the roadmaps that it stands in."""
    examined: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Challenges to their criteria that examine it."""
    planned: str = ""
    """The challenge that is to examine it; empty where it is examined."""
    so_far: str = ""

    @property
    def is_covered(self) -> bool:
        """Whether an exam examines it."""
        return bool(self.examined)


def read_roadmap(path: Path) -> tuple[Topic, ...]:
    """Return the rows of the file at `path`. Raises `SpecError` listing every fault."""
    document = read(path)
    problems = list(document.problems)
    if document.whole and not problems:
        problems += schema_problems(document, SCHEMA)
    if not problems:
        counts = Counter(row["id"] for row in document.value["topics"])
        problems += [
            f"{document.at(('topics', index, 'id'))}: {row['id']!r} is there twice."
            for index, row in enumerate(document.value["topics"])
            if counts[row["id"]] > 1
        ]
    if problems:
        raise SpecError(str(path), problems)
    return tuple(
        Topic(
            id=row["id"],
            sources=tuple(row["from"]),
            project=row["project"],
            pitfall=row["pitfall"],
            seen=row["seen"],
            section=row.get("section", ""),
            examined={one["challenge"]: tuple(one["criteria"]) for one in row.get("examined", ())},
            planned=row.get("planned", ""),
            so_far=row.get("so_far", ""),
        )
        for row in document.value["topics"]
    )
