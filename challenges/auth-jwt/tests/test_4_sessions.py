"""What ends a session: at once, and no other one."""

import pytest


@pytest.mark.criterion("logout.ends")
def test_a_logout_ends_the_session(site):
    """With its refresh token, the newest one as well."""
    for refreshed in (False, True):
        person = site.known("victim")
        if refreshed:
            person = site.refresh(person)
        reply = site.logging_out(person)
        if reply.status != 204:
            reply.fail(f"POST /logout should answer 204, not {reply.status}.")
        site.not_exchanged(person.refresh, "After the logout the refresh token")
    again = site.known("victim")
    site.accepted(again.access, "The access token of a login after a logout", again.name)


def logged_out(site):
    """Somebody who has logged out, with all access tokens of the session."""
    first = site.known("victim")
    second = site.refresh(first)
    site.logging_out(second)
    return second, (first.access, second.access), "After the logout"


def robbed(site):
    """Somebody of whom a used refresh token came again."""
    first = site.known("victim")
    second = site.refresh(first)
    site.refreshing(first.refresh)
    return second, (first.access, second.access), "After a used refresh token came again"


def revoked(site):
    """Somebody whose sessions an administrator has ended."""
    first = site.known("victim")
    second = site.refresh(first)
    site.call("POST", site.of_user(first, "revoke"), site.known("admin").access)
    return second, (first.access, second.access), "After an administrator has ended the sessions"


@pytest.mark.criterion("sessions.at_once")
def test_access_tokens_end_with_their_session(site, ends_early):
    """Where the session ends at all, which has criteria of its own."""
    judged = 0
    for ending in (logged_out, robbed, revoked):
        person, tokens, after = ending(site)
        if site.refreshing(person.refresh).status < 400:
            continue
        judged += 1
        for token in tokens:
            what = f"{after} each access token of the session"
            site.refused(token, what, ("/me", "/articles"))
        site.refused_everywhere(tokens[-1], what, person)
    if not judged:
        ends_early("Nothing ends a session here: see logout.ends and refresh.reuse.")


@pytest.mark.criterion("sessions.apart")
def test_other_sessions_go_on(site):
    """Of the same user after a logout and a reuse, and of others always."""
    first, second, third = (site.login(site.known("victim")) for _ in range(3))
    other = site.login(site.known("bob"))
    site.logging_out(first)
    site.refresh(second)
    site.refreshing(second.refresh)
    for person, whose in ((third, "of the same user"), (other, "of another user")):
        what = f"After one session has ended, the access token of another {whose}"
        site.accepted(person.access, what, person.name)
    third, other = site.refresh(third), site.refresh(other)
    site.call("POST", site.of_user(third, "revoke"), site.known("admin").access)
    what = "After the sessions of somebody else were ended, an access token"
    site.accepted(other.access, what, other.name)
    site.refresh(other)
    again = site.login(third)
    site.accepted(again.access, "The access token of a login after that", again.name)


@pytest.mark.criterion("sessions.revoke")
def test_an_administrator_ends_all_sessions(site):
    """The user can log in again."""
    person = site.member()
    sessions = [person, site.login(person), site.refresh(site.login(person))]
    reply = site.call("POST", site.of_user(person, "revoke"), site.known("admin").access)
    if reply.status != 204:
        reply.fail(f"POST /users/{{id}}/revoke should answer 204, not {reply.status}.")
    for one in sessions:
        what = "After an administrator has ended all sessions, a refresh token of any of them"
        site.not_exchanged(one.refresh, what)
    again = site.login(person)
    site.accepted(again.access, "The access token of a login after that", person.name)
    site.refresh(again)
    site.call("POST", "/users/999999999/revoke", site.known("admin").access).expect(404)
