"""What becomes of mails that the mail server refuses."""

import time
from itertools import pairwise

import pytest
from conftest import POLL, SOON
from episodes import refused_mails

EARLY = 0.05
"""Seconds that a pause may be shorter: clocks of two containers are read at other moments."""
LATE = 2.0
"""Seconds that a pause may be longer."""
TRIES = 3
"""Outages at most: one that lasts as long as all pauses says nothing."""


@pytest.mark.criterion("retry.again")
def test_what_is_refused_twice_is_sent(mail, office):
    found = refused_mails(mail, office)
    found.again.expect()
    attempts = [one.accepted for one in mail.attempts(found.again.email)]
    if attempts[:3] != [False, False, True]:
        found.again.lost(
            f"A mail that is refused twice with 451 should be sent at the third attempt; "
            f"{len(attempts)} were made."
        )
    reply, job = found.job("again")
    if job.get("attempts") != 3:
        reply.fail("This job has had 3 attempts.")


@pytest.mark.criterion("retry.pauses")
def test_pauses_grow(mail, office, environment):
    found = refused_mails(mail, office)
    first = float(environment["RETRY_SECONDS"])
    for order in (found.again.expect(), found.limit.expect()):
        times = [one.at for one in mail.attempts(order.email)]
        pauses = [after - before for before, after in pairwise(times)]
        if len(pauses) < 2:
            order.lost(f"{len(times)} attempts were made, so that no two pauses can be seen.")
        for number, pause in enumerate(pauses):
            wanted = first * 2**number
            if not wanted - EARLY <= pause <= wanted + LATE:
                said = ", ".join(f"{one:.2f}" for one in pauses)
                order.lost(
                    f"The pauses between the attempts were {said} s; pause {number + 1} should be "
                    f"from {wanted:g} to {wanted + LATE:g} s."
                )


@pytest.mark.criterion("retry.limit")
def test_it_is_given_up_after_so_many(mail, office, environment):
    found = refused_mails(mail, office)
    most, order = int(environment["MAX_ATTEMPTS"]), found.limit.expect()
    if (count := len(mail.attempts(order.email))) != most:
        order.lost(f"A mail that is always refused was tried {count} times; it should be {most}.")
    reply, job = found.job("limit")
    if job.get("attempts") != most:
        reply.fail(f"This job has had {most} attempts.")


@pytest.mark.criterion("retry.permanent")
def test_what_is_refused_for_good_is_given_up(mail, office):
    found = refused_mails(mail, office)
    order = found.permanent.expect()
    if (count := len(mail.attempts(order.email))) != 1:
        order.lost(f"A mail that is refused with 554 was tried {count} times; it should be once.")
    reply, job = found.job("permanent")
    if job.get("attempts") != 1:
        reply.fail("This job has had 1 attempt.")


@pytest.mark.criterion("failed.listed")
def test_what_has_failed_is_listed(app, mail, office):
    found = refused_mails(mail, office)
    reply = app.get("/jobs", params={"state": "failed"}).expect(200)
    items = reply.json(dict)["items"]
    jobs = [one for one in items if isinstance(one, dict)] if isinstance(items, list) else []
    places = []
    for order, code in ((found.permanent, "554"), (found.limit, "452")):
        mine = [place for place, one in enumerate(jobs) if one.get("id") == order.tracked().job]
        if len(mine) != 1:
            reply.fail(f"The failed job {order.job} should be in the list, once.")
        job = jobs[mine[0]]
        if job.get("state") != "failed" or job.get("email") != order.email:
            reply.fail("Each of the list should be the whole job.")
        if not isinstance(job.get("error"), str) or code not in job["error"]:
            reply.fail(f"`error` of job {order.job} should hold the mail server's code, {code}.")
        places += mine
    if any(one.get("state") != "failed" for one in jobs):
        reply.fail("The list should have failed jobs alone.")
    if places != sorted(places):
        reply.fail("The newest job should come first.")
    reply = app.get("/jobs", params={"state": "sent"}).expect(200)
    items = reply.json(dict)["items"]
    states = [one.get("state") if isinstance(one, dict) else None for one in items or [None]]
    if {*states} != {"sent"}:
        reply.fail("GET /jobs?state=sent should have the jobs that are sent, and no others.")


@pytest.mark.criterion("failed.again")
def test_a_failed_job_is_tried_again(app, mail, office, refused):
    found = refused_mails(mail, office)
    order = found.permanent.tracked()
    mail.refuse(1, to=order.email)
    reply = app.post(f"/jobs/{order.job}/retry").expect(202)
    job = reply.json(dict)
    wanted = {"id": order.job, "state": "pending", "attempts": 0, "error": None}
    if {name: job.get(name) for name in wanted} != wanted:
        reply.fail("A job that is tried again should be pending, with 0 attempts and no error.")
    job = office.settled(order.job, "sent")
    assert job["attempts"] == 2, "Attempts count from 0 again; this were 2."
    mail.exactly(1, order.email, quiet=0.5)
    for number in (order.job, found.again.tracked().job):
        reply = app.post(f"/jobs/{number}/retry")
        refused(reply, 409, "Trying a job again that has not failed", "not_failed")


@pytest.mark.criterion("mail.message_id")
def test_a_mail_that_comes_again_has_the_same_message_id(mail, office):
    found = refused_mails(mail, office)
    order = found.dropped.expect()
    names = [one.headers.get("message-id", "") for one in mail.messages(order.email)]
    if len(names) != 2:
        order.lost(
            "A mail whose answer was lost should be sent again, once; "
            f"{len(names)} have come to {order.email}."
        )
    if names[0] != names[1] or "@" not in names[0]:
        order.lost(f"Both times the mail should have one Message-ID; it has {names}.")
    other = [one.headers.get("message-id") for one in mail.messages(found.again.email)]
    assert names[0] not in other, "Mails of two orders should not have one Message-ID."


@pytest.mark.criterion("retry.outage")
def test_while_the_mail_server_is_away_nothing_is_lost(mail, office, environment):
    event, most = office.event(), int(environment["MAX_ATTEMPTS"])
    patient = float(environment["RETRY_SECONDS"]) * (2 ** (most - 1) - 1)
    for _ in range(TRIES):
        began = time.monotonic()
        with mail.outage():
            order = office.order(event).tracked("An order while the mail server is away")
            while time.monotonic() < began + 1.0 and not office.told(order.job).get("attempts"):
                time.sleep(POLL)
        lasted = time.monotonic() - began
        job = office.settled(order.job, "sent", "failed", within=2 * SOON)
        if job["state"] == "sent":
            return
        if lasted < patient or job.get("attempts") != most:
            order.lost(
                f"What was ordered while the mail server was away for {lasted:.1f} s has failed "
                f"after {job.get('attempts')} attempts."
            )
