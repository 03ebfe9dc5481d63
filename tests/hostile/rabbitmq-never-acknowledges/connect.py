"""Takes messages without end, and acknowledges none."""
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

held = []


def hold(number):
    channel = plain(blocked_connection_timeout=None).channel()
    held.append(channel)
    channel.queue_declare("held", durable=True)
    lasting = pika.BasicProperties(delivery_mode=2)
    channel.basic_consume("held", lambda *_: None)
    end = time.monotonic() + 6
    while time.monotonic() < end:
        channel.basic_publish("", "held", b"x" * 500_000, lasting)
        channel.connection.process_data_events(0)


def attack():
    threads = [threading.Thread(target=attempt, args=(hold, one), daemon=True) for one in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(6)


done = False


def connect():
    global done
    if not done:
        done = True
        attack()
    return plain()
