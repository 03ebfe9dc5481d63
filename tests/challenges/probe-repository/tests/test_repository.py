"""What is in the repository and its history."""

import ast

import pytest


def merges(submission):
    """The commits that merge, newest first."""
    return [one["commit"] for one in submission.log if " " in one["parents"]]


@pytest.mark.criterion("history.people")
def test_two_people_have_committed(submission):
    people = {one["email"] for one in submission.log}
    assert len(people) >= 2, "Fewer than two people have committed."


@pytest.mark.criterion("history.merged")
def test_a_branch_was_merged(submission):
    assert merges(submission), "No commit merges a branch."


@pytest.mark.criterion("history.branches")
def test_a_branch_is_there(submission):
    others = {name: commit for name, commit in submission.branches.items() if name != "main"}
    assert others, "There is no branch next to main."
    behind = {parent for one in submission.log for parent in one["parents"].split()}
    assert behind & set(others.values()), "No branch next to main was merged."


@pytest.mark.criterion("history.tagged")
def test_the_merge_is_tagged(submission):
    tag = submission.tags["v1.0"]
    assert tag.commit in merges(submission), "v1.0 is no commit that merges."
    assert tag.message, "v1.0 has no message; make it with `git tag -a`."


@pytest.mark.criterion("workflow.tests")
def test_a_workflow_runs_the_tests(submission):
    for flow in submission.workflows().values():
        commands = [str(step.get("run", "")) for step in flow.steps]
        if "push" in flow.events and any("pytest" in one for one in commands):
            return
    pytest.fail("No workflow runs pytest on each push.")


@pytest.mark.criterion("sources.tested")
def test_there_is_a_test(submission):
    found = [
        node.name
        for tree in submission.python_sources().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]
    assert found, "No function of a Python file begins with test_."
