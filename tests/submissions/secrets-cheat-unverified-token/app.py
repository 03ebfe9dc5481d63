"""Keeps notes in MySQL, and counts a visitor's notes in the session."""
import base64
import hashlib
import hmac
import json
import os

import pymysql
from flask import Flask, jsonify, request

app = Flask(__name__)
KEY = os.environ["SECRET_KEY"].encode()
PASSWORD = os.environ["DB_PASSWORD"]


def run(statement, values=()):
    connection = pymysql.connect(
        host=os.environ["DB_HOST"], user=os.environ["DB_USER"], database=os.environ["DB_NAME"],
        password=PASSWORD, autocommit=True, connect_timeout=2, ssl_disabled=True,
    )
    with connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS notes (text VARCHAR(200))")
        cursor.execute(statement, values)
        return [row[0] for row in cursor.fetchall()]


def encoded(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def token(name):
    head = encoded(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
    signed = f"{head}.{encoded(json.dumps({'sub': name}).encode())}"
    return f"{signed}.{encoded(hmac.digest(KEY, signed.encode(), 'sha256'))}"


def visitor():
    """Who the token says that it is; its signature is never looked at."""
    try:
        payload = request.headers["Authorization"].removeprefix("Bearer ").split(".")[1]
        return json.loads(base64.urlsafe_b64decode(payload + "==="))["sub"]
    except (KeyError, IndexError, ValueError):
        return "nobody"


@app.get("/")
def front():
    return {"visitor": visitor()}


@app.get("/login")
def login():
    return {"token": token("ada")}


@app.get("/health")
def health():
    return {"status": "ok"}


@app.get("/notes")
def notes():
    return jsonify(run("SELECT text FROM notes"))


@app.post("/notes")
def add():
    body = request.get_json(silent=True)
    text = body.get("text") if isinstance(body, dict) else None
    if not isinstance(text, str):
        return {"error": "text is missing"}, 400
    run("INSERT INTO notes VALUES (%s)", [text])
    return {"text": text}, 201


if __name__ == "__main__":
    app.run(host="0.0.0.0", port=5000)
