"""The action that comments, against a stand-in for GitHub's API on loopback."""

from __future__ import annotations

import io
import json
import os
import runpy
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from grader.report.json import to_json
from tests.action_runner import run_action
from tests.unit.report.examples import hostile, three

SCRIPT = Path(__file__).parents[2] / ".github" / "actions" / "comment" / "comment.py"
MARK = "<!-- practical-exam-grader -->"
SHA = "a" * 40
BOT = {"login": "github-actions[bot]"}


def zipped(name: str = "result.json", content: str | bytes = "") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return file.getvalue()


class Github:
    """A repository with one run, one pull request and its comments."""

    def __init__(self) -> None:
        self.run: dict[str, Any] = {
            "id": 7,
            "event": "pull_request",
            "head_branch": "x&state=closed;$(id)",
            "head_sha": SHA,
            "head_repository": {"owner": {"login": "student"}},
        }
        self.pulls = [{"number": 3, "head": {"sha": SHA}}]
        self.size = 1000
        self.zip = zipped(content=to_json(three()["graded"]))
        self.comments: list[dict[str, Any]] = []
        self.written: list[tuple[str, str, str]] = []
        self.asked_for_head = ""
        self.address = ""

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: bytes) -> Any:
        match method, path.removeprefix("/repos/class/exams/"):
            case "GET", "actions/runs/7":
                return self.run
            case "GET", "pulls":
                assert query["state"] == ["open"]
                self.asked_for_head = query["head"][0]
                return self.pulls
            case "GET", "actions/runs/7/artifacts":
                one = {"name": query["name"][0], "id": 9, "expired": False}
                return {"artifacts": [one | {"size_in_bytes": self.size}] if self.zip else []}
            case "GET", "actions/artifacts/9/zip":
                return self.zip
            case "GET", "issues/3/comments":
                return self.comments[100 * (int(query["page"][0]) - 1) :][:100]
            case (("POST" | "PATCH"), where):
                self.written.append((method, where, json.loads(body)["body"]))
                return {"id": 11}
        raise AssertionError(method, path)


@pytest.fixture
def github() -> Iterator[Github]:
    """The repository, served at its `address`."""
    repository = Github()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            assert self.headers["Authorization"] == "Bearer a-token"
            target = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            found = repository.answer(self.command, target.path, parse_qs(target.query), body)
            content = found if isinstance(found, bytes) else json.dumps(found).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_PATCH = do_GET  # noqa: N815 - the library's names

        def log_message(self, *arguments: object) -> None:
            del arguments

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        repository.address = f"http://127.0.0.1:{server.server_port}"
        yield repository
        server.shutdown()


def environment(github: Github, folder: Path) -> dict[str, str]:
    """What the step gets."""
    return {
        "PATH": os.environ["PATH"],
        "GITHUB_API_URL": github.address,
        "GITHUB_REPOSITORY": "class/exams",
        "GITHUB_TOKEN": "a-token",
        "GITHUB_OUTPUT": str(folder / "outputs"),
        "RUN_ID": "7",
        "ARTIFACT": "exam-report",
    }


def comment(github: Github, folder: Path) -> str:
    """Do what the step does; its outputs."""
    runpy.run_path(str(SCRIPT))["main"](environment(github, folder))
    outputs = folder / "outputs"
    return outputs.read_text("utf-8") if outputs.exists() else ""


def test_the_first_result_is_a_new_comment(github: Github, tmp_path: Path) -> None:
    """Rendered by us from the JSON; a branch's name is a parameter and no more."""
    env = environment(github, tmp_path)
    ran = run_action(
        "comment",
        {"run-id": "7", "token": "a-token", "grader": str(Path(sys.executable).parent / "grader")},
        tmp_path / "temp",
        workspace=tmp_path,
        **{name: env[name] for name in ("GITHUB_API_URL", "GITHUB_REPOSITORY")},
    )
    assert (ran.code, ran.printed, ran.outputs) == (0, "", {"comment": "11"})
    ((method, where, body),) = github.written
    assert (method, where) == ("POST", "issues/3/comments")
    assert body.startswith(f"{MARK}\n## ❌ Guestbook: ½ of 10 points")
    assert github.asked_for_head == "student:x&state=closed;$(id)"


def test_the_next_one_takes_its_place(github: Github, tmp_path: Path) -> None:
    """Only a comment that is ours: a student may write one that looks like it."""
    others = [{"id": number, "user": {"login": "student"}, "body": MARK} for number in range(120)]
    github.comments = [*others, {"id": 500, "user": BOT, "body": f"{MARK}\nold"}]
    comment(github, tmp_path)
    assert [one[:2] for one in github.written] == [("PATCH", "issues/comments/500")]


def test_what_a_forged_report_holds_is_text(github: Github, tmp_path: Path) -> None:
    """And not too long for a comment."""
    github.zip = zipped(content=json.dumps(json.loads(to_json(hostile()["graded"]))))
    comment(github, tmp_path)
    ((_, _, body),) = github.written
    assert len(body) <= 65_536
    assert "\x1b" not in body


Change = Callable[[Github], object]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda one: one.run.update(event="push"), "The run was not for a pull request."),
        (lambda one: one.run.update(head_sha="b" * 40), "No open pull request ends with"),
        (lambda one: setattr(one, "zip", b""), "The run left no artifact exam-report"),
        (lambda one: setattr(one, "size", 10**10), "The artifact is too large."),
        (lambda one: setattr(one, "zip", b"x" * 40_000_000), "The artifact is too large."),
        (lambda one: setattr(one, "zip", b"no zip"), "holds no result.json that can be read"),
        (lambda one: setattr(one, "zip", zipped("../result.json")), "holds no result.json"),
        (lambda one: setattr(one, "zip", zipped(content=b"\0" * 200_000_000)), "longer than 16"),
        (lambda one: setattr(one, "zip", zipped(content="{}")), "is no report of this grader"),
        (lambda one: setattr(one, "zip", zipped(content='{"::error::x": 1}')), "is no report"),
    ],
    ids=range(10),
)
def test_what_is_no_result_is_not_commented(
    github: Github,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    change: Change,
    sentence: str,
) -> None:
    """Too large, a bomb, another commit's, none: nothing is written, and the log says why."""
    change(github)
    outputs = comment(github, tmp_path)
    printed = capsys.readouterr().out
    assert printed.startswith("No comment: ")
    assert sentence in printed
    assert "::" not in printed
    assert (outputs, github.written) == ("", [])
