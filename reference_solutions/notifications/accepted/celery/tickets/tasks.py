"""Celery: the mail of a job, and what publishes again what was lost."""

import os
from datetime import timedelta

from amqp.exceptions import AMQPError
from celery import Celery
from kombu.exceptions import OperationalError
from sqlalchemy import func, select, update

from . import mail
from .models import Job, Session

OVERDUE = timedelta(seconds=3)

app = Celery("tickets", broker=os.environ["BROKER_URL"])
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
    broker_connection_timeout=1,
    broker_transport_options={"max_retries": 1, "interval_start": 0, "interval_step": 0},
    broker_pool_limit=0,  # a connection that was kept would be dead after an outage
    worker_cancel_long_running_tasks_on_connection_loss=False,
    beat_schedule={"relay": {"task": "relay", "schedule": 0.5, "options": {"expires": 5}}},
)


def publish(number, countdown=0):
    """Publish a task for a job. What is not published now, `relay` finds overdue."""
    try:
        send.apply_async([number], countdown=countdown, retry=False)
    except (OSError, AMQPError, OperationalError) as error:
        print(f"Not published: {error!r}")


@app.task(name="send")
def send(number):
    """Send the mail of a job; nothing where another task has it, or it is not pending."""
    pause = None
    with Session.begin() as session:
        job = session.scalar(
            select(Job)
            .where(Job.id == number, Job.state == "pending", Job.due <= func.clock_timestamp())
            .with_for_update(skip_locked=True)
        )
        if job:
            pause = attempt(job)
    if pause is not None:
        publish(number, pause)


def attempt(job):
    """Try a mail, and return the pause before the next attempt; None where there is none."""
    job.attempts += 1
    try:
        mail.send(job)
    except OSError as error:
        code = mail.code_of(error)
        job.error = f"{code or 'no answer'}: {error}"
        if 500 <= code or job.attempts >= int(os.environ["MAX_ATTEMPTS"]):
            job.state = "failed"
            return None
        pause = float(os.environ["RETRY_SECONDS"]) * 2 ** (job.attempts - 1)
        job.due = func.clock_timestamp() + timedelta(seconds=pause)
        return pause + 0.02
    job.state, job.error = "sent", None
    return None


@app.task(name="relay")
def relay():
    """Publish again what should long have been done."""
    with Session.begin() as session:
        numbers = session.scalars(
            update(Job)
            .where(Job.state == "pending", Job.due < func.clock_timestamp() - OVERDUE)
            .values(due=func.clock_timestamp())
            .returning(Job.id)
        ).all()
    for number in numbers:
        publish(number)
