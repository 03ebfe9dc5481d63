"""What a new container knows, and what a refresh token is worth later. These take their time."""

import time

import pytest
from conftest import LATE

MARGIN = 1.3
"""Seconds after the end of a refresh token from which on it has to be refused."""
STEP = 0.05


@pytest.mark.criterion("sessions.survive")
def test_a_new_container_knows_the_sessions(app, site):
    """Those that go on, and those that have ended."""
    person = site.register()
    gone = site.login(person)
    site.logging_out(gone)
    robbed = site.login(person)
    used = robbed
    robbed = site.refresh(robbed)
    site.refreshing(used.refresh)
    ended = [one for one in (gone, robbed) if site.me(one.access).status >= 400]
    silent = [one for one in (gone, robbed) if site.refreshing(one.refresh).status >= 400]
    kept = site.login(person)
    app.recreate()
    what = "In a new container of the app the access token of a session that goes on"
    site.accepted(kept.access, what, person.name)
    if kept.age < LATE * site.refresh_seconds:
        site.refresh(kept)
    for one in ended:
        site.refused(one.access, "In a new container the access token of a session that has ended")
    for one in silent:
        what = "In a new container the refresh token of a session that has ended"
        site.not_exchanged(one.refresh, what)
    site.accepted(site.login(person).access, "The access token of a login there", person.name)


@pytest.mark.criterion("refresh.expired")
def test_a_refresh_token_expires(site, shared):
    """REFRESH_SECONDS after it was given; one that came of it lasts longer."""
    left = shared["left"]
    while left.age < site.refresh_seconds + MARGIN:
        time.sleep(STEP)
        site.keep()
    reply = site.refreshing(left.refresh)
    if reply.status != 401:
        reply.fail(
            f"A refresh token should be refused with 401 {site.refresh_seconds} s (and 1 s at "
            f"most) after it was given out; this one is {left.age:.0f} s old, and got "
            f"{reply.status}."
        )
    if "lost" in shared:
        reply, age = shared["lost"]
        reply.fail(
            f"A refresh token that POST /refresh has given out {age:.0f} s before should still "
            f"count: each new one lasts REFRESH_SECONDS ({site.refresh_seconds}) again."
        )
    if "kept" in shared:
        site.refresh(shared["kept"])
