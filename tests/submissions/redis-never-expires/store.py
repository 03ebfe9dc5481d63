"""Keeps notes and reports in Redis."""
import json

from connect import connect

client = connect()


def check():
    client.ping()


def keep(text, tag):
    number = client.incr("last")
    with client.pipeline() as together:
        together.hset(f"note:{number}", mapping={"text": text, "tag": tag})
        together.lpush("recent", number)
        together.sadd("tags", tag)
        together.zincrby("uses", 1, tag)
        together.execute()
    return {"id": number, "text": text}


def notes():
    return [client.hget(f"note:{number}", "text") for number in client.lrange("recent", 0, -1)]


def report(name):
    key = f"report:{name}"
    cached = client.get(key)
    if cached is None:
        cached = json.dumps({"letters": len(name)})
        client.set(key, cached)
    return json.loads(cached)
