"""The broker is killed, and the worker told to end."""

import pytest
from conftest import AGAIN, AWAY
from episodes import killed_broker


@pytest.fixture
def broken(compose, office):
    return killed_broker(compose, office)


@pytest.mark.criterion("broker.away")
def test_without_the_broker_orders_are_taken(broken):
    order = broken.meanwhile.quick("An order while the broker is away", AWAY)
    if broken.told is None:
        order.lost("While the broker is away the job is not told in time.")
    broken.told.expect(200)
    if broken.told.seconds > AWAY:
        broken.told.fail(f"While the broker is away a job is told within {AWAY:g} s.")


@pytest.mark.criterion("broker.late")
def test_what_was_ordered_meanwhile_is_sent(broken):
    assert not broken.broken, f"After it was killed a service does not start: {broken.broken}"
    if broken.meanwhile.expect() in broken.lacking:
        broken.meanwhile.lost(
            f"What was ordered while the broker was away is not sent within {AGAIN:g} s after it "
            "is back."
        )
    if broken.after.expect("An order after the broker is back") in broken.lacking:
        broken.after.lost("What is ordered once the broker is back is not sent.")


@pytest.mark.criterion("broker.returns")
def test_a_worker_that_goes_on_finds_the_broker_again(broken):
    order = broken.returned.expect("An order after the broker is back")
    if broken.unreturned:
        order.lost(
            "The broker was killed and started again, and the worker went on meanwhile: what was "
            f"ordered then is not sent within {AGAIN:g} s."
        )


@pytest.mark.criterion("broker.restart")
def test_what_was_in_the_broker_is_sent(broken):
    assert not broken.broken, f"After it was killed a service does not start: {broken.broken}"
    if broken.queued.expect() in broken.lacking:
        broken.queued.lost(
            "It was ordered while there was no worker; then the broker was killed and started "
            f"again, and so was the worker. Within {AGAIN:g} s the mail has not come."
        )


@pytest.mark.criterion("worker.ends")
def test_the_worker_ends(broken):
    ended = broken.ended
    assert not ended.killed, "The worker goes on after SIGTERM; it was killed after 8 s."
