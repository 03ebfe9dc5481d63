"""The command line tells people what it can do, and which exams there are."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import fastjsonschema
import pytest

from grader.spec.schema import schema as challenge_schema

Command = Callable[..., subprocess.CompletedProcess[str]]
REPOSITORY = Path(__file__).parent.parent.parent
HELP = Path(__file__).parent / "help"


@pytest.mark.parametrize(
    "command",
    ["", "list", "show", "start", "grade", "diagnose", "report", "batch", "compare", "secrets",
     "new", "check", "verify", "solution", "roadmap", "images", "index", "doctor", "clean",
     "completion"],
)  # fmt: skip
def test_help_is_pinned(grader: Command, command: str) -> None:
    """A help text changes only on purpose (`make help-texts` writes them again)."""
    done = grader(*command.split(), "--help")
    assert done.returncode == 0, done.stderr
    assert done.stdout == (HELP / f"{command or 'grader'}.txt").read_text("utf-8")


def test_list_names_every_challenge(grader: Command) -> None:
    """Slug, title, time and points of each."""
    done = grader("list")
    assert done.returncode == 0
    for folder in (REPOSITORY / "challenges").glob("*/"):
        assert folder.name in done.stdout
    assert "120 min" in done.stdout


def test_a_broken_challenge_hides_no_other(grader: Command, tmp_path: Path) -> None:
    """The others are listed, what is broken is said after them, and it ends with 2."""
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "challenge.yml").write_text("schema: 1\nslug: broken\n")
    done = grader("list", "--challenges", str(tmp_path))
    assert done.returncode == 2
    assert "todo-api" in done.stdout
    assert "broken/challenge.yml has" in done.stderr


def test_show_prints_brief_and_contract(grader: Command) -> None:
    """The brief is rendered; the contract comes as it is."""
    assert "GET /health" in grader("show", "todo-api").stdout.replace("`", "")
    contract = grader("show", "todo-api", "--openapi")
    assert contract.stdout == (REPOSITORY / "challenges/todo-api/openapi.yml").read_text("utf-8")


def test_show_prints_the_schema_of_a_spec(grader: Command) -> None:
    """Without an exam: for whoever writes one outside of this repository."""
    schema = json.loads(grader("show", "--schema").stdout)
    assert schema == challenge_schema()
    assert "mysql" in schema["properties"]["services"]["properties"]
    alone = grader("show")
    assert alone.returncode == 2
    assert "Name an exam" in alone.stderr


def test_start_copies_the_starter_once(grader: Command, tmp_path: Path) -> None:
    """A new folder gets starter, brief and contract; one with content is left alone."""
    target = tmp_path / "answer"
    done = grader("start", "todo-api", str(target))
    assert done.returncode == 0, done.stderr
    assert (target / "Dockerfile").is_file()
    assert (target / "BRIEF.md").is_file()
    before = sorted(target.rglob("*"))
    again = grader("start", "todo-api", str(target))
    assert again.returncode == 2
    assert "exists and is not empty" in again.stderr
    assert sorted(target.rglob("*")) == before


@pytest.mark.parametrize("command", ["show", "start", "grade", "check", "verify"])
def test_an_unknown_challenge_gets_the_nearest_name(grader: Command, command: str) -> None:
    """A slip of the finger is answered with what was meant."""
    extra = ["x"] if command in {"start", "grade"} else []
    done = grader(command, "tod-api", *extra)
    assert done.returncode == 2
    assert "There is no challenge 'tod-api'. Did you mean 'todo-api'?" in done.stderr


def test_an_unknown_command_gets_the_nearest_name(grader: Command) -> None:
    """Commands, too."""
    done = grader("grad")
    assert done.returncode == 2
    assert "Did you mean 'grade'?" in done.stderr


def test_a_bad_setting_is_named(grader: Command) -> None:
    """An environment variable that is unusable is a usage error."""
    done = grader("list", env={"GRADER_INDEX_PORT": "http"})
    assert done.returncode == 2
    assert "GRADER_INDEX_PORT is 'http'" in done.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_printed(grader: Command, shell: str) -> None:
    """Each shell gets a script that names the command."""
    done = grader("completion", shell)
    assert done.returncode == 0
    assert "_GRADER_COMPLETE" in done.stdout


def test_a_challenges_faults_are_listed_at_once(grader: Command, tmp_path: Path) -> None:
    """Every problem of a spec with its line, and exit 2."""
    folder = tmp_path / "challenges" / "broken"
    folder.mkdir(parents=True)
    (folder / "challenge.yml").write_text(
        "schema: 1\nslug: other\ntitel: X\nversion: one\nsummary: s\n"
        "submission: {mode: dockerfil}\napp: {port: 5000, ready: {path: health}}\n"
        "criteria: [{id: a.b, title: t, points: 0}]\n"
    )
    done = grader("list", env={"GRADER_CHALLENGES": str(folder.parent)})
    assert done.returncode == 2
    for sentence in (
        "challenge.yml:3: titel is not a key known here. Did you mean 'title'?",
        "challenge.yml:1: the document lacks 'title'",
        'challenge.yml:4: version is "one"',
        'challenge.yml:6: submission.mode is "dockerfil"; it can be dockerfile, compose, command.',
        'challenge.yml:7: app.ready.path is "health"',
        "challenge.yml:8: criteria[0].points is 0",
    ):
        assert sentence in done.stderr, done.stderr


def test_a_new_challenge_is_found_where_it_was_written(grader: Command, tmp_path: Path) -> None:
    """`new` says what to do next, and `--challenges` finds it before the shipped ones."""
    folder = tmp_path / "exams"
    done = grader("new", "library-loans", "--style", "html", "--into", str(folder))
    assert done.returncode == 0, done.stderr
    assert f"grader verify library-loans --challenges {folder}" in done.stdout
    assert "library-loans" in grader("list", "--challenges", str(folder)).stdout
    shown = grader("show", "library-loans", "--openapi", "--challenges", str(folder))
    assert "title: Library loans" in shown.stdout
    again = grader("new", "library-loans", "--into", str(folder))
    assert again.returncode == 2
    assert "is there already" in again.stderr


def test_of_two_challenges_of_one_name_the_first_counts(grader: Command, tmp_path: Path) -> None:
    """Which is said on standard error."""
    folders = [tmp_path / name / "challenges" for name in ("first", "second")]
    for folder in folders:
        assert grader("new", "a-b", "--into", str(folder)).returncode == 0
    options = [word for folder in folders for word in ("--challenges", str(folder))]
    done = grader("show", "a-b", "--openapi", *options)
    assert done.stdout.startswith("# The HTTP contract")
    assert f"a-b is in {folders[0]} and in {folders[1]}; the one in {folders[0]}" in done.stderr
    both = {"GRADER_CHALLENGES": os.pathsep.join(map(str, folders))}
    assert "the one in " in grader("list", env=both).stderr


def test_challenges_come_out_of_a_repository(grader: Command, tmp_path: Path) -> None:
    """With a consent for repositories of this machine; nothing of the clone is left."""
    folder = tmp_path / "origin" / "challenges"
    assert grader("new", "a-b", "--into", str(folder)).returncode == 0
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    for words in (["init"], ["add", "."], ["commit", "--message=x"]):
        subprocess.run(
            ["git", *who, *words], cwd=folder.parent, check=True, capture_output=True, timeout=30
        )
    address = f"file://{folder.parent}"
    refused = grader("list", "--challenges", address)
    assert refused.returncode == 2
    assert "GRADER_GIT_FILE" in refused.stderr
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    allowed = {"GRADER_GIT_FILE": "1", "TMPDIR": str(scratch)}
    done = grader("list", "--challenges", address, env=allowed)
    assert "a-b" in done.stdout, done.stderr
    assert list(scratch.iterdir()) == []


def test_verify_wants_names_or_all(grader: Command) -> None:
    """Not neither, not both."""
    for words in ([], ["--all", "todo-api"]):
        done = grader("verify", *words)
        assert done.returncode == 2
        assert "Name the exams to verify, or say --all" in done.stderr


def test_verify_lists_the_faults_of_a_broken_spec(grader: Command, tmp_path: Path) -> None:
    """One broken challenge does not keep the others from being told; JSON holds them all."""
    folder = tmp_path / "exams"
    for name in ("one", "two"):
        (folder / name).mkdir(parents=True)
        (folder / name / "challenge.yml").write_text("schema: 2\n")
    report = tmp_path / "found.json"
    only = {"GRADER_CHALLENGES": str(folder)}
    done = grader("verify", "--all", "--json", str(report), env=only)
    assert done.returncode == 2
    assert done.stdout.count("challenge.yml:1: schema is 2; it can be 1 only.") == 2
    schema = json.loads((REPOSITORY / "docs/verification.schema.json").read_text("utf-8"))
    document = json.loads(report.read_text("utf-8"))
    fastjsonschema.validate(schema, document)
    assert [one["slug"] for one in document["challenges"]] == ["one", "two"]


def test_the_roadmap_is_printed(grader: Command) -> None:
    """Each topic with what examines it, and the share; only the open ones with --planned."""
    done = grader("roadmap")
    assert (done.returncode, done.stderr) == (0, "")
    assert "✔ commit " in done.stdout
    assert "    todo-api: db.committed\n" in done.stdout
    assert " of 95 topics are examined (" in done.stdout
    planned = grader("roadmap", "--planned").stdout
    assert "✔" not in planned
    assert "· virtualenv" in planned


def test_a_broken_challenge_does_not_end_the_roadmap(grader: Command, tmp_path: Path) -> None:
    """It is named with its fault; the others are looked at."""
    folder = tmp_path / "challenges"
    shutil.copytree(REPOSITORY / "challenges", folder)
    spec = folder / "todo-api" / "challenge.yml"
    spec.write_text(spec.read_text("utf-8").replace("points: 2", "points: two", 1), "utf-8")
    done = grader("roadmap", env={"GRADER_CHALLENGES": str(folder)})
    assert done.returncode == 2
    assert "✘ todo-api could not be looked at. " in done.stderr
    assert "points" in done.stderr
    assert "    hello-routes: " in done.stdout


def test_a_folder_without_a_roadmap(grader: Command, tmp_path: Path) -> None:
    """Says what to name."""
    done = grader("roadmap", env={"GRADER_CHALLENGES": str(tmp_path)})
    assert done.returncode == 2
    assert "There is no roadmap.yml in" in done.stderr
