"""The command line's side of a portal: its address and token, and what is asked of it."""

from __future__ import annotations

import json
import os
import secrets
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from grader.errors import PlatformError, UsageError
from grader.text import clean, clip
from grader.waiting import wait_until

ADDRESS, TOKEN = "GRADER_PORTAL", "GRADER_PORTAL_TOKEN"
"""Variables that come before what `grader login` has kept: for CI."""
SECONDS = 60
AGAIN_SECONDS, PAUSE_SECONDS = 30.0, 1.0
"""How long a submission is sent again where the network goes away, and how often."""
LEFT_OUT = frozenset(
    {".venv", "venv", "node_modules", "__pycache__", ".mypy_cache", ".pytest_cache"}
)


class ConnectionLost(PlatformError):
    """The network went away, before the answer or before all of it was sent."""


@dataclass(frozen=True, kw_only=True)
class PortalLogin:
    """A portal, and a token for it."""

    address: str
    token: str

    def ask(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        """Return the portal's answer.

        Raises `UsageError` with its sentence where it refuses, `PlatformError` where it does not
        answer, `ConnectionLost` where that is because of the network.
        """
        import requests

        headers = {"Authorization": f"Bearer {self.token}"}
        try:
            answer = requests.request(
                method, f"{self.address}/api/v1{path}", headers=headers, timeout=SECONDS,
                allow_redirects=False, **more,
            )  # fmt: skip
            document = answer.json()
        except (requests.ConnectionError, requests.Timeout) as error:
            msg = f"The connection to {self.address} was lost ({type(error).__name__})."
            raise ConnectionLost(msg) from error
        except (requests.RequestException, ValueError) as error:
            msg = f"{self.address} does not answer as a portal does ({type(error).__name__})."
            raise PlatformError(msg) from error
        if not isinstance(document, dict) or answer.status_code >= 500:
            msg = f"The portal has failed: {_said(document)}"
            raise PlatformError(msg)
        if answer.status_code >= 300:
            raise UsageError(_said(document))
        return document


def _said(document: Any) -> str:
    said = document.get("error") if isinstance(document, dict) else None
    return clip(clean(str(said or "it gave no reason; try again later.")), 1000)


def keep_login(found: PortalLogin, state: Path) -> Path:
    """Keep it for the next time, for this user alone; gives the file."""
    file = state / "portal-login.json"
    state.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as opened:
        json.dump(asdict(found), opened)
    return file


def kept_login(state: Path) -> PortalLogin:
    """Return what the environment says, or what was kept. Raises `UsageError` for neither."""
    address, token = os.environ.get(ADDRESS, ""), os.environ.get(TOKEN, "")
    if address and token:
        return PortalLogin(address=address.rstrip("/"), token=token)
    try:
        return PortalLogin(**json.loads((state / "portal-login.json").read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        msg = f"No portal is known: run `grader login ADDRESS`, or set {ADDRESS} and {TOKEN}."
        raise UsageError(msg) from None


@contextmanager
def packed(path: Path) -> Iterator[IO[bytes]]:
    """Yield what is handed in as an archive; what tools make in a folder is left out."""
    if path.is_file():
        with path.open("rb") as archive:
            yield archive
        return
    if not path.is_dir():
        msg = f"{path} is neither a folder nor an archive."
        raise UsageError(msg)
    with tempfile.TemporaryFile() as scratch:
        with tarfile.open(fileobj=scratch, mode="w:gz") as archive:
            archive.add(path, arcname=path.resolve().name, filter=_kept)
        scratch.seek(0)
        yield scratch


def _kept(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if Path(member.name).name in LEFT_OUT else member


def send(login: PortalLogin, assignment: int, path: Path) -> dict[str, Any]:
    """Hand in, and return the submission.

    Where the network goes away in the middle it is sent again, under the same key: what the portal
    has had already is not handed in twice.
    """
    asked = {"name": path.resolve().name, "request_key": secrets.token_hex(16)}
    answers: list[dict[str, Any]] = []

    def attempt() -> bool:
        with packed(path) as archive:
            try:
                found = login.ask(
                    "POST", f"/assignments/{assignment}/submissions", params=asked, data=archive
                )
            except ConnectionLost:
                return False
        answers.append(found)
        return True

    if not wait_until(attempt, within=AGAIN_SECONDS, poll=PAUSE_SECONDS):
        msg = (
            f"The connection to {login.address} is lost again and again. Look on the assignment's "
            "page whether your answer has arrived before you send it once more."
        )
        raise PlatformError(msg)
    return answers[0]
