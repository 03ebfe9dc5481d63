import time

import pytest


def post(app, draw):
    job = {"to": f"{draw.word()}@example.org", "item": draw.word()}
    return job, app.post("/jobs", json=job)


@pytest.mark.criterion("jobs.sent")
def test_a_job_sends_one_mail(app, mail, environment, draw):
    job, reply = post(app, draw)
    reply.expect(202)
    (found,) = mail.exactly(1, job["to"], within=10, quiet=0.3)
    assert job["item"] in found.subject, "The subject does not hold the item."
    assert environment["SENDER"] in found.sender, "The mail is from somebody else."


@pytest.mark.criterion("jobs.answered")
def test_a_frozen_worker_keeps_nobody_waiting(app, compose, mail, draw):
    worker = compose.service("worker")
    with worker.paused():
        job, reply = post(app, draw)
        reply.expect(202)
        assert reply.seconds < 1, "The answer waits for the worker."
        assert not mail.messages(job["to"]), "The mail is sent though the worker stands still."
    mail.wait_for(job["to"], within=10)


@pytest.mark.criterion("jobs.killed")
def test_what_a_dead_worker_had_begun_is_sent(app, compose, mail, draw):
    worker = compose.service("worker")
    mail.refuse()
    job, reply = post(app, draw)
    reply.expect(202)
    end = time.monotonic() + 5
    while not mail.attempts(job["to"]) and time.monotonic() < end:
        time.sleep(0.05)
    worker.kill()
    assert not worker.running
    mail.accept()
    worker.start()
    mail.wait_for(job["to"], within=10)


@pytest.mark.criterion("worker.ends")
def test_the_worker_ends(compose):
    worker = compose.service("worker")
    ended = worker.stop(within=3)
    assert not ended.killed, (
        f"The worker goes on after SIGTERM; it was killed after {ended.seconds:.0f} s."
    )
    worker.start()


@pytest.mark.criterion("queue.outage")
def test_without_the_queue(app, compose, draw):
    with compose.service("queue").outage():
        _, reply = post(app, draw)
        reply.expect(503)
    post(app, draw)[1].expect(202)


@pytest.mark.criterion("worker.given")
def test_the_worker_is_given_what_it_needs(compose, environment):
    worker, queue = compose.service("worker"), compose.service("queue")
    assert "mail" in worker.environment.get("MAIL_URL", ""), "The worker has no MAIL_URL."
    assert worker.environment.get("SENDER") == environment["SENDER"], "The worker has no SENDER."
    assert not worker.published, "The worker publishes a port."
    assert not queue.published, "The queue publishes a port."
    assert set(worker.networks) & set(queue.networks), "They share no network."
    assert compose.service("app").name == compose.app
