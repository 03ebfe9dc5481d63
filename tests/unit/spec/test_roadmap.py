"""The file of topics: read, and refused with a sentence for each fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.errors import SpecError
from grader.spec.roadmap import read_roadmap

ROW = """\
  - id: commit
    from: [T]
    project: registration
    pitfall: forgotten-commit
    seen: a second connection sees the row
"""
EXAMINED = "    examined:\n      - {challenge: guestbook, criteria: [entry.stored]}\n"


def write(folder: Path, text: str) -> Path:
    path = folder / "roadmap.yml"
    path.write_text(f"topics:\n{text}")
    return path


def test_rows_are_read(tmp_path: Path) -> None:
    """Examined ones with their criteria, others with the challenge that is planned."""
    other = ROW.replace("commit\n", "crud\n", 1) + "    planned: later\n    so_far: a little\n"
    first, second = read_roadmap(write(tmp_path, ROW + EXAMINED + other))
    assert first.examined == {"guestbook": ("entry.stored",)}
    assert first.is_covered
    assert (second.planned, second.so_far, second.is_covered) == ("later", "a little", False)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (ROW, "roadmap.yml:2: topics[0] is"),
        (ROW + EXAMINED + "    planned: later\n", "roadmap.yml:2: topics[0] is"),
        (ROW + "    planed: later\n", "topics[0].planed is not a key known here. Did you mean"),
        (ROW.replace("[T]", "[X]") + EXAMINED, 'roadmap.yml:3: topics[0].from[0] is "X"; it can'),
        ((ROW + EXAMINED) * 2, "roadmap.yml:2: topics[0].id: 'commit' is there twice."),
        ("  - [", "roadmap.yml:"),
    ],
)
def test_each_fault_is_told(tmp_path: Path, text: str, said: str) -> None:
    """With file, line and place."""
    with pytest.raises(SpecError) as caught:
        read_roadmap(write(tmp_path, text))
    assert said in "\n".join(caught.value.problems)
