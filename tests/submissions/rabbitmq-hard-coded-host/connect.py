"""The connection to RabbitMQ: what the environment says, but for the host."""
import os

import pika


def connect():
    credentials = pika.PlainCredentials(os.environ["RABBITMQ_USER"], os.environ["RABBITMQ_PASSWORD"])
    return pika.BlockingConnection(pika.ConnectionParameters(
        host="localhost", port=int(os.environ["RABBITMQ_PORT"]),
        virtual_host=os.environ["RABBITMQ_VHOST"], credentials=credentials,
        socket_timeout=2, blocked_connection_timeout=2,
    ))
