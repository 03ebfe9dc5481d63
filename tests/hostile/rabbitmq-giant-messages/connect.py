"""Publishes messages of hundreds of megabytes, and many that are just small enough."""
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


def giant(size):
    channel = plain().channel()
    channel.confirm_delivery()
    channel.queue_declare("giant", durable=True)
    channel.basic_publish("", "giant", b"x" * size)


def attack():
    for size in (5_000_000, 60_000_000):
        attempt(giant, size)
    for _ in range(30):
        attempt(giant, 4_000_000)


done = False


def connect():
    global done
    if not done:
        done = True
        attack()
    return plain()
