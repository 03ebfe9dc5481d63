"""Keeps notes in MySQL, with the packages of its Python's time."""
import os

import pymysql
from flask import Flask, jsonify, request

app = Flask(__name__)


def run(statement, values=()):
    connection = pymysql.connect(
        host=os.environ["DB_HOST"], user=os.environ["DB_USER"], database=os.environ["DB_NAME"],
        password=os.environ["DB_PASSWORD"], autocommit=True, connect_timeout=2, read_timeout=2,
    )
    try:
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE IF NOT EXISTS notes (text VARCHAR(200))")
            cursor.execute(statement, values)
            return [row[0] for row in cursor.fetchall()]
    finally:
        connection.close()


@app.route("/health")
def health():
    return {}


@app.route("/notes")
def notes():
    return jsonify(run("SELECT text FROM notes"))


@app.route("/notes", methods=["POST"])
def add():
    note = request.get_json()
    run("INSERT INTO notes VALUES (%s)", [note["text"]])
    return note, 201


if __name__ == "__main__":
    app.run(host="0.0.0.0", port=5000)
