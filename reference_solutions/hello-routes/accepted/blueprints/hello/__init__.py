"""The application factory."""

import os
import uuid

from flask import Flask, g, request
from flask_cors import CORS

from . import errors
from .api import api
from .pages import pages
from .store import Store


def create_app():
    app = Flask(__name__)
    app.config.update(
        API_TOKEN=os.environ["API_TOKEN"], ALLOWED_ORIGIN=os.environ["ALLOWED_ORIGIN"]
    )
    app.extensions["store"] = Store()
    app.url_map.strict_slashes = False

    CORS(
        app,
        resources={r"/api/.*": {"origins": [app.config["ALLOWED_ORIGIN"]]}},
        supports_credentials=True,
        methods=["GET", "HEAD", "POST", "DELETE"],
        allow_headers=["Authorization", "Content-Type"],
    )
    app.register_blueprint(pages)
    app.register_blueprint(api, url_prefix="/api")
    app.register_error_handler(Exception, errors.answer)

    @app.get("/health")
    def health():
        return {"status": "ok"}

    @app.before_request
    def take_request_id():
        g.request_id = request.headers.get("X-Request-ID") or uuid.uuid4().hex

    @app.after_request
    def finish(response):
        response.headers["X-Request-ID"] = g.request_id
        if request.path.startswith("/api/"):
            response.vary.add("Origin")
        return response

    return app
