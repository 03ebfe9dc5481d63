import pytest


def result_of(broker, text, within=8):
    """What the worker has put into the queue of results for a job; others are taken out."""
    for _ in range(20):
        broker.wait_for("done", within=within)
        message = broker.take("done")
        if message and message.json().get("text") == text:
            return message
    pytest.fail(f"There is no result of the job {text!r}.")


@pytest.mark.criterion("jobs.done")
def test_a_job_is_done(app, broker, draw):
    text = draw.word()
    app.post("/jobs", json={"text": text}).expect(202)
    assert result_of(broker, text).json() == {"text": text, "letters": len(text)}


@pytest.mark.criterion("jobs.taken")
def test_a_job_is_taken_out_of_the_queue(broker, draw):
    text = draw.word()
    assert "jobs" in broker.queues(), "There is no queue of jobs."
    assert broker.durable("jobs"), "The queue of jobs does not survive a restart."
    broker.publish("jobs", {"text": text})
    message = result_of(broker, text)
    assert message.json()["letters"] == len(text)
    assert message.persistent, "A result does not survive a restart."
    broker.wait_until_done("jobs")
    assert broker.consumers("jobs") == 1


@pytest.mark.criterion("jobs.acknowledged")
def test_a_job_is_acknowledged_when_it_is_done(app, broker, draw):
    text = draw.word()
    broker.publish("jobs", {"text": text, "seconds": 1})
    broker.wait_until_taken("jobs")
    assert broker.unacknowledged("jobs") == 1, "A job is acknowledged before it is done."
    app.kill()
    assert result_of(broker, text).json()["letters"] == len(text)


@pytest.mark.criterion("jobs.kept")
def test_jobs_survive_a_restart(app, broker, draw):
    texts = [draw.word() for _ in range(3)]
    for text in texts:
        app.post("/jobs", json={"text": text, "seconds": 0.4}).expect(202)
    broker.restart()
    left = set(texts)
    for _ in range(20):
        if not left:
            return
        broker.wait_for("done")
        left.discard(broker.take("done").json()["text"])
    pytest.fail(f"There is no result of {len(left)} of the jobs.")


@pytest.mark.criterion("broker.outage")
def test_the_app_outlives_an_outage(app, broker, draw):
    with broker.outage():
        app.post("/jobs", json={"text": draw.word()}).expect(503)
    text = draw.word()
    app.post("/jobs", json={"text": text}).expect(202)
    assert result_of(broker, text)
