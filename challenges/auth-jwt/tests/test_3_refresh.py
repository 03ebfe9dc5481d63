"""Refresh tokens: rotation, reuse, and what the database holds of them."""

import re
from functools import partial

import hashes
import jwts
import pytest

RIVALS = 8
ROUNDS = 3
PIECES = re.compile(r"[^.:]{16,}")
"""Pieces of a token that are long enough to be worth something."""


@pytest.mark.criterion("refresh.works")
def test_a_refresh_gives_two_new_tokens(site):
    person = site.login(site.known())
    newer = site.refresh(person)
    assert newer.refresh != person.refresh, "The new refresh token is the old one."
    assert newer.access != person.access, "The new access token is the old one."
    for token, what in ((newer.access, "The new access token"), (person.access, "The one before")):
        site.accepted(token, what, person.name)
    again = site.refresh(newer)
    site.accepted(again.access, "The access token of a second refresh", person.name)


@pytest.mark.criterion("refresh.rotated")
def test_a_refresh_token_is_used_once(site):
    person = site.known("victim")
    newer = site.refresh(person)
    site.not_exchanged(person.refresh, "A refresh token that was used before", (401,))
    assert newer.refresh != person.refresh, "The new refresh token is the old one."


@pytest.mark.criterion("refresh.reuse")
def test_reuse_ends_the_session(site, shared):
    """The used token that comes again may be the last one, or the first of several."""
    for generations in (1, 3):
        chain = [site.known("victim")]
        for _ in range(generations):
            chain.append(site.refresh(chain[-1]))
        site.not_exchanged(chain[0].refresh, "A refresh token that was used before")
        what = "The newest refresh token of a session of which a used one came again"
        site.not_exchanged(chain[-1].refresh, what)
    shared["reuse"] = "ends a session"


@pytest.mark.criterion("refresh.reuse")
def test_every_used_token_is_known(site):
    """Also one from the middle, and after the thief was the first to use the newest one."""
    first = site.known("victim")
    second = site.refresh(first)
    third = site.refresh(second)
    fourth = site.refresh(third)
    site.not_exchanged(second.refresh, "A refresh token that was used before")
    what = "The newest refresh token of a session of which a used one came again"
    site.not_exchanged(fourth.refresh, what)
    for person in (first, second, third):
        site.not_exchanged(person.refresh, "A refresh token of a session that has ended")


@pytest.mark.criterion("refresh.once")
def test_one_of_several_gets_new_tokens(app, site, shared):
    """And the session has ended when all are answered, where reuse ends sessions at all."""
    for _ in range(ROUNDS):
        person = site.known("victim")
        replies = app.together([partial(site.refreshing, person.refresh)] * RIVALS)
        statuses = sorted(one.status for one in replies)
        if statuses[0] >= 300 or not all(400 <= one < 500 for one in statuses[1:]):
            replies[0].fail(
                f"Of {RIVALS} requests with one refresh token at the same moment one should be "
                "answered with 200 and the others with 401; these were "
                f"{', '.join(map(str, statuses))}."
            )
        if "reuse" not in shared:
            continue
        won = min(replies, key=lambda one: one.status)
        newer = site.with_tokens(person, won, person.since)
        what = "The new refresh token, after others have sent the old one at the same moment,"
        site.not_exchanged(newer.refresh, what)


@pytest.mark.criterion("refresh.stored")
def test_no_refresh_token_can_be_read(site, cells):
    """Neither a used nor a new one, as it is or in an encoding, whole or in pieces."""
    first = site.known("victim")
    second = site.refresh(first)
    stored = cells()
    assert stored, "The MySQL database that the app was given holds no rows at all."
    for person in (first, second):
        token = person.refresh
        needles = hashes.readable(token)
        if jwts.read(token) is not None:
            needles.add(token.rpartition(".")[2].encode())
        for table, row in stored:
            for column, value in row.items():
                assert not any(needle in value for needle in needles), (
                    f"The column {column} of {table} holds a refresh token, as it is or in an "
                    "encoding: whoever reads the database can use it. Store a hash of it."
                )
            pieces = [] if jwts.read(token) else PIECES.findall(token)
            if pieces and all(any(one.encode() in cell for cell in row.values()) for one in pieces):
                pytest.fail(f"A row of {table} holds all pieces of a refresh token.")
