"""The connection to RabbitMQ, as the user that each new server has."""
import os

import pika


def connect():
    return pika.BlockingConnection(pika.ConnectionParameters(
        host=os.environ["RABBITMQ_HOST"], port=int(os.environ["RABBITMQ_PORT"]),
        virtual_host=os.environ["RABBITMQ_VHOST"],
        credentials=pika.PlainCredentials("guest", "guest"), socket_timeout=2,
    ))
