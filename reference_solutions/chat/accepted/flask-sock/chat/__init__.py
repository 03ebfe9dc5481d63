"""A chat with rooms over WebSockets."""
import redis
from flask import Flask, jsonify
from werkzeug.exceptions import HTTPException

from . import http, limits, rooms, sockets


def create_app():
    app = Flask(__name__)
    app.json.ensure_ascii = False
    app.config["SOCK_SERVER_OPTIONS"] = {"max_message_size": limits.MAX_BYTES}
    app.register_blueprint(http.routes)
    sockets.sock.init_app(app)
    rooms.start()

    @app.errorhandler(HTTPException)
    def refuse(error):
        answer = jsonify(error=error.description)
        answer.status_code = error.code
        if error.code == 405 and error.valid_methods:
            answer.headers["Allow"] = ", ".join(error.valid_methods)
        return answer

    @app.errorhandler(redis.RedisError)
    def unavailable(error):
        return jsonify(error="Redis does not answer."), 503

    return app
