"""Keeps notes and reports in its own memory."""
from connect import connect

client = connect()
kept = []


def check():
    client.ping()


def keep(text, tag):
    kept.append(text)
    return {"id": len(kept), "text": text}


def notes():
    client.ping()
    return kept


def report(name):
    return {"letters": len(name)}
