"""Says hello over TLS, and sends there whoever comes without."""
import os
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    def answer(self, status, body, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Secure(Handler):
    def do_GET(self):
        self.answer(200, b"hello\n") if self.path == "/" else self.answer(404, b"")


class Plain(Handler):
    def do_GET(self):
        if self.path == "/health":
            self.answer(200, b"ok\n")
        else:
            self.answer(308, b"", Location=f"https://localhost:8443{self.path}")


class SecureServer(ThreadingHTTPServer):
    """Makes the handshake in the thread of the connection: who is slow keeps nobody waiting."""

    def finish_request(self, request, client_address):
        with CONTEXT.wrap_socket(request, server_side=True) as secured:
            super().finish_request(secured, client_address)

    def handle_error(self, request, client_address):
        pass


CONTEXT = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
CONTEXT.minimum_version = ssl.TLSVersion.TLSv1_2
CONTEXT.set_ciphers("ECDHE+AESGCM:ECDHE+CHACHA20")
CONTEXT.load_cert_chain(os.environ["TLS_CERTIFICATE"], os.environ["TLS_KEY"])
threading.Thread(target=SecureServer(("", 8443), Secure).serve_forever, daemon=True).start()
ThreadingHTTPServer(("", 5000), Plain).serve_forever()
