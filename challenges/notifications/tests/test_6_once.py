"""What has come by now, after all that was killed: nothing twice, and nothing that was refused."""

import pytest
from episodes import killed_broker, killed_worker, refused_mails, rolled_back, slow


@pytest.mark.criterion("mail.once")
def test_one_mail_has_come(mail, office):
    office.once("An order whose mail the mail server took slowly", slow(mail, office).order)


@pytest.mark.criterion("key.repeat")
def test_the_same_request_has_sent_one_mail(office):
    order = office.known["repeated"]
    if office.came(order):
        order.lost("No mail has come for an order that was sent three times.")
    office.once("The same request three times", order)


@pytest.mark.criterion("key.race")
def test_the_same_request_at_once_has_sent_one_mail(office):
    orders = [one for name, one in office.known.items() if name.startswith("raced-")]
    for order in office.came(*orders):
        order.lost("No mail has come for an order that was sent many times at once.")
    office.once("The same request many times at once", *orders)


@pytest.mark.criterion("retry.again")
def test_what_was_refused_has_come_once(mail, office):
    office.once("A mail that was refused twice", refused_mails(mail, office).again)


@pytest.mark.criterion("worker.once")
def test_each_mail_has_come_once(app, compose, mail, office):
    found = killed_worker(app, compose, mail, office)
    office.once("The worker was killed", found.begun, found.waited, found.last)


@pytest.mark.criterion("broker.late")
def test_each_has_come_once_after_the_broker_was_killed(compose, office):
    found = killed_broker(compose, office)
    office.once("The broker was killed", found.returned, found.meanwhile, found.after)


@pytest.mark.criterion("broker.restart")
def test_what_was_in_the_broker_has_come_once(compose, office):
    office.once("The broker was killed", killed_broker(compose, office).queued)


@pytest.mark.criterion("rollback.mail")
def test_nothing_is_sent_for_what_was_rolled_back(app, office):
    found = rolled_back(app, office)
    office.once("")
    for reply in (found.sold_out, found.unknown):
        if reply.status < 400:
            reply.fail("This batch should be refused as a whole.")
    for email in found.emails:
        if office.count(email):
            found.sold_out.fail(
                f"This batch was refused, or the one after it, and {email} got a mail all the same."
            )
