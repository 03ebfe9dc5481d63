"""Buckets and objects, as moto has them: asked over WSGI, and looked into."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from grader.services.double.http import HttpRequest, Response

os.environ["MOTO_S3_DEFAULT_KEY_BUFFER_SIZE"] = str(1 << 30)  # nothing can be written to
os.environ["MOTO_S3_ALLOW_CROSSACCOUNT_ACCESS"] = "false"

from moto.backends import get_backend
from moto.moto_server.werkzeug_app import create_backend_app

PARTITION = "aws"
REGION = "us-east-1"
FORM, PLAIN = "application/x-www-form-urlencoded", "binary/octet-stream"
DROPPED = {"content-length", "transfer-encoding", "connection"}
"""Headers of an answer that whoever sends it sets."""


class MotoStore:
    """The objects of all apps; each has an account of moto's."""

    def __init__(self) -> None:
        self._app = create_backend_app("s3")

    def make(self, account: str, bucket: str) -> None:
        """Make a bucket."""
        self._backend(account).create_bucket(bucket, REGION)

    def remove(self, account: str) -> None:
        """Remove all that an account has."""
        self._backend(account).reset()

    def ask(self, account: str, request: HttpRequest, query: str) -> Response:
        """Have moto answer a request that may be answered, with `query` in place of its own."""
        begun: list[Any] = []

        def begin(
            status: str, headers: list[tuple[str, str]], *_: object
        ) -> Callable[[bytes], object]:
            begun[:] = [int(status.partition(" ")[0]), headers]
            return lambda text: None

        body = b"".join(self._app.wsgi_app(environ(account, request, query), begin))
        status, headers = begun
        size = next((int(text) for name, text in headers if name.lower() == "content-length"), None)
        kept = {name: text for name, text in headers if name.lower() not in DROPPED}
        return Response(status=status, headers=kept, body=body, size=size)

    # -- looking ---------------------------------------------------------------------------

    def objects(self, account: str, bucket: str) -> Iterator[tuple[str, Any]]:
        """Yield the keys of a bucket in order, each with moto's object."""
        keys = self._backend(account).get_bucket(bucket).keys
        for name in sorted(keys):
            yield name, keys[name]

    def find(self, account: str, bucket: str, key: str) -> Any:
        """Return moto's object of that key; None where there is none."""
        return self._backend(account).get_bucket(bucket).keys.get(key)

    def put(self, account: str, bucket: str, key: str, content: bytes, kind: str) -> None:
        """Store an object."""
        stored = self._backend(account).put_object(bucket, key, content)
        stored.set_metadata({"Content-Type": kind}, replace=True)

    def lists_to_all(self, account: str, bucket: str) -> bool:
        """Whether the bucket's ACL lets everybody list it."""
        acl = self._backend(account).get_bucket(bucket).acl
        return bool(acl and acl.public_read)

    @staticmethod
    def _backend(account: str) -> Any:
        return get_backend("s3")[account][PARTITION]


def environ(account: str, request: HttpRequest, query: str) -> dict[str, Any]:
    """Return a request as WSGI has it; the host says nothing of the bucket."""
    path = request.target.partition("?")[0]
    kind = request.headers.get("content-type", "")
    if kind.startswith(FORM):
        kind = PLAIN  # moto would read a form in the place of what is stored
    found: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "RAW_URI": quote(path, safe="/%-_.~!*'();:@&=+$,") + (f"?{query}" if query else ""),
        "CONTENT_LENGTH": str(len(request.body)),
        "CONTENT_TYPE": kind,
        "SERVER_NAME": "localhost", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": io.StringIO(), "wsgi.multithread": False, "wsgi.multiprocess": False,
        "wsgi.run_once": False, "wsgi.input_terminated": True,
    }  # fmt: skip
    found["REQUEST_URI"] = found["RAW_URI"]
    for name, text in request.headers.items():
        if name not in {"content-length", "content-type", "transfer-encoding"}:
            found[f"HTTP_{name.upper().replace('-', '_')}"] = text
    found |= {"HTTP_HOST": "localhost", "HTTP_X_MOTO_ACCOUNT_ID": account}
    return found
