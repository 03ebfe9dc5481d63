"""What RabbitMQ says that a submission is the cause of, and the sentence for it."""

from __future__ import annotations

from grader.deadline.amqp import NO_SUCH, AmqpBlocked, AmqpError, AmqpRefused
from grader.exam.faults import Mismatch
from grader.text import clean, clip

LOCKED, UNLIKE = 405, 406
OWN = frozenset({0, 311, NO_SUCH, LOCKED, UNLIKE})
"""AMQP's numbers for what is refused because of what an app has declared."""
FULL = (
    "Your app has filled the memory or the disk that RabbitMQ may use, so it takes no message; let "
    "a consumer acknowledge what it has done, and publish less at a time."
)
FULL_QUEUE = "The queue of your app's is full, so RabbitMQ takes no message for it."
SHOWN = 80
"""Characters of a name that are shown."""


def named(name: str) -> str:
    """Return a name that an app has given, as it can be shown."""
    return repr(clip(clean(name), SHOWN))


def loss_in(error: AmqpError, queue: str) -> Mismatch | None:
    """Return the loss of a student whose app is why RabbitMQ says that; None where it is not."""
    if isinstance(error, AmqpBlocked):
        return Mismatch(FULL)
    if not isinstance(error, AmqpRefused) or error.code not in OWN:
        return None
    if error.code == 0:
        return Mismatch(FULL_QUEUE)
    if error.code == NO_SUCH and queue:
        return Mismatch(f"There is no queue {named(queue)} in your RabbitMQ.")
    if error.code == LOCKED:
        return Mismatch(
            f"The queue {named(queue)} is exclusive: nobody but the connection that has declared "
            "it can use it. Declare it durable, and not exclusive."
        )
    return Mismatch(f"RabbitMQ refused the grader's look: {named(str(error))}.")
