"""Comments the result of another run on its pull request.

The other run built and ran a stranger's code, so that its artifact is hostile: its size is bounded
before and while it is read, one member of it is read and nothing is unpacked, and what is shown is
our own rendering of a checked JSON report. What the event says of the other run is asked again from
the API; no text of it is used but as a parameter.
"""

from __future__ import annotations

import io
import os
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import requests

from grader.errors import GraderError
from grader.report.formats import render
from grader.report.read import MAX_CHARACTERS, from_json

MARK = "<!-- practical-exam-grader -->"
MAX_ZIP = 32 * 1024 * 1024
"""Bytes of an artifact; it holds the reports of one run."""
PATIENCE = 30.0
"""Seconds that a request may take between two bytes."""
PAGES = 20


class Nothing(Exception):
    """There is nothing to comment on; the message says why."""


class Host:
    """The API of a repository on GitHub."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._top = f"{env['GITHUB_API_URL']}/repos/{env['GITHUB_REPOSITORY']}"
        self._session = requests.Session()
        self._session.headers.update(
            {
                "Authorization": f"Bearer {env['GITHUB_TOKEN']}",
                "Accept": "application/vnd.github+json",
                "X-GitHub-Api-Version": "2022-11-28",
            }
        )

    def ask(self, method: str, path: str, **more: Any) -> Any:
        """Return the answer to a request, as plain values."""
        answer = self._session.request(method, f"{self._top}/{path}", timeout=PATIENCE, **more)
        answer.raise_for_status()
        return answer.json()

    def listed(self, path: str, **parameters: str) -> Iterator[Any]:
        """Every item of a list, page by page."""
        for page in range(1, PAGES + 1):
            found = self.ask("GET", path, params={**parameters, "per_page": "100", "page": page})
            yield from found
            if len(found) < 100:
                return

    def download(self, path: str) -> bytes:
        """Return a file of at most `MAX_ZIP` bytes."""
        with self._session.get(f"{self._top}/{path}", timeout=PATIENCE, stream=True) as answer:
            answer.raise_for_status()
            content = bytearray()
            for chunk in answer.iter_content(65536):
                content += chunk
                if len(content) > MAX_ZIP:
                    msg = "The artifact is too large."
                    raise Nothing(msg)
        return bytes(content)


def main(env: Mapping[str, str]) -> None:
    """Comment, or say why there is nothing to comment on."""
    host = Host(env)
    run = host.ask("GET", f"actions/runs/{int(env['RUN_ID'])}")
    try:
        number = pull_request(host, run)
        body = comment_of(report(host, run, env["ARTIFACT"]))
    except (Nothing, GraderError) as why:
        print(f"No comment: {' '.join(str(why).split())}".replace("::", ": :"))
        return
    comment = put(host, number, body)
    with Path(env["GITHUB_OUTPUT"]).open("a", encoding="utf-8") as outputs:
        outputs.write(f"comment={comment}\n")


def pull_request(host: Host, run: Any) -> int:
    """Return the open pull request whose last commit the run has graded."""
    if run["event"] != "pull_request":
        msg = "The run was not for a pull request."
        raise Nothing(msg)
    owner, branch = run["head_repository"]["owner"]["login"], run["head_branch"]
    for one in host.listed("pulls", state="open", head=f"{owner}:{branch}"):
        if one["head"]["sha"] == run["head_sha"]:
            return int(one["number"])
    msg = "No open pull request ends with the commit that was graded."
    raise Nothing(msg)


def report(host: Host, run: Any, artifact: str) -> str:
    """Return the JSON report of the run's artifact."""
    found = host.ask("GET", f"actions/runs/{int(run['id'])}/artifacts", params={"name": artifact})
    for one in found["artifacts"]:
        if one["name"] == artifact and not one["expired"]:
            if one["size_in_bytes"] > MAX_ZIP:
                msg = "The artifact is too large."
                raise Nothing(msg)
            return member(host.download(f"actions/artifacts/{int(one['id'])}/zip"))
    msg = f"The run left no artifact {artifact}: it came to no result."
    raise Nothing(msg)


def member(content: bytes) -> str:
    """Return the text of result.json in a zip file, up to the most that a report may have."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open("result.json") as file:
            return file.read(MAX_CHARACTERS + 1).decode("utf-8")
    except (zipfile.BadZipFile, KeyError, UnicodeDecodeError, RuntimeError, OSError) as error:
        msg = f"The artifact holds no result.json that can be read ({type(error).__name__})."
        raise Nothing(msg) from None


def comment_of(text: str) -> str:
    """Return what is written: our own rendering of the report."""
    return f"{MARK}\n{render(from_json(text, name='The artifact'), 'markdown')}"


def put(host: Host, number: int, body: str) -> int:
    """Write the comment in the place of our last one, or as a new one; its number."""
    for one in host.listed(f"issues/{number}/comments"):
        if one["user"]["login"] == "github-actions[bot]" and one["body"].startswith(MARK):
            done = host.ask("PATCH", f"issues/comments/{int(one['id'])}", json={"body": body})
            return int(done["id"])
    return int(host.ask("POST", f"issues/{number}/comments", json={"body": body})["id"])


if __name__ == "__main__":
    try:
        main(os.environ)
    except (requests.RequestException, KeyError, TypeError, ValueError) as error:
        print(f"::error title=No comment::GitHub's API: {type(error).__name__}")
        sys.exit(3)
