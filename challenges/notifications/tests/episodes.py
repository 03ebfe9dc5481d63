"""What takes its time, each once in a run: several criteria look at what came of it.

An episode notes what it sees and fails nothing by itself, so that each criterion is about its own
part of it.
"""

import functools
import time
from dataclasses import dataclass, field

from conftest import AGAIN, SOON

from grader.exam.faults import Mismatch

SLOW = 3.0
"""Seconds that the mail server takes for one answer."""
LONG = 25.0
"""The same, for a mail in the middle of which the worker is killed."""
BACK = 1.0
"""Seconds after the start of a broker: one without a health check may need a moment."""
PATIENCE = 15.0
"""Seconds within which a mail has had all its attempts, with the pauses that the brief allows."""


def once(episode):
    """Let an episode happen once in a run, and give what came of it to each who asks."""

    @functools.wraps(episode)
    def remembered(*arguments):
        office = arguments[-1]
        if episode.__name__ not in office.known:
            office.keep(**{episode.__name__: episode(*arguments)})
        return office.known[episode.__name__]

    return remembered


def unless_lost(act, *arguments, **options):
    """What `act` gives, and why it lost, empty where it did not."""
    try:
        return act(*arguments, **options), ""
    except Mismatch as lost:
        return None, str(lost)


@dataclass
class RolledBack:
    """Two batches that were refused at their last order."""

    emails: list
    sold_out: object
    unknown: object
    left: tuple


@once
def rolled_back(app, office):
    """Refuse batches for what shows only once the orders before have been taken."""
    event, other = office.event(seats=9), office.event(seats=9)
    emails, replies = [], []
    unknown = f"{event}{office.draw.integer(10**5, 10**6)}"
    for last in (event, int(unknown) if type(event) is int else unknown):
        orders = [
            {"event_id": one, "email": office.address(), "seats": 4}
            for one in (event, other, event, other)
        ]
        orders.append({"event_id": last, "email": office.address(), "seats": 2})
        emails += [one["email"] for one in orders]
        replies.append(app.post("/orders/batch", json={"orders": orders}))
    return RolledBack(emails, *replies, (office.left(event), office.left(other)))


@dataclass
class Slow:
    """An order whose mail the mail server takes its time for."""

    order: object
    title: str
    held: bool = False
    """Whether its mail was being handed in after the answer."""
    meanwhile: object = None
    """The answer about its job then."""
    lacking: list = field(default_factory=list)


@once
def slow(mail, office):
    """Order while the mail server is slow, and wait for the mail."""
    title = f"„{office.draw.word(6).title()}“ & Ödipus / 女の一生 {office.draw.word(20)}"
    event, email = office.event(title=title), office.address()
    mail.delay(SLOW, to=email)
    found = Slow(office.order(event, email=email, seats=3), title)
    unless_lost(mail.wait_held, email, within=SOON)
    if found.order.job is not None and mail.held(email):
        found.meanwhile = office.job(found.order.job)
        found.held = mail.held(email) > 0
    found.lacking = office.came(found.order, within=SOON + SLOW)
    return found


ENDS = {"again": "sent", "limit": "failed", "permanent": "failed", "dropped": "sent"}
"""The states that the jobs of refused mails come to."""


@dataclass
class Refused:
    """Orders whose mails are not taken at once, with the jobs as they were told in the end."""

    again: object
    """Refused twice for now."""
    limit: object
    """Always refused for now."""
    permanent: object
    """Refused for good."""
    dropped: object
    """Taken, but the answer is lost."""
    jobs: dict = field(default_factory=dict)
    """By the names above."""

    def job(self, name):
        """The job of the order of that name, once it had ended; fails where it had not."""
        order = getattr(self, name)
        reply = self.jobs.get(name)
        if reply is None:
            order.lost("The job of this order cannot be read.")
        job, state = reply.json(dict), ENDS[name]
        if job.get("state") != state:
            reply.fail(f"This job should be {state} in the end.")
        return reply, job


@once
def refused_mails(mail, office):
    """Have four mails refused in four ways at the same time, and wait for what becomes of them."""
    event = office.event()
    emails = {name: office.address() for name in ENDS}
    mail.refuse(2, to=emails["again"])
    mail.refuse(code=452, to=emails["limit"])
    mail.refuse(code=554, to=emails["permanent"])
    mail.drop(1, kept=True, to=emails["dropped"])
    orders = {name: office.order(event, email=email) for name, email in emails.items()}
    found = Refused(**orders)
    for name, order in orders.items():
        if order.job is not None:
            unless_lost(office.settled, order.job, ENDS[name], within=PATIENCE)
            found.jobs[name] = office.job(order.job)
    return found


@dataclass
class Killed:
    """The worker is killed with a mail under way; then the app, after an answer."""

    begun: object
    """The order whose mail was under way."""
    held: bool
    waited: object = None
    """One that was made while there was no worker."""
    last: object = None
    """One after whose answer the app was killed."""
    told: object = None
    """The answer about its job, from the app that was started again."""
    broken: str = ""
    """Why the worker did not start again."""
    lacking: list = field(default_factory=list)


@once
def killed_worker(app, compose, mail, office):
    """Kill the worker in the middle of a mail, and the app while there is no worker."""
    worker, event, email = compose.service("worker"), office.event(), office.address()
    mail.delay(LONG, to=email)
    order = office.order(event, email=email)
    unless_lost(mail.wait_held, email, within=SOON)
    found = Killed(order, mail.held(email) > 0)
    mail.accept()  # the next attempt is taken at once; the one under way goes on
    worker.kill()
    found.waited = office.order(event)
    found.last = office.order(event)
    app.kill()
    if found.last.job is not None:
        found.told = office.job(found.last.job)
    _, found.broken = unless_lost(worker.start)
    found.lacking = office.came(found.begun, found.waited, found.last, within=AGAIN)
    return found


@dataclass
class Broken:
    """The broker is killed while the worker goes on, and with what is in it while there is none."""

    returned: object
    """The order after the broker was back for the first time."""
    unreturned: list
    """That order, where its mail did not come."""
    ended: object = None
    """How the worker ended, which was told to."""
    queued: object = None
    """The order after that."""
    meanwhile: object = None
    """The order while there was none."""
    told: object = None
    """The answer about its job then."""
    after: object = None
    """One after that."""
    broken: str = ""
    """Why the broker or the worker did not start again."""
    lacking: list = field(default_factory=list)


@once
def killed_broker(compose, office):
    """Kill the broker under a living worker; then without one, order, and start both again."""
    worker, broker, event = compose.service("worker"), compose.service("broker"), office.event()
    broker.kill()
    _, broken = unless_lost(broker.start)
    time.sleep(BACK)
    returned = taken_soon(office, event)
    found = Broken(returned, office.came(*[returned] * returned.taken, within=AGAIN))
    found.ended = worker.stop(within=8)
    found.queued = office.order(event)
    broker.kill()
    found.meanwhile = office.order(event)
    if found.meanwhile.job is not None:
        found.told = office.job(found.meanwhile.job)
    for service in (broker, worker):
        _, lost = unless_lost(service.start)
        broken = broken or lost
    found.broken = broken
    found.after = office.order(event)
    found.lacking = office.came(found.queued, found.meanwhile, found.after, within=AGAIN)
    return found


def taken_soon(office, event):
    """An order that is taken, tried again for a while where it is refused."""
    end = time.monotonic() + SOON
    while True:
        order = office.order(event)
        if order.taken or time.monotonic() > end:
            return order
        time.sleep(0.3)
