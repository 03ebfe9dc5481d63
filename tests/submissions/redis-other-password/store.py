"""Keeps notes and reports in Redis, and starts without it."""

from connect import connect

client = connect()


def check():
    pass


def keep(text, tag):
    client.set("note", text)
    return {"text": text}


def notes():
    return [client.get("note")]


def report(name):
    client.set(f"report:{name}", "{}")
    return {}
