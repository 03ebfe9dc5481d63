"""Keys, and how often each may ask."""

import hashlib
import math
import time

from flask import current_app, request

from .database import row, run, tried_again
from .problems import Problem


def look_at_key():
    """Refuse a request without a key that counts, and one that is beyond its limit."""
    if not request.path.startswith("/api/"):
        return
    key = request.headers.get("X-API-Key", "")
    hashed = hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()
    wait = tried_again(lambda: seconds_to_wait(hashed)) if key else None
    if wait is None:
        raise Problem(401, "Send a key that counts in X-API-Key.")
    if wait > 0:
        after = str(max(1, math.ceil(wait)))
        raise Problem(429, f"Ask again in {after} s.", headers={"Retry-After": after})


def seconds_to_wait(hashed):
    """Count this request; 0 where it may go on, None where there is no such key."""
    sql = "SELECT window_start, used FROM api_keys WHERE key_hash = %s FOR UPDATE"
    found = row(sql, hashed)
    if found is None:
        return None
    now, window = time.time(), current_app.config["RATE_WINDOW"]
    start, used = found["window_start"], found["used"]
    if now >= start + window:
        start, used = now, 0
    if used >= current_app.config["RATE_LIMIT"]:
        return start + window - now
    sql = "UPDATE api_keys SET window_start = %s, used = %s WHERE key_hash = %s"
    run(sql, start, used + 1, hashed)
    return 0


def init_app(app):
    app.before_request(look_at_key)
