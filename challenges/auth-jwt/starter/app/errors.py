"""Every error is answered as JSON: {"error": "…"}."""


def init_app(app):
    # TODO: app.register_error_handler(…) for werkzeug's HTTPException, and for what you raise yourself.
    pass
