"""`grader grade` says why something gets no score, and `compare` what has changed."""

from __future__ import annotations

import json
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import fastjsonschema
import pytest

from grader.testing import reply, serve

Command = Callable[..., subprocess.CompletedProcess[str]]
REPOSITORY = Path(__file__).parent.parent.parent
ANSWER = str(REPOSITORY / "reference_solutions/todo-api/accepted/pymysql")


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda path: None, "There is nothing at"),
        (lambda path: path.write_text("x"), "is a file, and no archive that is read"),
        (lambda path: path.mkdir(), "holds no files"),
    ],
)
def test_a_path_that_is_no_submission_is_named(
    grader: Command, tmp_path: Path, make: Callable[[Path], object], sentence: str
) -> None:
    """Nothing there, a file, an empty folder: exit 2 and what to do."""
    make(tmp_path / "answer")
    done = grader("grade", "todo-api", str(tmp_path / "answer"))
    assert done.returncode == 2
    assert sentence in done.stderr


def test_an_unknown_criterion_is_named(grader: Command) -> None:
    """`--only` takes what the challenge has."""
    done = grader("grade", "todo-api", ANSWER, "--only", "no.such")
    assert done.returncode == 2
    assert "it has no criterion 'no.such'" in done.stderr


def ungradable(done: subprocess.CompletedProcess[str]) -> str:
    """The reason in a JSON report without a score."""
    assert done.returncode == 3, done.stderr
    report = json.loads(done.stdout)
    schema = json.loads((REPOSITORY / "docs/report.schema.json").read_text("utf-8"))
    fastjsonschema.validate(schema, report)
    assert report["verdict"] == "ungradable"
    assert "score" not in report
    outcomes = {row["id"]: row["outcome"] for row in report["criteria"]}
    assert outcomes["repo.files"] == "passed", "What needs no engine is found all the same."
    return str(report["reason"])


def test_no_engine_is_no_zero(grader: Command) -> None:
    """Without an engine there is no score, the exit code is 3, and the remedy is said."""
    reason = ungradable(grader("grade", "todo-api", ANSWER, "--json", "-"))
    assert "No Docker engine answers. Start it" in reason


def test_an_engine_that_is_too_old_is_no_zero(grader: Command) -> None:
    """The version found and the one needed are named."""
    body = json.dumps({"Version": "20.10.24", "ApiVersion": "1.41", "MinAPIVersion": "1.12"})
    with serve(reply(200, body, Content_Type="application/json")) as (host, port):
        done = grader(
            "grade", "todo-api", ANSWER, "--json", "-", env={"DOCKER_HOST": f"tcp://{host}:{port}"}
        )
    assert "is version 20.10.24; the grader needs 26.0 or newer" in ungradable(done)


def test_a_full_disk_is_no_zero(grader: Command) -> None:
    """What an engine without space says is told, and costs nobody anything."""

    def answer(request: bytes, connection: object) -> None:
        if b"/version" in request:
            body = json.dumps({"Version": "26.1.5", "ApiVersion": "1.45", "MinAPIVersion": "1.24"})
            reply(200, body, Content_Type="application/json")(request, connection)  # type: ignore[arg-type]
        else:
            full = json.dumps({"message": "write /var/lib/x: no space left on device"})
            reply(500, full, Content_Type="application/json")(request, connection)  # type: ignore[arg-type]

    with serve(answer) as (host, port):
        done = grader(
            "grade", "todo-api", ANSWER, "--json", "-", env={"DOCKER_HOST": f"tcp://{host}:{port}"}
        )
    assert "no space left on device" in ungradable(done)


def test_doctor_names_a_remedy_and_ends_with_3(grader: Command) -> None:
    """Where grading cannot work the exit code says so."""
    done = grader("doctor")
    assert done.returncode == 3
    assert "make setup" in " ".join(done.stdout.split())


def test_no_color_is_honoured(grader: Command) -> None:
    """Neither NO_COLOR nor a pipe gets escape sequences."""
    done = grader("grade", "todo-api", ANSWER, env={"NO_COLOR": "1"})
    assert "\x1b" not in done.stdout + done.stderr


def test_a_compose_file_belongs_to_an_exam_with_compose(grader: Command, tmp_path: Path) -> None:
    """Elsewhere the options would do nothing, and say so."""
    done = grader("grade", "todo-api", str(tmp_path), "--service", "web")
    assert done.returncode == 2
    assert "The exam todo-api takes a Dockerfile: leave out --compose and --service." in done.stderr


def test_a_compose_file_that_is_not_there_is_named(grader: Command, tmp_path: Path) -> None:
    """With the nearest one that is."""
    (tmp_path / "answer").mkdir()
    (tmp_path / "answer" / "docker-compose.yml").write_text("services: {}\n", "utf-8")
    arguments = ("--compose", "docker-compose.yaml")
    done = grader("grade", "two-tier-compose", str(tmp_path / "answer"), *arguments)
    assert done.returncode == 2
    assert "Did you mean 'docker-compose.yml'?" in done.stderr


def test_an_exam_with_compose_can_be_rejected_without_an_engine(
    grader: Command, tmp_path: Path
) -> None:
    """The policy needs no Docker; nothing is run, and the line is named."""
    (tmp_path / "answer").mkdir()
    (tmp_path / "answer" / "compose.yml").write_text(
        "services:\n  web:\n    build: .\n    privileged: true\n", "utf-8"
    )
    (tmp_path / "answer" / "Dockerfile").write_text("FROM python:3.11-slim\n", "utf-8")
    done = grader("grade", "two-tier-compose", str(tmp_path / "answer"))
    assert done.returncode == 1, done.stdout + done.stderr
    assert "compose.yml:4: services.web.privileged" in done.stdout


def test_an_archive_is_graded_and_a_hostile_one_rejected(grader: Command, tmp_path: Path) -> None:
    """What leads out of it is a verdict, with exit 1; a damaged one is none, with exit 2."""
    archive = tmp_path / "answer.zip"
    with zipfile.ZipFile(archive, "w") as answer:
        for path in Path(ANSWER).rglob("*"):
            answer.write(path, path.relative_to(Path(ANSWER).parent))
    assert "No Docker engine answers" in ungradable(
        grader("grade", "todo-api", str(archive), "--json", "-")
    )
    with zipfile.ZipFile(archive, "a") as answer:
        answer.writestr("../../etc/cron.d/x", "x")
    done = grader("grade", "todo-api", str(archive))
    assert done.returncode == 1, done.stderr
    assert "'../../etc/cron.d/x' leads out of it" in " ".join(done.stdout.split())
    archive.write_bytes(archive.read_bytes()[:-400])
    assert grader("grade", "todo-api", str(archive)).returncode == 2


def test_a_repository_is_graded_by_its_address(grader: Command, tmp_path: Path) -> None:
    """The report says which commit it was, and keeps no password."""
    repository = tmp_path / "repository"
    shutil.copytree(ANSWER, repository)
    git = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", "-C", str(repository)]
    for step in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"], ["tag", "v1"]):
        subprocess.run([*git, *step], check=True, timeout=30)
    address = f"file://{repository}"
    refused = grader("grade", "todo-api", address)
    assert (refused.returncode, "GRADER_GIT_FILE=1" in refused.stderr) == (2, True)
    done = grader("grade", "todo-api", address, "--ref", "v1", "--json", "-",
                  env={"GRADER_GIT_FILE": "1"})  # fmt: skip
    ungradable(done)
    submission = json.loads(done.stdout)["run"]["submission"]
    assert submission["origin"] == f"{address}#v1"
    assert len(submission["commit"]) == 40


def test_two_reports_are_compared(grader: Command, tmp_path: Path) -> None:
    """With 0 whatever has changed; reports of two exams, and what is none, end with 2."""
    golden = REPOSITORY / "tests/unit/report/golden"
    before, after = str(golden / "graded.json"), str(golden / "rejected.json")
    done = grader("compare", before, after)
    assert done.stdout.startswith("1/2 of 10 → rejected"), done.stderr
    told = json.loads(grader("compare", before, after, "--json").stdout)
    assert (told["criteria"], told["unchanged"]) == ([], 0)
    other = json.loads((golden / "graded.json").read_text("utf-8"))
    other["run"]["challenge"]["slug"] = "todo-api"
    (tmp_path / "other.json").write_text(json.dumps(other))
    refused = grader("compare", before, str(tmp_path / "other.json"))
    assert (refused.returncode, "two exams cannot be compared" in refused.stderr) == (2, True)
    (tmp_path / "none.json").write_text("{}")
    assert "is no report" in grader("compare", before, str(tmp_path / "none.json")).stderr
    assert grader("compare", before, str(tmp_path / "missing.json")).returncode == 2


def test_a_deadline_that_is_no_moment_is_refused(grader: Command) -> None:
    """Before anything is graded, with an example."""
    done = grader("grade", "todo-api", ANSWER, "--deadline", "friday")
    assert done.returncode == 2
    assert "--deadline friday is no moment; write one like 2030-06-30T18:00" in done.stderr
