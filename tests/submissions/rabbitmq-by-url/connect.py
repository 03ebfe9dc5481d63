"""The connection to RabbitMQ, from its URL."""
import os

import pika


def connect():
    return pika.BlockingConnection(pika.URLParameters(
        os.environ["RABBITMQ_URL"] + "?socket_timeout=2&blocked_connection_timeout=2"
    ))
