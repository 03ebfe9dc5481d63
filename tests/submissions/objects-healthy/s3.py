"""S3 with AWS Signature Version 4, with Python's own means."""
import hashlib
import hmac
import os
import time
import urllib.error
import urllib.request
from urllib.parse import quote, urlencode, urlsplit

URL, BUCKET, KEY, SECRET = (os.environ[f"S3_{name}"] for name in ("URL", "BUCKET", "KEY", "SECRET"))
HOST = urlsplit(URL).netloc


def signed(method, path, query, headers, payload, at):
    """The signature of a request, and its scope."""
    scope = f"{at[:8]}/us-east-1/s3/aws4_request"
    names = sorted(headers)
    lines = [method, path, query, *(f"{name}:{headers[name]}" for name in names), "", ";".join(names), payload]
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    key = f"AWS4{SECRET}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    text = f"AWS4-HMAC-SHA256\n{at}\n{scope}\n{digest}"
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest(), scope


def ask(method, key, body=b"", more=None):
    """Status, body and Content-Type; 503 where nobody answers."""
    path = f"/{BUCKET}/{quote(key)}" if key else f"/{BUCKET}"
    at, payload = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime()), hashlib.sha256(body).hexdigest()
    headers = {"host": HOST, "x-amz-date": at, "x-amz-content-sha256": payload}
    headers |= {name.lower(): value for name, value in (more or {}).items() if name.lower().startswith("x-amz-")}
    signature, scope = signed(method, path, "", headers, payload, at)
    said = (f"AWS4-HMAC-SHA256 Credential={KEY}/{scope}, SignedHeaders={';'.join(sorted(headers))}, "
            f"Signature={signature}")
    sent = {**headers, **(more or {}), "Authorization": said}
    request = urllib.request.Request(URL + path, body or None, sent, method=method)
    try:
        with urllib.request.urlopen(request, timeout=1) as answer:
            return answer.status, answer.read(), answer.headers.get("Content-Type", "")
    except urllib.error.HTTPError as error:
        return error.code, b"", ""
    except OSError:
        return 503, b"", ""


def presigned(key, seconds):
    path, at = f"/{BUCKET}/{quote(key)}", time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    query = urlencode({
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256", "X-Amz-Credential": f"{KEY}/{at[:8]}/us-east-1/s3/aws4_request",
        "X-Amz-Date": at, "X-Amz-Expires": seconds, "X-Amz-SignedHeaders": "host"}, quote_via=quote, safe="")
    signature, _ = signed("GET", path, query, {"host": HOST}, "UNSIGNED-PAYLOAD", at)
    return f"{URL}{path}?{query}&X-Amz-Signature={signature}"
