"""The worker is killed, and the app."""

import pytest
from conftest import AGAIN
from episodes import killed_worker


@pytest.fixture
def killed(app, compose, mail, office):
    return killed_worker(app, compose, mail, office)


@pytest.mark.criterion("worker.killed")
def test_what_a_dead_worker_had_begun_is_sent(killed):
    killed.begun.expect()
    if not killed.held:
        killed.begun.lost("No worker hands its mail to the mail server within 5 s.")
    assert not killed.broken, f"After it was killed the worker does not start: {killed.broken}"
    if killed.begun in killed.lacking:
        killed.begun.lost(
            "The worker was killed before the mail server had answered it, and started again: "
            f"within {AGAIN:g} s the mail has not come."
        )


@pytest.mark.criterion("worker.away")
def test_orders_are_taken_without_a_worker(killed):
    killed.waited.quick("An order while there is no worker")
    if killed.waited in killed.lacking:
        killed.waited.lost("What was ordered while there was no worker is not sent afterwards.")


@pytest.mark.criterion("app.killed")
def test_what_was_answered_outlives_the_app(killed):
    last = killed.last.expect("An order while there is no worker")
    if killed.told is None:
        last.lost("Once the app was killed and started again, the job is not told in time.")
    killed.told.expect(200)
    if last in killed.lacking:
        last.lost("The app was killed after this answer, and the mail does not come any more.")
