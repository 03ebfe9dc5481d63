"""What holds for every answer, whatever the site does."""

import uuid


class Layer:
    def __init__(self, site, origin):
        self.site = site
        self.origin = origin

    def __call__(self, environ, start_response):
        def start(status, headers, exc_info=None):
            return start_response(status, headers + self.headers(environ), exc_info)

        return self.site(environ, start)

    def headers(self, environ):
        number = environ.get("HTTP_X_REQUEST_ID") or f"r{uuid.uuid4().int}"
        added = [("X-Request-ID", number)]
        if environ.get("PATH_INFO", "").startswith("/api/"):
            added.append(("Vary", "Accept, Origin"))
            # The one origin that is allowed, whoever asks: a browser compares by itself.
            added += [
                ("Access-Control-Allow-Origin", self.origin),
                ("Access-Control-Allow-Credentials", "true"),
                ("Access-Control-Allow-Methods", "HEAD, GET, POST, DELETE"),
                ("Access-Control-Allow-Headers", "content-type, authorization"),
            ]
        return added
