"""Every error is answered as JSON: {"error": "…"}, with "fields" where fields are wrong."""


def init_app(app):
    # TODO: app.register_error_handler(…) for werkzeug's HTTPException, for what your validation
    # raises, and for what the driver raises when MySQL cannot be reached (503).
    pass
