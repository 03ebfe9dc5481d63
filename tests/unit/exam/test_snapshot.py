"""What a suite reads of a submission: history, branches, tags, workflows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.exam.faults import Mismatch, NotReached
from grader.exam.operations import RepositoryTag
from grader.exam.snapshot import Snapshot
from tests.unit.exam.test_dispatch import through

COMMIT = "c" * 40
TAG = {"commit": COMMIT, "annotated": True, "message": "The first release"}


def with_history(root: Path, **told: Any) -> tuple[Snapshot, list[str]]:
    """A snapshot whose history the grader tells so, and what is asked of the grader."""
    asked: list[str] = []
    answer: Callable[[], dict[str, Any]] = lambda: {"commits": [], "unread": "", **told}  # noqa: E731
    call = through({"submission.log": answer})

    def noted(name: str, /, **arguments: Any) -> Any:
        asked.append(name)
        return call(name, **arguments)

    return Snapshot(noted, root, None), asked


def test_branches_and_tags_are_told_by_name(tmp_path: Path) -> None:
    """The history is asked for once, whatever is read of it."""
    commits = [{"commit": COMMIT, "author": "Ada"}]
    told, asked = with_history(
        tmp_path, commits=commits, branches={"main": COMMIT}, tags={"v1": TAG}
    )
    assert told.log == commits
    assert told.branches == {"main": COMMIT}
    assert told.tags["v1"] == RepositoryTag(
        commit=COMMIT, annotated=True, message="The first release"
    )
    assert asked == ["submission.log"]


def test_a_name_that_is_not_there_costs_the_criterion(tmp_path: Path) -> None:
    """It is the repository's fault, and no KeyError of the suite."""
    told, _ = with_history(tmp_path, branches={f"b{number}": COMMIT for number in range(20)})
    with pytest.raises(Mismatch, match=r"has no branch 'main'; it has b0, .*b11\.$"):
        told.branches["main"]
    with pytest.raises(Mismatch, match="has no tag 'v1'; it has none at all"):
        told.tags["v1"]
    assert told.tags.get("v1") is None
    assert "main" not in told.branches


def test_more_than_are_read_cost_what_asks_for_them(tmp_path: Path) -> None:
    """The commits are told all the same."""
    told, _ = with_history(tmp_path, excess="Your repository has 2000 tags.")
    assert told.log == []
    for read in (lambda: told.branches, lambda: told.tags):
        with pytest.raises(Mismatch, match="2000 tags"):
            read()


def test_what_rests_on_half_of_a_history_is_not_reached(tmp_path: Path) -> None:
    told, _ = with_history(tmp_path, branches={"main": COMMIT}, unread="it is a shallow clone.")
    for read in (lambda: told.log, lambda: told.branches, lambda: told.tags):
        with pytest.raises(NotReached, match="shallow clone"):
            read()


def test_workflows_are_read_from_the_files(tmp_path: Path) -> None:
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    (folder / "ci.yml").write_text("on: push\njobs: {}\n")
    told, asked = with_history(tmp_path)
    assert told.workflows() == {".github/workflows/ci.yml": {"on": "push", "jobs": {}}}
    assert asked == []
    with pytest.raises(Mismatch, match=r"has no workflow 'x'; it has \.github/workflows/ci\.yml"):
        told.workflows()["x"]
