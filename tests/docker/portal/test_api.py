"""The API with tokens of every kind, its description, and `grader submit` on a real port."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import requests
import schemathesis
from click.testing import CliRunner
from hypothesis.errors import Unsatisfiable
from openapi_spec_validator import validate
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from grader.cli import portal_client
from grader.cli.login import login
from grader.cli.portal_client import PortalLogin, kept_login, packed, send
from grader.cli.submit import submit
from grader.errors import PlatformError, UsageError
from grader.model import Outcome, Visibility
from grader.portal.actions.tokens import SHOWN, Scope, new_access_token, tokens_of
from grader.portal.data.base import utc_now
from grader.portal.data.people import User
from grader.settings import Settings
from grader.testing import a_challenge, a_result, graded
from tests.docker.portal.people import School
from tests.docker.portal.test_worker import quick, working
from tests.docker.portal.web import Site, archive, site

BOTH = tuple(Scope)
KEY = "request_key=" + "a" * 16


@pytest.fixture
def place(here: School, tmp_path: Path) -> Iterator[Site]:
    """The site."""
    with closing(site(here, tmp_path)) as found:
        yield found


def token(place: Site, name: str, *scopes: str, days: int = 1) -> str:
    """A new token of somebody's."""
    with place.school.database.transaction() as session:
        user = place.school.user(session, name)
        return new_access_token(
            session, user, utc_now(), name="test", scopes=scopes or BOTH, days=days
        )


def get(place: Site, path: str, bearer: str) -> TestResponse:
    """Ask with a token."""
    headers = {"Authorization": f"Bearer {bearer}"}
    return place.app.test_client().get(f"/api/v1{path}", headers=headers)


def post(place: Site, bearer: str, body: bytes, key: str = KEY) -> TestResponse:
    """Hand in with a token."""
    return place.app.test_client().post(
        f"/api/v1/assignments/{place.school.assignment}/submissions?{key}&name=a.zip",
        headers={"Authorization": f"Bearer {bearer}"}, data=body,
    )  # fmt: skip


def test_the_description_is_valid(place: Site) -> None:
    """OpenAPI 3.0, and every path of it is there."""
    document = place.app.test_client().get("/api/v1/openapi.json").get_json()
    validate(document)
    rules = {str(one) for one in place.app.url_map.iter_rules()}
    assert {path.replace("{number}", "<int:number>") for path in document["paths"]} <= rules


def test_handing_in(place: Site) -> None:
    """Once for each key; what is sent badly gets a sentence as JSON."""
    bearer = token(place, "ada")
    first, again = (post(place, bearer, archive()) for _ in range(2))
    assert first.status_code == again.status_code == 201
    assert first.get_json()["id"] == again.get_json()["id"]
    assert first.get_json()["state"] == "queued"
    assert get(place, f"/submissions/{first.get_json()['id']}/report", bearer).status_code == 404
    other = KEY[:-1]
    for body, key, code in (
        (b"", other, 400), (b"<svg>", other, 400), (b"x", "", 400),
        (b"x" * 300_000, other, 413), (archive(), other, 409),
    ):  # fmt: skip
        answer = post(place, bearer, body, key)
        assert answer.status_code == code
        assert answer.get_json()["error"]


def test_scopes_and_ends(place: Site) -> None:
    """A token does what it is for, as long as it lasts."""
    read, send = token(place, "ada", Scope.READ), token(place, "ada", Scope.SUBMIT)
    assert get(place, "/assignments", read).status_code == 200
    assert get(place, "/assignments", send).status_code == 403
    assert post(place, read, archive()).status_code == 403
    assert post(place, send, archive()).status_code == 201
    for wrong in ("", "grader_x", read[:-1], "x"):
        assert get(place, "/assignments", wrong).status_code == 401
    with place.school.database.transaction() as session:
        ada = place.school.people["ada"]
        for one in tokens_of(session, ada):
            one.expires_at = utc_now() - timedelta(seconds=1)
    assert get(place, "/assignments", read).status_code == 401
    fresh = token(place, "ada")
    with place.school.database.transaction() as session:
        session.get_one(User, ada).active = False
    assert get(place, "/assignments", fresh).status_code == 401


def test_nobody_elses(place: Site) -> None:
    """Not another student's submission, nor another course's assignment."""
    submission, _ = place.graded(graded(a_result("entry.create")))
    for name in ("ben", "olga", "ines", "root"):
        for path in (f"/submissions/{submission}", f"/submissions/{submission}/report"):
            assert get(place, path, token(place, name)).status_code == 404, name
    assert post(place, token(place, "olga"), archive()).status_code == 404
    assert get(place, "/assignments", token(place, "olga")).get_json()["assignments"][0]["id"] == (
        place.school.other_assignment
    )


def test_hidden_reasons_stay_hidden(place: Site) -> None:
    """In the report that the API gives."""
    exam = a_challenge()
    hidden = replace(exam.criteria[2], visibility=Visibility.HIDDEN, shown=True)
    lost = a_result("entry.stored", Outcome.FAILED, rationale="SECRET", evidence="SECRET")
    found = graded(
        a_result("entry.create"),
        lost,
        challenge=replace(exam, criteria=(*exam.criteria[:2], hidden)),
    )
    submission, _ = place.graded(found)
    answer = get(place, f"/submissions/{submission}/report", token(place, "ada"))
    assert answer.get_json()["verdict"] == "graded"
    assert "SECRET" not in answer.text


def test_the_page_of_tokens(place: Site) -> None:
    """A token is shown once; who revokes it ends it."""
    client = place.client("ada")
    page = client.post("/tokens", data={"name": "CI", "days": "7", "scope": ["read"]}).text
    fresh = page.split("grader_")[1].split("<")[0]
    assert fresh not in client.get("/tokens").text
    assert get(place, "/assignments", f"grader_{fresh}").status_code == 200
    with place.school.database.transaction() as session:
        (one,) = tokens_of(session, place.school.people["ada"])
        shown = one.token_hash[:SHOWN]
    assert place.client("ben").post(f"/tokens/{shown}/revoke").status_code == 404
    assert client.post(f"/tokens/{shown}/revoke").status_code == 303
    assert get(place, "/assignments", f"grader_{fresh}").status_code == 401
    assert client.post("/tokens", data={"name": "", "days": "7"}).status_code == 409


@contextmanager
def served(place: Site) -> Iterator[str]:
    """The site on a port; gives its address."""
    server = make_server("127.0.0.1", 0, place.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


def test_grader_submit(
    here: School, machine: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Log in, hand in a folder by the assignment's title, and read the result."""
    monkeypatch.setenv("GRADER_STATE", str(tmp_path / "client"))
    folder = tmp_path / "answer"
    (folder / ".venv").mkdir(parents=True)
    (folder / "Dockerfile").write_text("FROM python", "utf-8")
    with closing(site(here, machine.state)) as place, served(place) as address:
        with working(here, machine, quick):
            done = CliRunner().invoke(login, [address], input=token(place, "ada"))
            assert done.exit_code == 0, done.output
            asked = ["exam of web 1", str(folder), "--wait"]
            done = CliRunner().invoke(submit, asked)
        assert done.exit_code == 1, done.output  # the pass mark is 60 %
        assert "Handed in as submission 1" in done.output
        assert "5 of 10 points" in done.output
        unknown = CliRunner().invoke(submit, ["nothing", str(folder)])
        assert isinstance(unknown.exception, UsageError)
        assert "Exam of Web 1" in str(unknown.exception)
    assert (tmp_path / "client" / "portal-login.json").stat().st_mode & 0o077 == 0
    assert kept_login(tmp_path / "client").address == address
    with packed(folder) as packed_folder:
        assert b".venv" not in io.BytesIO(packed_folder.read()).getvalue()
    assert PortalLogin(address="x", token="y")


@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode), ids=str)
def test_nothing_that_is_drawn_ends_in_a_fault(
    place: Site, mode: schemathesis.GenerationMode
) -> None:
    """What schemathesis draws from the description, good and bad, gets an answer that it names."""
    bearer = {"Authorization": f"Bearer {token(place, 'ada')}"}
    client = place.app.test_client()
    document: dict[str, Any] = client.get("/api/v1/openapi.json").get_json()
    count = 0
    operations: Any = schemathesis.openapi.from_dict(document).get_all_operations()
    for api in (one.ok() for one in operations):
        for case in drawn(api.as_strategy(generation_mode=mode)):
            body = case.body if isinstance(case.body, bytes) else None
            answer = client.open(
                case.formatted_path, method=api.method, query_string=dict(case.query or {}),
                data=body, headers=bearer,
            )  # fmt: skip
            count += 1
            named = document["paths"][api.path][api.method]["responses"]
            assert str(answer.status_code) in {*named, "308", "405"}, case
            if answer.status_code >= 400:
                assert answer.get_json()["error"]
    assert count > 20


def drawn(strategy: Any) -> list[Any]:
    """What hypothesis draws; nothing where there is nothing to spoil."""
    found: list[Any] = []

    @hypothesis.seed(1)
    @hypothesis.settings(
        max_examples=20, database=None, deadline=None, phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )  # fmt: skip
    @hypothesis.given(strategy)
    def collect(case: Any) -> None:
        found.append(case)

    try:
        collect()
    except Unsatisfiable:
        return []
    return found


def test_a_network_that_is_lost_in_the_middle(
    place: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was sent is handed in once, though its answer was lost; one that stays away is named."""
    answer = tmp_path / "answer.zip"
    answer.write_bytes(archive())
    lost = 2
    with served(place) as address:
        portal = PortalLogin(address=address, token=token(place, "ada"))
        real = requests.request

        def loses(*args: Any, **more: Any) -> requests.Response:
            nonlocal lost
            found = real(*args, **more)
            if lost:
                lost -= 1
                raise requests.ConnectionError
            return found

        monkeypatch.setattr(requests, "request", loses)
        monkeypatch.setattr(portal_client, "PAUSE_SECONDS", 0.01)
        assert send(portal, place.school.assignment, answer)["number"] == 1
        assert lost == 0
        lost = 10**9
        monkeypatch.setattr(portal_client, "AGAIN_SECONDS", 0.2)
        with pytest.raises(PlatformError, match="whether your answer has arrived"):
            send(portal, place.school.assignment, answer)
