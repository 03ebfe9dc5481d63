"""Reference solutions: found on disk and put together."""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from grader.errors import SpecError
from grader.settings import REPOSITORY
from grader.spec.library import load_all
from grader.submission.history_blobs import History
from grader.testing import a_challenge
from grader.verify.solutions import (
    accepted_solutions,
    assemble,
    rejected_solution,
    rejected_solutions,
)


def test_solutions_are_found_by_name(references: Path) -> None:
    """Sorted; a challenge without any has none."""
    assert [one.name for one in accepted_solutions(references, a_challenge())] == ["fancy", "plain"]
    assert accepted_solutions(references, a_challenge(slug="other")) == []
    assert rejected_solutions(references, a_challenge(slug="other")) == []


def test_a_rejected_one_is_put_together(references: Path, tmp_path: Path) -> None:
    """Its base, less what it removes, with its mistake."""
    (solution,) = rejected_solutions(references, a_challenge())
    assert solution.pitfall == "commit"
    assert solution.loses == frozenset({"entry.stored"})
    target = assemble(solution, tmp_path / "whole")
    assert sorted(path.name for path in target.rglob("*")) == ["README.md", "app.py"]
    assert "line 10\nchanged\nline 12\n" in (target / "app.py").read_text()


def test_a_repository_around_it_does_not_matter(references: Path, tmp_path: Path) -> None:
    """Git would pass over a patch silently where it finds a repository above."""
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (solution,) = rejected_solutions(references, a_challenge())
    assert "changed" in (assemble(solution, tmp_path / "whole") / "app.py").read_text()


def test_an_earlier_commit_can_hold_more(references: Path, rejected: Path, tmp_path: Path) -> None:
    """In the history, and no longer in the files; also what git is told to ignore."""
    (rejected / "forgets.yml").write_text(
        "based_on: plain\nearlier: forgets.earlier.patch\nloses: [entry.stored]\n"
    )
    (references / "guestbook/accepted/plain/old.py").write_text("plain old\n")
    (rejected / "forgets.patch").write_text(
        "--- /dev/null\n+++ b/.gitignore\n@@ -0,0 +1 @@\n+.env\n"
    )
    (rejected / "forgets.earlier.patch").write_text(
        "--- /dev/null\n+++ b/.env\n@@ -0,0 +1 @@\n+A=1\n"
        "--- a/old.py\n+++ b/old.py\n@@ -1 +1 @@\n-plain old\n+older one\n"
    )
    (solution,) = rejected_solutions(references, a_challenge())
    target = assemble(solution, tmp_path / "whole")
    assert sorted(path.name for path in target.iterdir()) == [
        ".git", ".gitignore", "README.md", "app.py", "folder", "old.py",
    ]  # fmt: skip
    assert (target / "old.py").read_text() == "plain old\n"
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    held = {(one.path, one.content) for one in History(target, scratch).blobs()}
    assert {(".env", b"A=1\n"), ("old.py", b"older one\n"), ("old.py", b"plain old\n")} <= held
    status = ["git", "-C", str(target), "status", "--porcelain"]
    assert subprocess.run(status, check=True, capture_output=True).stdout == b""


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "pitfall",
            "earlier: ..\npitfall",
            "forgets.yml:2: earlier is '..'; it should be forgets.e",
        ),
        ("pitfall", "earlier: [a]\npitfall", "forgets.yml:2: earlier should be a text, not ['a']."),
        (
            "pitfall",
            "earlier: forgets.earlier.patch\npitfall",
            "forgets.yml:2: earlier: there is no forgets.earlier.patch next to forgets.yml. Make",
        ),
        ("plain", "plane", "forgets.yml:1: based_on 'plane' is no accepted solution. Did you mean"),
        ("based_on: plain\n", "", "forgets.yml: `based_on` should name the accepted solution"),
        ("based_on: plain", "based_on: [plain]", "forgets.yml:1: based_on should be a text, not ["),
        ("commit", "7", "forgets.yml:2: pitfall should be a text, not 7."),
        (
            "entry.stored",
            "entry.store",
            "forgets.yml:4: loses[0] is 'entry.store', which is no criterion. Did you mean 'ent",
        ),
        (
            "loses: [entry.stored]",
            "loses: entry.stored",
            "forgets.yml:4: loses should list at least",
        ),
        ("[entry.stored]", "[]", "forgets.yml:4: loses should list at least one criterion."),
        (
            "[entry.stored]",
            "[{a: 1}]",
            "forgets.yml:4: loses[0] is {'a': 1}, which is no criterion.",
        ),
        (
            "pitfall",
            "pitfal",
            "forgets.yml:2: pitfal is not known in a rejected solution. Did you mean 'pitfall'?",
        ),
        ("[old.py, folder]", "old.py", "forgets.yml:3: removes should list files of 'plain'."),
        ("old.py,", "new.py,", "forgets.yml:3: removes[0] is 'new.py', which 'plain' lacks."),
        ("old.py,", "../fancy,", "forgets.yml:3: removes[0] is '../fancy', which 'plain' lacks."),
        ("old.py,", "/etc,", "forgets.yml:3: removes[0] is '/etc', which 'plain' lacks."),
        ("commit", "{", "forgets.yml:"),
    ],
)
def test_each_fault_of_a_solution_is_named(
    references: Path, rejected: Path, old: str, new: str, sentence: str
) -> None:
    """With its file and line, and what it should be."""
    path = rejected / "forgets.yml"
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(SpecError) as caught:
        rejected_solutions(references, a_challenge())
    (problem,) = caught.value.problems
    assert problem.startswith(sentence)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("folder/", "rejected/folder is a folder. A rejected solution is folder.yml and folder.pa"),
        ("notes.txt", "rejected/notes.txt is not read; name it NAME.yml or NAME.patch."),
        ("other.yaml", "rejected/other.yaml is not read; name it NAME.yml or NAME.patch."),
        (
            "forget.patch",
            "rejected/forget.patch belongs to no solution: there is no forget.yml. Did you mean 'f",
        ),
        (
            "new.earlier.patch",
            "rejected/new.earlier.patch belongs to no solution: there is no new.",
        ),
    ],
)
def test_what_belongs_to_no_solution_is_named(
    references: Path, rejected: Path, name: str, sentence: str
) -> None:
    """It would be passed over silently; hidden files are."""
    (rejected / ".DS_Store").touch()
    if name.endswith("/"):
        (rejected / name).mkdir()
    else:
        (rejected / name).touch()
    with pytest.raises(SpecError) as caught:
        rejected_solutions(references, a_challenge())
    (problem,) = caught.value.problems
    assert problem.startswith(sentence)


def test_all_faults_are_listed_at_once(references: Path, rejected: Path) -> None:
    """Of each solution; one that says nothing and one without a patch among them."""
    (rejected / "empty.yml").touch()
    (rejected / "bare.yml").write_text("based_on: plain\nloses: [entry.stored]\n")
    (rejected / "forgets.yml").write_text("based_on: x\nloses: [y]\nz: 1\n")
    with pytest.raises(SpecError) as caught:
        rejected_solutions(references, a_challenge())
    assert [problem.partition(":")[0] for problem in caught.value.problems] == [
        "bare.yml", "empty.yml", "forgets.yml", "forgets.yml", "forgets.yml",
    ]  # fmt: skip
    assert "there is no bare.patch alongside it" in caught.value.problems[0]


def test_a_patch_that_no_longer_applies(references: Path, tmp_path: Path) -> None:
    """Its hunk is named with file and line, what to do as well, and nothing is left behind."""
    app = references / "guestbook/accepted/plain/app.py"
    app.write_text(app.read_text().replace("line 12", "another line 12"))
    solution = rejected_solution(references, a_challenge(), "forgets")
    with pytest.raises(SpecError) as caught:
        assemble(solution, tmp_path / "whole")
    (problem,) = caught.value.problems
    where = "rejected/forgets.patch:3: the hunk `@@ -8,7 +8,7 @@` no longer applies: "
    assert problem == (
        f"{where}accepted/plain has other lines at app.py:8. Make the mistake again in a copy of "
        "plain, then: grader solution SLUG forgets --from DIR"
    )
    assert not (tmp_path / "whole").exists()


@pytest.mark.slow
def test_every_solution_of_ours_is_a_patch_that_applies(tmp_path: Path) -> None:
    """None is left behind by a change to what it is based on; together they stay readable."""
    references = REPOSITORY / "reference_solutions"
    solutions = [
        (one, tmp_path / challenge.slug / one.name)
        for challenge in load_all([REPOSITORY / "challenges"])[0].values()
        for one in rejected_solutions(references, challenge)
    ]
    with ThreadPoolExecutor(max_workers=8) as pool:
        assert len(list(pool.map(assemble, *zip(*solutions, strict=True)))) >= 290
    lines = sum(len(path.read_bytes().splitlines()) for path in references.glob("*/rejected/*"))
    assert lines / len(solutions) < 6500 / 290
