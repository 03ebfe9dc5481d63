"""Who a request to S3 is of: AWS Signature Version 4, in a header or in the query (presigned).

Addresses are also presigned by Version 2, as boto3 does unless it is told otherwise.

moto takes every signature for a good one.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from calendar import timegm
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote

from grader.services.double.http import HttpRequest

ALGORITHM = "AWS4-HMAC-SHA256"
SKEW = 900.0
"""Seconds that a request's clock may differ."""
LONGEST = 7 * 24 * 3600
"""Seconds that a presigned address may hold."""
UNSIGNED = "UNSIGNED-PAYLOAD"
SIGNED_NAMES = {
    "acl", "cors", "delete", "location", "partNumber", "policy", "tagging", "uploadId", "uploads",
    "versionId", "versioning", "versions", "response-cache-control", "response-content-disposition",
    "response-content-encoding", "response-content-language", "response-content-type",
    "response-expires",
}  # fmt: skip
"""What of a query Version 2 signs."""


@dataclass(frozen=True, kw_only=True)
class Signature:
    """What a request says of itself."""

    key: str
    scope: str
    """`date/region/s3/aws4_request`."""
    names: tuple[str, ...]
    """The headers that are signed."""
    signed: str
    at: str
    """When, as `20300101T000000Z`."""
    expires: float | None = None
    """Seconds that it holds from then on; None: it is in a header."""
    older: bool = False
    """Whether it is of Version 2, where `at` is the second when it ends."""


class UnreadableRequest(Exception):
    """A signature that is none."""


def signature_of(request: HttpRequest) -> Signature | None:
    """Return the signature of a request; None where it has none. Raises `UnreadableRequest`."""
    said = request.headers.get("authorization", "")
    query = dict(parse_qsl(request.target.partition("?")[2], keep_blank_values=True))
    if not said and not {"X-Amz-Signature", "Signature"} & query.keys():
        return None
    try:
        if not said and "Signature" in query:
            return Signature(
                key=query["AWSAccessKeyId"], scope="", names=(), signed=query["Signature"],
                at=str(int(query["Expires"])), expires=0, older=True,
            )  # fmt: skip
        return _in_query(query) if not said else _in_header(said, request.headers)
    except (KeyError, ValueError) as error:
        raise UnreadableRequest from error


def _in_header(said: str, headers: Mapping[str, str]) -> Signature:
    algorithm, _, rest = said.partition(" ")
    if algorithm != ALGORITHM:
        raise ValueError
    parts = dict(one.strip().split("=", 1) for one in rest.split(","))
    key, _, scope = parts["Credential"].partition("/")
    return Signature(
        key=key, scope=scope, names=tuple(parts["SignedHeaders"].split(";")),
        signed=parts["Signature"], at=headers["x-amz-date"],
    )  # fmt: skip


def _in_query(query: Mapping[str, str]) -> Signature:
    if query["X-Amz-Algorithm"] != ALGORITHM:
        raise ValueError
    key, _, scope = query["X-Amz-Credential"].partition("/")
    return Signature(
        key=key, scope=scope, names=tuple(query["X-Amz-SignedHeaders"].split(";")),
        signed=query["X-Amz-Signature"], at=query["X-Amz-Date"],
        expires=float(min(int(query["X-Amz-Expires"]), LONGEST)),
    )  # fmt: skip


def fault(request: HttpRequest, found: Signature, secret: str) -> str:
    """Return S3's code for what is wrong with a signature; empty where it is good."""
    made = older(request, found, secret) if found.older else expected(request, found, secret)
    if not hmac.compare_digest(made, found.signed.encode("utf-8", "replace")):
        return "SignatureDoesNotMatch"
    if found.older:
        return "" if time.time() < int(found.at) else "AccessDenied"
    try:
        age = time.time() - timegm(time.strptime(found.at, "%Y%m%dT%H%M%SZ"))
    except ValueError:
        return "AuthorizationHeaderMalformed"
    if found.expires is not None:
        return "" if -SKEW < age < found.expires else "AccessDenied"
    if abs(age) > SKEW:
        return "RequestTimeTooSkewed"
    digest = request.headers.get("x-amz-content-sha256", "")
    sent = hashlib.sha256(request.body).hexdigest()
    return "" if len(digest) != len(sent) or digest == sent else "XAmzContentSHA256Mismatch"


def expected(request: HttpRequest, found: Signature, secret: str) -> bytes:
    """Return the signature that the request should have."""
    digest = hashlib.sha256(_canonical(request, found)).hexdigest()
    text = "\n".join([ALGORITHM, found.at, found.scope, digest])
    signing = f"AWS4{secret}".encode()
    for part in found.scope.split("/"):
        signing = hmac.new(signing, part.encode(), hashlib.sha256).digest()
    return hmac.new(signing, text.encode(), hashlib.sha256).hexdigest().encode()


def older(request: HttpRequest, found: Signature, secret: str) -> bytes:
    """Return the signature of Version 2 that a presigned request should have."""
    path, _, query = request.target.partition("?")
    pairs = sorted(
        one for one in parse_qsl(query, keep_blank_values=True) if one[0] in SIGNED_NAMES
    )
    asked = "&".join(f"{name}={value}" if value else name for name, value in pairs)
    headers = request.headers
    extra = sorted(f"{name}:{headers[name]}\n" for name in headers if name.startswith("x-amz-"))
    text = "\n".join([
        request.method, headers.get("content-md5", ""), headers.get("content-type", ""), found.at,
        "".join(extra) + path + (f"?{asked}" if asked else ""),
    ])  # fmt: skip
    made = hmac.new(secret.encode(), text.encode("utf-8", "surrogateescape"), hashlib.sha1)
    return base64.b64encode(made.digest())


def _canonical(request: HttpRequest, found: Signature) -> bytes:
    path, _, query = request.target.partition("?")
    pairs = sorted(
        (quote(name, safe="-_.~"), quote(value, safe="-_.~"))
        for name, value in parse_qsl(query, keep_blank_values=True)
        if name != "X-Amz-Signature"
    )
    headers = "".join(
        f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in found.names
    )
    in_query = found.expires is not None
    payload = UNSIGNED if in_query else request.headers.get("x-amz-content-sha256", UNSIGNED)
    lines = [
        request.method, quote(unquote(path), safe="/-_.~"),
        "&".join(f"{name}={value}" for name, value in pairs), headers, ";".join(found.names),
        payload,
    ]  # fmt: skip
    return "\n".join(lines).encode("utf-8", "surrogateescape")
