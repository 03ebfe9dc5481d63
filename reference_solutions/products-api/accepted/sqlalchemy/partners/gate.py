"""Keys, and how often each may ask: the times of each key's requests in the last window."""

import hashlib
import math
import os
import threading
import time
from collections import defaultdict, deque

from flask import g, request

from .problems import Problem
from .tables import ApiKey


class Gate:
    def __init__(self, limit, window):
        self._limit, self._window = limit, window
        self._lock = threading.Lock()
        self._times = defaultdict(deque)

    def seconds_to_wait(self, who):
        """0 where the request may go on, which counts it."""
        with self._lock:
            now, times = time.monotonic(), self._times[who]
            while times and times[0] <= now - self._window:
                times.popleft()
            if len(times) >= self._limit:
                return times[0] + self._window - now
            times.append(now)
            return 0


def init_app(app):
    gate = Gate(int(os.environ["RATE_LIMIT"]), int(os.environ["RATE_WINDOW"]))

    @app.before_request
    def look():
        if not request.path.startswith("/api"):
            return
        key = request.headers.get("X-API-Key", "")
        digest = hashlib.sha256(key.encode("latin-1", "replace")).hexdigest()
        if g.session.get(ApiKey, digest) is None:
            raise Problem(401, "Unauthorized", "X-API-Key has to be a key that counts.")
        wait = gate.seconds_to_wait(digest)
        if wait:
            seconds = str(math.ceil(wait))
            after = {"Retry-After": seconds}
            raise Problem(429, "Too Many Requests", f"Wait {seconds} s.", after)
