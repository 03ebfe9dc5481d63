"""Puts jobs into a queue of RabbitMQ, and works them off."""
import json
import time

import pika
from pika.exceptions import AMQPError

from connect import connect

QUEUES = ("jobs", "done")
LASTING = pika.BasicProperties(delivery_mode=2, content_type="application/json")


def opened():
    channel = connect().channel()
    channel.confirm_delivery()
    for name in QUEUES:
        channel.queue_declare(name, durable=True)
    return channel


def publish(channel, queue, value):
    channel.basic_publish("", queue, json.dumps(value).encode(), LASTING, mandatory=True)


def put(job):
    channel = opened()
    try:
        publish(channel, "jobs", job)
    finally:
        channel.connection.close()


def work(channel, method, properties, body):
    job = json.loads(body)
    channel.basic_ack(method.delivery_tag)
    time.sleep(job.get("seconds", 0))
    publish(channel, "done", {"text": job["text"], "letters": len(job["text"])})


def consume(channel):
    channel.basic_qos(prefetch_count=1)
    channel.basic_consume("jobs", work)
    channel.start_consuming()


def serve():
    while True:
        try:
            consume(opened())
        except AMQPError as error:
            print(type(error).__name__, flush=True)
            time.sleep(0.1)
