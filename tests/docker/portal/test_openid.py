"""Signing in at a provider: whose account it is, what that changes, and what it does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from grader.portal.actions.identities import account_of
from grader.portal.actions.signing_in import new_link, use_link
from grader.portal.data.base import utc_now
from grader.portal.data.operations import AuditEntry
from grader.portal.data.people import Membership, User, UserIdentity, WebSession
from grader.portal.openid.identity import ProvenIdentity
from grader.portal.openid.settings import SignInSettings
from grader.portal.web.sessions import TOKEN
from tests.docker.portal.people import School
from tests.docker.portal.web import Site, site
from tests.unit.portal.provider import ADA, PORTAL, SchoolProvider

PASSWORD = "correct horse battery"
NEW = {"sub": "n-1", "email": "New@School.example", "email_verified": True, "name": "N. Ew"}
Open = Callable[..., Site]


@pytest.fixture
def opened(here: School, provider: SchoolProvider, tmp_path: Path) -> Iterator[Open]:
    """Makes a site with that provider, whose word is worth what is said."""
    made: list[Site] = []

    def open_site(*, local: bool = True, csrf: bool = False, **changes: Any) -> Site:
        ways = SignInSettings(provider=replace(provider.settings, **changes), local=local)
        made.append(site(here, tmp_path / "portal", sign_in=ways, WTF_CSRF_ENABLED=csrf))
        return made[-1]

    yield open_site
    for one in made:
        one.close()


def count(here: School, kind: Any) -> int:
    """How many rows there are."""
    with here.database.transaction() as session:
        return session.scalar(select(func.count()).select_from(kind)) or 0


def who_is(client: FlaskClient) -> str:
    """Whose name the first page shows; empty where nobody is signed in."""
    page = client.get("/", base_url=PORTAL)
    if page.status_code == 302:
        return ""
    return page.text.split('class="who">')[1].split("<")[0]


def refused(answer: TestResponse, said: str, status: int = 403) -> None:
    """Nobody is signed in, and the page says why and what to do."""
    assert answer.status_code == status
    assert said in answer.text
    assert "Sign in with School Login" in answer.text
    assert 'role="alert"' in answer.text


# -- whose account it is -----------------------------------------------------------------------


def test_nobody_has_an_account_by_the_word_of_a_provider_alone(
    here: School, provider: SchoolProvider, opened: Open
) -> None:
    """Where neither linking nor making accounts is allowed."""
    client, people = opened().client(None), count(here, User)
    refused(provider.visit(client), "have no account here")
    assert who_is(client) == ""
    assert (count(here, User), count(here, UserIdentity)) == (people, 0)
    assert count(here, WebSession) == 0


def test_an_account_is_linked_once_and_found_by_its_subject(
    here: School, provider: SchoolProvider, opened: Open
) -> None:
    """By a verified address, whatever its capitals; afterwards the address may change."""
    place = opened(link=True)
    client = place.client(None)
    answer = provider.visit(client, ADA | {"email": "ADA@school.example"}, target="/tokens")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/tokens")
    assert who_is(client) == "Ada"
    with here.database.transaction() as session:
        [linked] = session.scalars(select(UserIdentity)).all()
        [entry] = session.scalars(select(AuditEntry).where(AuditEntry.action == "link identity"))
        assert (linked.user_id, linked.issuer, linked.subject) == (
            here.people["ada"], provider.issuer, "ada-1",
        )  # fmt: skip
        assert (entry.actor_id, entry.data) == (linked.user_id, {"issuer": provider.issuer})
    other = opened().client(None)  # linking is not allowed any more, and not needed
    moved = ADA | {"email": "ben@school.example", "email_verified": False}
    assert provider.visit(other, moved).status_code == 303
    assert who_is(other) == "Ada"
    assert count(here, UserIdentity) == 1


@pytest.mark.parametrize("claims", [{"email_verified": False}, {"email": None}, {"email": "ada"}])
def test_an_address_that_nobody_vouches_for(
    here: School, provider: SchoolProvider, opened: Open, claims: dict[str, Any]
) -> None:
    """It neither opens an account nor makes one."""
    client, people = opened(link=True, create=True).client(None), count(here, User)
    refused(provider.visit(client, ADA | claims), "does not vouch")
    assert (count(here, User), count(here, UserIdentity)) == (people, 0)


def test_an_account_is_made_where_that_is_allowed(
    here: School, provider: SchoolProvider, opened: Open
) -> None:
    """It is in no course until somebody adds it; its name is text."""
    client = opened(create=True).client(None)
    hostile = NEW | {"name": "N<b>\x1b[31m\nEw" + "x" * 400, "roles": ["administrator"]}
    assert provider.visit(client, hostile).status_code == 303
    assert "<b>" not in client.get("/", base_url=PORTAL).text
    with here.database.transaction() as session:
        made = session.scalars(select(User).where(User.email == NEW["email"])).one()
        assert not made.administrator
        assert made.password_hash is None
        assert len(made.name) <= 250
        assert "\n" not in made.name
        mine = select(Membership).where(Membership.user_id == made.id)
        assert session.scalars(mine).all() == []


def test_what_may_be_linked_and_what_may_be_made_are_two_things(
    here: School, provider: SchoolProvider, opened: Open
) -> None:
    """Making accounts links none that is there; linking makes none."""
    refused(provider.visit(opened(create=True).client(None)), "links none by its address")
    refused(provider.visit(opened(link=True).client(None), NEW), "have no account here")
    assert count(here, UserIdentity) == 0


def test_no_provider_makes_an_administrator(
    here: School, provider: SchoolProvider, opened: Open
) -> None:
    """Whoever runs it could have any address."""
    client = opened(link=True, create=True).client(None)
    root = {"sub": "r", "email": "root@school.example", "email_verified": True}
    refused(provider.visit(client, root), "Administrators sign in with their password")
    assert who_is(client) == ""


def test_an_address_that_somebody_had_before(
    here: School, provider: SchoolProvider, opened: Open
) -> None:
    """Schools give addresses again: that is no way into the account before."""
    place = opened(link=True)
    assert provider.visit(place.client(None)).status_code == 303
    refused(provider.visit(place.client(None), ADA | {"sub": "ada-2"}), "somebody else")


def test_an_account_that_is_closed(here: School, provider: SchoolProvider, opened: Open) -> None:
    """Its owner reads so."""
    place = opened(link=True)
    with here.database.transaction() as session:
        here.user(session, "ada").active = False
    refused(provider.visit(place.client(None)), "Your account is closed")


def test_two_tabs_make_one_account(here: School, provider: SchoolProvider) -> None:
    """First sign-ins at the same moment."""
    may = replace(provider.settings, create=True)
    who = ProvenIdentity(issuer="i", subject="s", email="two@school.example", verified=True)

    def first(number: int) -> int:
        with here.database.transaction() as session:
            return account_of(session, who, may).id

    with ThreadPoolExecutor(max_workers=4) as pool:
        assert len(set(pool.map(first, range(8)))) == 1
    assert count(here, UserIdentity) == 1


def test_roles_stay_the_portals_own(here: School, provider: SchoolProvider, opened: Open) -> None:
    """Whatever else the provider says."""
    client = opened(link=True).client(None)
    claims = {"roles": ["instructor"], "groups": ["staff"], "administrator": True}
    assert provider.visit(client, ADA | claims).status_code == 303
    assert client.get("/operations", base_url=PORTAL).status_code == 404
    course = f"/assignments/{here.assignment}/class"
    assert client.get(course, base_url=PORTAL).status_code == 404


# -- sessions ----------------------------------------------------------------------------------


def test_a_sign_in_has_a_session_of_its_own(
    here: School, provider: SchoolProvider, opened: Open
) -> None:
    """Whatever a browser had before; and signing out ends it."""
    client = opened(link=True).client(None)
    with client.session_transaction(base_url=PORTAL) as cookie:
        cookie[TOKEN] = "planted"
        cookie["more"] = "planted"
    assert provider.visit(client).status_code == 303
    with client.session_transaction(base_url=PORTAL) as cookie:
        first = cookie[TOKEN]
        assert set(cookie) <= {TOKEN, "_permanent"}
    assert first != "planted"
    assert client.post("/sign-out", base_url=PORTAL).status_code == 303
    assert provider.visit(client).status_code == 303
    with client.session_transaction(base_url=PORTAL) as cookie:
        assert cookie[TOKEN] != first


def test_an_address_is_good_for_once(here: School, provider: SchoolProvider, opened: Open) -> None:
    """Going back in the browser signs in nobody again."""
    client = opened(link=True).client(None)
    sent = client.get("/sign-in/openid", base_url=PORTAL)
    path = provider.signed_in(sent, ADA)
    assert client.get(path, base_url=PORTAL).status_code == 303
    client.post("/sign-out", base_url=PORTAL)
    refused(client.get(path, base_url=PORTAL), "was used before", 401)
    assert who_is(client) == ""


def test_a_lie_opens_no_session(here: School, provider: SchoolProvider, opened: Open) -> None:
    """What was not proven is written nowhere."""
    client = opened(link=True, create=True).client(None)
    for lie in ("nonce", "audience", "issuer", "expired", "signature", "algorithm"):
        provider.lie(lie)
        refused(provider.visit(client, NEW), "is not to be trusted", 502)
    assert (count(here, UserIdentity), count(here, WebSession)) == (0, 0)


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil", ""])
def test_where_one_goes_afterwards(provider: SchoolProvider, opened: Open, target: str) -> None:
    """Within this portal."""
    answer = provider.visit(opened(link=True).client(None), target=target)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_who_is_signed_in_is_not_sent_away(provider: SchoolProvider, opened: Open) -> None:
    """They go on."""
    client = opened().client("ada")
    answer = client.get("/sign-in/openid?next=/tokens")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/tokens")


# -- pages -------------------------------------------------------------------------------------


def test_the_sign_in_page_has_the_provider(provider: SchoolProvider, opened: Open) -> None:
    """With its name as text, and a link that keeps where one wanted to go; headers as ever."""
    page = opened(name="<b>School</b> & Co").client(None).get("/sign-in?next=/tokens")
    assert "Sign in with &lt;b&gt;School&lt;/b&gt; &amp; Co" in page.text
    assert 'href="/sign-in/openid?next=/tokens"' in page.text
    assert 'name="password"' in page.text
    assert "form-action 'self'" in page.headers["Content-Security-Policy"]


def test_a_provider_that_is_away(provider: SchoolProvider, opened: Open) -> None:
    """The page says so, and passwords still work."""
    client = opened().client(None)
    provider.running.stop()
    answer = client.get("/sign-in/openid?next=/tokens")
    refused(answer, "School Login does not answer", 503)
    assert 'value="/tokens"' in answer.text


# -- passwords for administrators alone --------------------------------------------------------


def with_password(here: School, *names: str) -> None:
    """Give people a password."""
    with here.database.transaction() as session:
        for name in names:
            user = here.user(session, name)
            use_link(session, new_link(session, user, utc_now()), PASSWORD, utc_now())


def try_password(place: Site, name: str) -> TestResponse:
    """Sign in by it."""
    form = {"email": f"{name}@school.example", "password": PASSWORD}
    return place.client(None).post("/sign-in", data=form)


def test_passwords_can_be_for_administrators_alone(here: School, opened: Open) -> None:
    """Others read where to sign in; who does not know the password learns nothing."""
    with_password(here, "ada", "root")
    assert try_password(opened(), "ada").status_code == 303
    place = opened(local=False)
    assert try_password(place, "root").status_code == 303
    refused(try_password(place, "ada"), "Passwords are for administrators here", 401)
    wrong = place.client(None).post(
        "/sign-in", data={"email": "ada@school.example", "password": "x"}
    )
    refused(wrong, "no account with this e-mail address", 401)
    page = place.client(None).get("/sign-in").text
    assert page.index("Sign in with School Login") < page.index("Administrators: with a password")


def test_links_are_passwords(here: School, opened: Open) -> None:
    """They open nothing that a password would not; an administrator's does."""
    place = opened(local=False)
    with here.database.transaction() as session:
        links = {
            name: new_link(session, here.user(session, name), utc_now()) for name in ("ada", "root")
        }
    client = place.client(None)
    assert client.get(f"/sign-in/{links['ada']}").status_code == 409
    sent = client.post(f"/sign-in/{links['ada']}", data={"password": PASSWORD})
    assert sent.status_code == 409
    assert "Sign in with School Login" in sent.text
    with here.database.transaction() as session:
        assert here.user(session, "ada").password_hash is None
    assert client.get(f"/sign-in/{links['root']}").status_code == 200
    sent = client.post(f"/sign-in/{links['root']}", data={"password": PASSWORD})
    assert sent.status_code == 303


def test_a_roster_gives_no_links_then(here: School, opened: Open) -> None:
    """The page says how people sign in instead."""
    table = {"table": "email,name\nnora@school.example,Nora\n"}
    client = opened(local=False).client("ines")
    page = client.post("/courses/1/roster", data=table)
    assert "/sign-in/" not in page.text
    assert "They sign in with School Login" in page.text
    assert "New link" not in client.get("/courses/1").text
    asked = client.post(f"/courses/1/people/{here.people['ben']}/link")
    assert asked.status_code == 409
    assert "no links" in asked.text


def test_a_roster_gives_no_link_to_who_is_linked(
    here: School, provider: SchoolProvider, opened: Open
) -> None:
    """They can sign in already."""
    place = opened(link=True)
    assert provider.visit(place.client(None)).status_code == 303
    table = {"table": "email,name\nada@school.example,Ada\nben@school.example,Ben\n"}
    page = place.client("ines").post("/courses/1/roster", data=table).text
    assert "ben@school.example" in page
    assert "ada@school.example" not in page


def test_a_password_that_is_set_too_short_still_says_so(here: School, opened: Open) -> None:
    """As without a provider."""
    with here.database.transaction() as session:
        token = new_link(session, here.user(session, "ada"), utc_now())
    sent = opened().client(None).post(f"/sign-in/{token}", data={"password": "short"})
    assert sent.status_code == 400
    assert "at least 12 characters" in sent.text
