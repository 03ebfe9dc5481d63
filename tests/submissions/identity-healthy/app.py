"""An app that people sign in to at a provider."""
import json
import secrets
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import login

sessions = {}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def send(self, value, status=200, **headers):
        body = json.dumps(value).encode()
        self.send_response(status)
        for name, text in headers.items():
            self.send_header(name.replace("_", "-"), text)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def session(self):
        found = SimpleCookie(self.headers.get("Cookie", "")).get("session")
        return sessions.get(found.value if found else "", {})

    def start(self, values, status, **headers):
        """Begins another session."""
        name = secrets.token_urlsafe(16)
        sessions[name] = values
        self.send({}, status, Set_Cookie=f"session={name}; HttpOnly; SameSite=Lax; Path=/", **headers)

    def do_GET(self):
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query))
        if parts.path == "/login":
            kept, where = login.begun(f"http://{self.headers['Host']}/callback")
            self.start(kept, 302, Location=where)
        elif parts.path == "/callback":
            try:
                user = login.ended(self.session(), query)
            except login.Refused as error:
                self.send({"error": str(error)}, 400)
            except OSError:
                self.send({"error": "the provider cannot be reached"}, 503)
            else:
                self.start({"user": user}, 302, Location="/me")
        elif parts.path == "/me":
            user = self.session().get("user")
            self.send({"user": user}, 200) if user else self.send({}, 401)
        else:
            self.send({})


ThreadingHTTPServer(("0.0.0.0", 5000), Handler).serve_forever()
