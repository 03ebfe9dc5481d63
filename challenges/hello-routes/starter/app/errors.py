"""Every error: a page with a link to / for people, and {"error": "…"} under /api."""


def init_app(app):
    # TODO: app.register_error_handler(…) for werkzeug's HTTPException. It is called for 404 and
    # 405, and for the 500 that Flask makes of an exception. Keep the Allow header of a 405.
    pass
