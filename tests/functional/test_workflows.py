"""The workflows to copy and the actions: valid, and safe by what their checkers know."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent.parent
ACTIONS = sorted((ROOT / ".github" / "actions").glob("*/action.yml"))
OURS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
GRADES, COMMENTS, GITLAB = (
    ROOT / "docs" / "ci" / name for name in ("exam.yml", "exam-comment.yml", "gitlab-ci.yml")
)
TOOLS = Path(sys.executable).parent


def tool(name: str, *arguments: object) -> str:
    """What a checker prints; the test fails where it finds something."""
    done = subprocess.run(
        [str(TOOLS / name), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def load(path: Path) -> dict[Any, Any]:
    loaded: dict[Any, Any] = yaml.safe_load(path.read_text("utf-8"))
    return loaded


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("vendor.github-workflows", [GRADES, COMMENTS, *OURS]),
        ("vendor.github-actions", ACTIONS),
        ("vendor.gitlab-ci", [GITLAB]),
    ],
)
def test_their_hosts_schemas_accept_them(schema: str, files: list[Path]) -> None:
    """What an editor would check."""
    tool("check-jsonschema", "--builtin-schema", schema, *files)


def test_zizmor_finds_nothing() -> None:
    """Neither in what we run nor in what others copy; one finding is accepted, with its reason."""
    said = tool("zizmor", "--offline", "--no-progress", *ACTIONS, *OURS, GRADES, COMMENTS)
    assert "No findings to report" in said
    accepted = [path for path in (*ACTIONS, *OURS, GRADES, COMMENTS)
                if "zizmor: ignore" in path.read_text("utf-8")]  # fmt: skip
    assert accepted == [COMMENTS]


def test_zizmor_would_find_something(tmp_path: Path) -> None:
    """The checker is at work: an input in a shell's text is a finding."""
    bad = tmp_path / "action.yml"
    text = (
        ACTIONS[-1]
        .read_text("utf-8")
        .replace("run: '\"$GITHUB_ACTION_PATH/grade.sh\"'", "run: echo ${{ inputs.path }}")
    )
    bad.write_text(text, "utf-8")
    with pytest.raises(AssertionError, match="template-injection"):
        tool("zizmor", "--offline", "--no-progress", bad)


@pytest.mark.parametrize("path", ACTIONS, ids=lambda one: one.parent.name)
def test_inputs_reach_a_shell_through_the_environment_only(path: Path) -> None:
    """No expression stands in the text of a script."""
    for step in load(path)["runs"]["steps"]:
        assert "${{" not in step["run"]
        script = re.search(r"GITHUB_ACTION_PATH/([\w./]+)", step["run"])
        assert script is not None
        assert (path.parent / script[1]).is_file()


def test_what_grades_has_no_rights() -> None:
    """A token that reads, no secret, and not the trigger that has both."""
    workflow, text = load(GRADES), GRADES.read_text("utf-8")
    assert workflow["permissions"] == {"contents": "read"}
    assert set(workflow[True]) == {"pull_request"}  # YAML 1.1 takes `on` for true
    assert "secrets." not in text
    assert "cache" not in text
    (checkout,) = [one for one in workflow["jobs"]["grade"]["steps"]
                   if one.get("uses", "").startswith("actions/checkout@")]  # fmt: skip
    assert checkout["with"]["persist-credentials"] is False


def test_what_comments_runs_nothing_of_the_pull_request() -> None:
    """It checks nothing out, has one step of ours, and two rights."""
    workflow = load(COMMENTS)
    (job,) = workflow["jobs"].values()
    assert workflow["permissions"] == {}
    assert job["permissions"] == {"actions": "read", "pull-requests": "write"}
    (step,) = job["steps"]
    assert step["uses"].startswith("OWNER/practical-exam-grader/.github/actions/comment@")
    assert set(step["with"]) == {"run-id"}
    assert workflow[True]["workflow_run"]["workflows"] == [load(GRADES)["name"]]


def test_every_action_is_pinned_to_a_commit() -> None:
    """A tag can be moved by whoever takes an account over."""
    for path in (GRADES, COMMENTS, *OURS):
        used = re.findall(r"uses: (\S+)", path.read_text("utf-8"))
        assert used
        assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", one) for one in used)
