"""Headers that every answer has."""


def init_app(app):
    # TODO: @app.after_request: X-Request-ID on every answer; CORS and Vary under /api.
    pass
