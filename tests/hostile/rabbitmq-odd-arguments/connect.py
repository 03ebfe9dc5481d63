"""Declares all that can be asked of a broker: priorities, streams, circles, many bindings, odd names."""
import os
import socket
import threading
import time

import pika


def plain(**more):
    credentials = pika.PlainCredentials(os.environ["RABBITMQ_USER"], os.environ["RABBITMQ_PASSWORD"])
    return pika.BlockingConnection(pika.ConnectionParameters(**{**dict(
        host=os.environ["RABBITMQ_HOST"], port=int(os.environ["RABBITMQ_PORT"]),
        virtual_host=os.environ["RABBITMQ_VHOST"], credentials=credentials,
        socket_timeout=2, blocked_connection_timeout=2,
    ), **more}))


def attempt(work, *args, **options):
    """What comes of it, also where RabbitMQ refuses."""
    try:
        return work(*args, **options)
    except (pika.exceptions.AMQPError, OSError) as error:
        print("REFUSED", getattr(work, "__name__", work), repr(error)[:200], flush=True)


def declare(name, arguments, durable=True):
    channel = plain().channel()
    channel.queue_declare(name, durable=durable, arguments=arguments)
    channel.confirm_delivery()
    for _ in range(20):
        channel.basic_publish("", name, b"x" * 10_000)
    channel.connection.close()


def bind():
    channel = plain().channel()
    channel.queue_declare("bound")
    end = time.monotonic() + 4
    for number in range(20_000):
        channel.queue_bind("bound", "amq.topic", f"*.{number}.#")
        if time.monotonic() > end:
            break
    channel.connection.close()


def circle():
    channel = plain().channel()
    for one, other in (("left", "right"), ("right", "left")):
        channel.exchange_declare(one, "fanout")
        channel.exchange_declare(other, "fanout")
        channel.exchange_bind(one, other)
        channel.queue_declare(one, arguments={"x-dead-letter-exchange": other, "x-message-ttl": 0})
        channel.queue_bind(one, one)
    channel.basic_publish("left", "", b"round and round")
    channel.connection.close()


def attack():
    odd = {
        "priorities": {"x-max-priority": 255}, "quorum": {"x-queue-type": "quorum"},
        "stream": {"x-queue-type": "stream"}, "long": {"x-max-length-bytes": 1 << 40},
        "lazy": {"x-queue-mode": "lazy"}, "gone": {"x-expires": 1}, "none": {"x-queue-type": "none"},
        "mirrored": {"x-ha-policy": "all"}, "nested": {"x-max-length": {"a": {"b": [1] * 1000}}},
    }
    for name, arguments in odd.items():
        attempt(declare, name, arguments)
    for name in ("\x1b[31mred", "\u202eturned", "x" * 255, "' OR 1", "<b>"):
        attempt(declare, name, {})
    attempt(circle)
    attempt(bind)


done = False


def connect():
    global done
    if not done:
        done = True
        attack()
    return plain()
