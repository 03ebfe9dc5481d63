"""Reference solutions: found on disk and put together."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.errors import SpecError
from grader.submission.history_blobs import History
from grader.testing import a_challenge
from grader.verify.solutions import accepted_solutions, assemble, rejected_solutions

GOOD = "based_on: plain\npitfall: commit\nremoves: [old.py, folder]\nloses: [entry.stored]\n"


@pytest.fixture
def references(tmp_path: Path) -> Path:
    """Two accepted solutions and a rejected one."""
    exam = tmp_path / "references" / "guestbook"
    for name in ("plain", "fancy"):
        (exam / "accepted" / name / "folder").mkdir(parents=True)
        for path in ("app.py", "old.py", "folder/a.py"):
            (exam / "accepted" / name / path).write_text(name)
    (exam / "rejected" / "forgets").mkdir(parents=True)
    (exam / "rejected" / "forgets" / "app.py").write_text("changed")
    (exam / "rejected" / "forgets" / "solution.yml").write_text(GOOD)
    return tmp_path / "references"


def test_solutions_are_found_by_name(references: Path) -> None:
    """Sorted; a challenge without any has none."""
    assert [one.name for one in accepted_solutions(references, a_challenge())] == ["fancy", "plain"]
    assert accepted_solutions(references, a_challenge(slug="other")) == []
    assert rejected_solutions(references, a_challenge(slug="other")) == []


def test_a_rejected_one_is_put_together(references: Path, tmp_path: Path) -> None:
    """Its base, less what it removes, with its own files; solution.yml stays behind."""
    (solution,) = rejected_solutions(references, a_challenge())
    assert solution.pitfall == "commit"
    assert solution.loses == frozenset({"entry.stored"})
    target = assemble(solution, tmp_path / "whole")
    assert [path.name for path in target.rglob("*")] == ["app.py"]
    assert (target / "app.py").read_text() == "changed"


def test_an_earlier_commit_can_hold_more(references: Path, tmp_path: Path) -> None:
    """In the history, and no longer in the files; also what git is told to ignore."""
    folder = references / "guestbook" / "rejected" / "forgets"
    (folder / "solution.yml").write_text(GOOD + "earlier: before\n")
    (folder / "before").mkdir()
    (folder / "before" / ".env").write_text("A=1")
    (folder / "before" / "app.py").write_text("older")
    (folder / ".gitignore").write_text(".env\n")
    (solution,) = rejected_solutions(references, a_challenge())
    target = assemble(solution, tmp_path / "whole")
    assert sorted(path.name for path in target.iterdir()) == [".git", ".gitignore", "app.py"]
    assert (target / "app.py").read_text() == "changed"
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    held = {(one.path, one.content) for one in History(target, scratch).blobs()}
    assert {(".env", b"A=1"), ("app.py", b"older"), ("app.py", b"changed")} <= held


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("pitfall", "earlier: ..\npitfall", "forgets: earlier '..' is no folder beside"),
        ("pitfall", "earlier: [a]\npitfall", "forgets: earlier ['a'] is no folder beside"),
        ("plain", "plane", "forgets: based_on 'plane' is no accepted solution. Did you mean"),
        ("based_on: plain\n", "", "forgets: based_on 'None' is no accepted solution."),
        ("based_on: plain", "based_on: [plain]", "forgets: based_on \"['plain']\" is no accepted"),
        ("entry.stored", "entry.store", "forgets: loses 'entry.store', which is no criterion."),
        ("loses: [entry.stored]", "loses: entry.stored", "forgets: `loses` should list at least"),
        ("[entry.stored]", "[]", "forgets: `loses` should list at least one criterion."),
        ("[entry.stored]", "[{a: 1}]", "forgets: loses {'a': 1}, which is no criterion."),
        ("pitfall", "pitfal", "forgets: pitfal is not known in solution.yml."),
        ("[old.py, folder]", "old.py", "forgets: `removes` should list files of 'plain'."),
        ("old.py,", "new.py,", "forgets: removes 'new.py', which 'plain' does not have."),
        ("old.py,", "../fancy,", "forgets: removes '../fancy', which 'plain' does not have."),
        ("old.py,", "/etc,", "forgets: removes '/etc', which 'plain' does not have."),
        ("commit", "{", "forgets/solution.yml:"),
    ],
)
def test_each_fault_of_a_solution_is_named(
    references: Path, old: str, new: str, sentence: str
) -> None:
    """With the folder and what it should be."""
    path = references / "guestbook/rejected/forgets/solution.yml"
    path.write_text(GOOD.replace(old, new))
    with pytest.raises(SpecError) as caught:
        rejected_solutions(references, a_challenge())
    (problem,) = caught.value.problems
    assert problem.startswith(sentence)


def test_all_faults_are_listed_at_once(references: Path) -> None:
    """Of each solution; one without solution.yml among them."""
    (references / "guestbook/rejected/empty").mkdir()
    path = references / "guestbook/rejected/forgets/solution.yml"
    path.write_text("based_on: x\nloses: [y]\nz: 1\n")
    with pytest.raises(SpecError) as caught:
        rejected_solutions(references, a_challenge())
    assert len(caught.value.problems) == 4
