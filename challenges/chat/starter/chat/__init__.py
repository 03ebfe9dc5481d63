"""A chat with rooms over WebSockets. It starts; the rest is yours to write."""
from flask import Flask, jsonify

from .sockets import sock


def create_app():
    app = Flask(__name__)
    sock.init_app(app)

    @app.get("/health")
    def health():
        return jsonify(status="ok")

    return app
