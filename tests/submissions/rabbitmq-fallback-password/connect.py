"""The connection to RabbitMQ: what the environment says."""
import os

import pika


def connect():
    credentials = pika.PlainCredentials(
        os.environ["RABBITMQ_USER"], os.environ.get("RABBITMQ_PASSWORD", "letmein-2024")
    )
    return pika.BlockingConnection(pika.ConnectionParameters(
        host=os.environ["RABBITMQ_HOST"], port=int(os.environ["RABBITMQ_PORT"]),
        virtual_host=os.environ["RABBITMQ_VHOST"], credentials=credentials,
        socket_timeout=2, blocked_connection_timeout=2,
    ))
