"""Browsers without a browser: clients of the app, signed in as somebody of the school."""

from __future__ import annotations

import io
import secrets
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from grader.model import GradeReport
from grader.portal.actions import leases
from grader.portal.actions.results import conclude
from grader.portal.actions.signing_in import begin_session
from grader.portal.data.base import utc_now
from grader.portal.openid.settings import SignInSettings
from grader.portal.web.app import PortalApp, create_app
from grader.portal.web.config import PortalConfig
from grader.portal.web.sessions import TOKEN
from grader.portal.web.state import NAME
from tests.docker.portal.people import School

LARGEST = 100_000
"""Bytes of an upload."""


class WholeClient(FlaskClient):
    """A browser that reads each answer to its end."""

    def open(self, *args: Any, **more: Any) -> TestResponse:
        """Send a request."""
        return super().open(*args, **{"buffered": True, **more})


@dataclass(frozen=True, kw_only=True)
class Site:
    """The app, with the school in its database."""

    app: PortalApp
    school: School

    def close(self) -> None:
        """Close what it holds open."""
        state = self.app.extensions[NAME]
        state.hub.close()
        state.database.close()

    def client(self, name: str | None) -> FlaskClient:
        """A browser in which `name` is signed in; None: nobody is."""
        client = self.app.test_client()
        if name is not None:
            with self.school.database.transaction() as session:
                token = begin_session(session, self.school.user(session, name), utc_now())
            with client.session_transaction() as cookie:
                cookie[TOKEN] = token
        return client

    def graded(self, report: GradeReport, name: str = "ada", **more: Any) -> tuple[int, int]:
        """Have `name` hand in, and grade it; gives the ids of the submission and the grading."""
        submission, grading = self.school.hand_in(name, **more)
        with self.school.database.transaction() as session:
            mine = leases.claim(session, grading, self.school.worker, utc_now())
            assert mine
            assert conclude(session, mine, report, utc_now())
        return submission, grading


def site(here: School, folder: Path, **changes: Any) -> Site:
    """Make it; forms need no token unless `changes` say so."""
    config = PortalConfig(
        database=here.database.url, folder=folder, limits=changes.pop("limits", False),
        upload_bytes=LARGEST, mail=changes.pop("mail", None),
        sign_in=changes.pop("sign_in", SignInSettings()),
    )  # fmt: skip
    settings = {"WTF_CSRF_ENABLED": False, "MAX_CONTENT_LENGTH": 2 * LARGEST, **changes}
    app = create_app(config, **settings)
    app.test_client_class = WholeClient
    return Site(app=app, school=here)


def archive(**files: str) -> bytes:
    """A zip file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name, text in (files or {"Dockerfile": "FROM python"}).items():
            packed.writestr(name, text)
    return out.getvalue()


def upload(client: FlaskClient, assignment: int, **form: Any) -> TestResponse:
    """Hand in by the form; without anything else, an archive."""
    key = {"request_key": secrets.token_hex(8)}
    if not form:
        form = {"archive": (io.BytesIO(archive()), "answer.zip")}
    return client.post(f"/assignments/{assignment}/submissions", data=key | form)
