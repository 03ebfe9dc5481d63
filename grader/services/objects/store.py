"""The program of the object store: S3 by moto, behind signatures and bounds of our own."""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, TypeVar
from urllib.parse import parse_qsl, unquote
from xml.sax.saxutils import escape

from grader.services.double.http import HttpRequest, Response
from grader.services.double.tenants import Program, page, serve
from grader.services.objects.bucket import LONGEST_DELAY, Bucket, ObjectOrders, bucket_of
from grader.services.objects.moto_store import MotoStore
from grader.services.objects.signatures import UnreadableRequest, fault, signature_of

PORT = 12113
BODY_BYTES = 8 * 1024 * 1024
"""Of one request, and so of an object that is stored at once."""
XML_BYTES = 256 * 1024
"""Of a request whose body moto reads as XML."""
WAITING = 8
"""Requests that wait for moto at a time; the grader's orders wait for no more than those."""
KNOWN = {
    "acl", "policy", "policyStatus", "publicAccessBlock", "ownershipControls", "location",
    "versioning", "versions", "versionId", "tagging", "cors", "delete", "uploads", "uploadId",
    "partNumber", "list-type", "prefix", "delimiter", "marker", "max-keys", "continuation-token",
    "start-after", "encoding-type", "fetch-owner", "key-marker", "version-id-marker", "max-uploads",
    "AWSAccessKeyId", "Signature", "Expires",
    "upload-id-marker", "max-parts", "part-number-marker", "x-id", "attributes",
}  # fmt: skip
"""What a query may ask for; anything else moto does with the world around it, or not at all."""
OWN = "x-amz-meta-"
"""How the names of headers begin that an app's own metadata come in."""
PREFIXES = ("X-Amz-", "response-", "x-amz-")
READING = {"GET", "HEAD"}
STATUSES = {
    "AuthorizationHeaderMalformed": 400, "XAmzContentSHA256Mismatch": 400,
    "NotImplemented": 501, "SlowDown": 503, "EntityTooLarge": 400, "InternalError": 500,
}  # fmt: skip
"""Of S3's codes that are not 403."""
T = TypeVar("T")


class Store(Program[Bucket]):
    """Buckets of apps."""

    def __init__(self, password: str, port: int = PORT) -> None:
        self._moto = MotoStore()
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._room = asyncio.Semaphore(WAITING)
        super().__init__(password, port, body_bytes=BODY_BYTES)

    def tenant(self, told: Mapping[str, Any], port: int) -> Bucket:
        """Return a bucket that holds nothing."""
        made = Bucket(**{name: told[name] for name in ("user", "password") if name in told})
        if made.user:
            made.bucket = bucket_of(made.user)
            self._moto.make(made.account, made.bucket)
        return made

    def forget(self, tenant: Bucket) -> None:
        """Remove its objects."""
        self._thread.submit(self._moto.remove, tenant.account).result()

    async def _do(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    # -- what apps ask -------------------------------------------------------------------------

    async def answer(self, tenant: Bucket, request: HttpRequest) -> Response:
        """Answer a request of S3's API, addressed by path."""
        orders = tenant.orders
        await asyncio.sleep(orders.delay)
        who, error = self._who(tenant, request)
        if error or (error := await self._refusal(tenant, request, who)):
            response = refused(error)
        elif orders.refuse:
            orders.refuse -= orders.refuse > 0
            response = refused("SlowDown", orders.code)
        elif orders.drop and request.method not in READING:
            orders.drop -= orders.drop > 0
            if orders.kept:
                await self._asked(tenant, request, who)
            response = Response(cut=True)
        else:
            response = await self._asked(tenant, request, who)
        code = 0 if response.cut else response.status
        tenant.keep(request.method, unquote(request.target.partition("?")[0]), code, who)
        return response

    async def _asked(self, tenant: Bucket, request: HttpRequest, who: str) -> Response:
        query = request.target.partition("?")[2] if who else ""
        async with self._room:
            try:
                return await self._do(lambda: self._moto.ask(tenant.account, request, query))
            except Exception as error:  # noqa: BLE001 - whatever moto does with what it cannot read
                print(f"moto: {error!r}", flush=True)  # noqa: T201 - the container's log
                return refused("InternalError")

    def _who(self, tenant: Bucket, request: HttpRequest) -> tuple[str, str]:
        """Return how a request is signed (`header`, `query`, not at all), and what is wrong."""
        try:
            found = signature_of(request)
        except UnreadableRequest:
            return "", "AuthorizationHeaderMalformed"
        if found is None:
            return "", ""
        who = "header" if found.expires is None else "query"
        if not tenant.password or found.key != tenant.user:
            tenant.allows("", request.host)
            return who, "InvalidAccessKeyId"
        wrong = fault(request, found, tenant.password)
        if wrong == "SignatureDoesNotMatch":
            tenant.allows(found.signed, request.host)
        return who, wrong

    async def _refusal(self, tenant: Bucket, request: HttpRequest, who: str) -> str:
        """Return S3's code for what nobody may ask, or not this one; empty where it is answered."""
        bucket, _, key = unquote(request.target.partition("?")[0]).lstrip("/").partition("/")
        if bucket != tenant.bucket and (bucket or not who):
            return "AccessDenied"
        if not who:
            if request.method not in READING:
                return "AccessDenied"
            where = (tenant.account, tenant.bucket)
            public = await self._do(lambda: self._moto.lists_to_all(*where))
            return "" if key or public else "AccessDenied"
        names = [name for name, _ in parse_qsl(request.target.partition("?")[2], True)]  # noqa: FBT003
        if any(one not in KNOWN and not one.startswith(PREFIXES) for one in names):
            return "NotImplemented"
        if request.method in READING or request.method == "DELETE":
            return ""
        if bucket and not key and request.method == "POST" and "delete" not in names:
            return "NotImplemented"  # a browser's form, which is signed otherwise
        part = "partNumber" in names
        if names and not part and not set(names) <= {"x-id"} and len(request.body) > XML_BYTES:
            return "EntityTooLarge"
        size = await self._do(lambda: self._size(tenant, request))
        return "" if tenant.takes(size * (2 if part else 1)) else "SlowDown"

    def _size(self, tenant: Bucket, request: HttpRequest) -> int:
        """Return how many bytes are stored by a request; what it copies counts."""
        source = unquote(request.headers.get("x-amz-copy-source", "")).lstrip("/").partition("?")[0]
        bucket, _, key = source.partition("/")
        found = self._moto.find(tenant.account, tenant.bucket, key) if bucket else None
        return len(request.body) + (found.size if found is not None else 0)

    # -- orders --------------------------------------------------------------------------------

    async def obey(self, tenant: Bucket, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Carry out what the suite asks for."""
        where = (tenant.account, tenant.bucket)
        full = {"full": tenant.full}
        match asked["do"]:
            case "objects":
                found = await self._do(
                    lambda: [told(name, one) for name, one in self._moto.objects(*where)]
                )
                return page(found, asked["after"]) | full
            case "requests":
                return page(tenant.requests, asked["after"]) | full
            case "read":
                one = await self._do(lambda: self._moto.find(*where, asked["key"]))
                content = await self._do(lambda: one.value if one is not None else None)
                return {"content": None if content is None else base64.b64encode(content).decode()}
            case "put":
                content = base64.b64decode(asked["content"])
                await self._do(lambda: self._moto.put(*where, asked["key"], content, asked["kind"]))
            case "orders":
                before = tenant.orders if asked["orders"] else ObjectOrders()
                tenant.orders = replace(before, **asked["orders"])
                tenant.orders.delay = min(max(tenant.orders.delay, 0.0), LONGEST_DELAY)
        return {}


def told(name: str, found: Any) -> dict[str, Any]:
    """Return what the suite is told of one of moto's objects."""
    metadata = {str(key).lower(): str(value) for key, value in found.metadata.items()}
    kind = metadata.pop("content-type", "")
    kept = {key.removeprefix(OWN): value for key, value in metadata.items() if key.startswith(OWN)}
    return {
        "key": name, "size": found.size, "content_type": kind, "metadata": kept,
        "at": found.last_modified.timestamp(),
    }  # fmt: skip


def refused(code: str, status: int = 0) -> Response:
    """Return an answer that says what is wrong, as S3's do."""
    text = f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{escape(code)}</Code></Error>'
    found = status or STATUSES.get(code, 403)
    return Response(status=found, headers={"Content-Type": "application/xml"}, body=text.encode())


def main() -> None:
    """Run the program."""

    async def run() -> None:
        await serve(Store(os.environ["GRADER_PASSWORD"]))

    asyncio.run(run())
