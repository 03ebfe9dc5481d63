"""Rejected: Flask's own pages for errors."""


def init_app(app):
    pass
