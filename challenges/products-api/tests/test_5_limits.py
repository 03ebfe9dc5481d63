"""Keys, and how often each may ask.

These tests ask by keys of their own, and are answered with 429 on purpose. A window may begin with
the clock, so that a burst may fall into two of them. Several that lie differently cannot all.
"""

import re
import time
from http import HTTPStatus

import pytest
from conftest import BULK, TYPED, UNKNOWN, V1, V2, seconds_of

from grader.exam.faults import NotReached

NO_LIMIT = "No key is ever refused; see rate.limit."
TOO_SLOW = "The app does not serve RATE_LIMIT requests within RATE_WINDOW seconds."

LITTLE = {"limit": "1"}
SIZES = (6, 6, 18, 36, 36)
"""Requests at once, of each try: that saves time, and more of them reach a slow app in a window."""
MOST = 4
"""So many times the limit is asked before it is said that there is none."""
BEYOND = 6
TRIES = 4
BATCHES = (1, 1, 1, 1, 5, 15, 30, 30)
"""Requests at once: one after another, so that no race matters. More where that is slow: they show
that all count, and never that some do not."""
MARGIN = 0.08
"""Seconds that are waited beyond Retry-After."""
LONG = 0.85
"""The part of a window after which what came of a burst tells nothing about that window."""


class ClockWindows:
    """When a clock's windows may begin, where each burst may have fallen into two of them."""

    PARTS = 200

    def __init__(self, window):
        self._part = window / self.PARTS
        self._possible = set(range(self.PARTS))

    def refuted(self, begun, ended):
        """Whether no such clock is left, after one more burst from `begun` to `ended`.

        A burst as long as a window tells nothing.
        """
        within = range(int(begun / self._part), int(ended / self._part) + 2)
        self._possible &= {part % self.PARTS for part in within}
        return not self._possible


def ask(api, key, count, requests=None):
    """The answers to `count` requests with a key, at the same moment."""
    requests = requests or [("GET", V2, {"params": LITTLE})] * count
    headers = {"X-API-Key": key}
    return api.app.together([
        lambda m=method, p=path, o=options: api.app.request(
            m, p, headers=headers | o.get("headers", {}),
            **{name: value for name, value in o.items() if name != "headers"},
        )
        for method, path, options in requests[:count]
    ])  # fmt: skip


def refusals(replies):
    """Those of them that are 429."""
    return [reply for reply in replies if reply.status == HTTPStatus.TOO_MANY_REQUESTS]


def until_refused(api, key, size):
    """How many requests of a key are served before one is not, and the last answers."""
    served = 0
    while served < MOST * api.limit:
        replies = ask(api, key, size)
        refused = refusals(replies)
        served += len(replies) - len(refused)
        if refused:
            break
    return served, replies


def hammer(api, key, shared):
    """Ask twice with a key that is used up.

    Where the app serves it, the clock has begun a window, and more would use that up as well.
    """
    if "hammered" not in shared:
        served = [one for one in ask(api, key, 2) if one.status != HTTPStatus.TOO_MANY_REQUESTS]
        if served:
            shared["hammered"] = served[0]


def spent(api):
    """A key that was used up, the first 429 that says so, and when that came."""
    for _ in range(TRIES):
        key = api.key()
        for _ in range(MOST):
            refused = refusals(ask(api, key, api.limit + BEYOND))
            if refused:
                return key, refused[0], time.monotonic()
    raise NotReached(NO_LIMIT)


@pytest.mark.criterion("auth.key")
def test_without_a_key_there_is_a_401(app, api):
    """None, one that is in no table, its hash, other capitals; on every route."""
    number, known = api.product(), api.key()
    row, rows = api.row(number), api.rows()
    digest = api.hash_of(known)
    api.get(V2, key=known).expect(200)
    for key in ("", digest, known.swapcase(), known[:-1], f"{known}x"):
        require_401(app.get(V2, headers={"X-API-Key": key}), "GET", V2)
    tag = api.tag(number)
    for method, path, body in (("GET", V2, None), ("GET", f"{V2}/{number}", None),
                               ("GET", V1, None), ("GET", f"{V1}/{number}", None),
                               ("POST", V2, api.body()), ("POST", BULK, {"items": [api.body()]}),
                               ("PATCH", f"{V2}/{number}", {"stock": 500}),
                               ("DELETE", f"{V2}/{number}", None)):  # fmt: skip
        for headers in ({}, {"X-API-Key": api.unknown_key()}):
            reply = app.request(method, path, json=body, headers=headers | {"If-Match": tag})
            require_401(reply, method, path)
    assert api.row(number) == row, "A request without a key has changed a product."
    assert api.rows() == rows, "A request without a key has changed the table."


@pytest.mark.criterion("auth.key")
def test_a_key_that_is_deleted_counts_no_more(app, api):
    """From the next request on; the paths for everybody need none."""
    key = api.key()
    api.get(V2, key=key).expect(200)
    api.forget(key)
    require_401(app.get(V2, headers={"X-API-Key": key}), "GET", V2)
    for path in ("/health", "/openapi.json"):
        reply = app.get(path)
        if reply.status == HTTPStatus.UNAUTHORIZED:
            reply.fail(f"GET {path} needs no key.")


def require_401(reply, method, path):
    """Fail unless a request without a key that counts was refused."""
    if reply.status != HTTPStatus.UNAUTHORIZED:
        reply.fail(f"{method} {path} without a key that counts is a 401, not {reply.status}.")


@pytest.mark.criterion("rate.limit")
def test_what_is_beyond_the_limit_is_refused(api, shared):
    """RATE_LIMIT requests are served, then there are 429; what is refused does nothing."""
    for size in SIZES:
        key, begun = api.key(), time.monotonic()
        served, replies = until_refused(api, key, size)
        refused, seconds = refusals(replies), time.monotonic() - begun
        if (
            served > (MOST - 1) * api.limit
            and seconds < (LONG if refused else MOST - 2) * api.window
        ):
            replies[-1].fail(f"A key has {api.limit} requests; {served} were served at once.")
        if refused and served >= api.limit:
            break
        if refused:  # what other keys have asked before counts: that is a matter of rate.clients
            time.sleep(seconds_of(refused[0], api.window) + MARGIN)
    if not refused:
        raise NotReached(TOO_SLOW)
    if served < api.limit:
        refused[0].fail(f"A key has {api.limit} requests; after {served} it was refused.")
    shared["429"] = refused[0]
    body = api.body()
    reply = api.app.post(V2, json=body, headers={"X-API-Key": key})
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS and api.row_of(body["sku"]):
        reply.fail("A request that was refused with 429 has saved a product.")


@pytest.mark.criterion("rate.retry")
def test_after_the_wait_it_goes_on(api, shared):
    """Retry-After is from 1 to RATE_WINDOW whole seconds, and then the next one is served.

    Meanwhile another key asks again and again; what that comes to is looked at by rate.counts.
    """
    other, _, since = spent(api)
    key, refused, at = spent(api)
    text = refused.headers.get("Retry-After", "")
    if not re.fullmatch("[0-9]{1,4}", text) or not 1 <= int(text) <= api.window:
        refused.fail(f"Retry-After should be whole seconds from 1 to {api.window}: {text[:40]!r}.")
    while time.monotonic() < at + int(text) + MARGIN:
        now = time.monotonic()
        if now < since + api.window - MARGIN:
            hammer(api, other, shared)
        elif "hammered" not in shared and now > since + api.window + MARGIN:
            shared["hammered"] = ask(api, other, 1)[0]
        time.sleep(MARGIN)
    (reply,) = ask(api, key, 1)
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
        reply.fail(f"It was said that in {text} s the key may ask again; it was refused then.")
    if "hammered" not in shared and time.monotonic() > since + api.window:
        shared["hammered"] = ask(api, other, 1)[0]


@pytest.mark.criterion("rate.clients")
def test_keys_do_not_touch_each_other(app, api):
    """Where one is used up another is served: new or not, and for version 1 as well."""
    for _ in range(TRIES):
        used = api.key()
        api.get(V2, key=used)
        key, refused, at = spent(api)
        others = (used, api.key(), None, api.unknown_key())
        replies = [
            app.get(path, headers={"X-API-Key": other} if other else {})
            for other in others
            for path in (V2, V1)
        ]
        for reply in refusals(replies):
            reply.fail("A key that is used up costs another client its requests.")
        for path in ("/health", "/openapi.json"):
            for reply in refusals([app.get(path, headers={"X-API-Key": key})]):
                reply.fail(f"GET {path} is not limited.")
        if time.monotonic() < at + seconds_of(refused, api.window):
            return  # else the window may have ended meanwhile


@pytest.mark.criterion("rate.together")
def test_the_limit_holds_at_the_same_moment(api):
    """Of many requests at once RATE_LIMIT are served, whichever process gets them."""
    exact, clock = 0, ClockWindows(api.window)
    for _ in range(2 * TRIES):
        begun = time.monotonic()
        replies = ask(api, api.key(), api.limit + BEYOND)
        refused = refusals(replies)
        served = len(replies) - len(refused)
        if served < api.limit and refused:  # what other keys have asked counts: see rate.clients
            time.sleep(seconds_of(refused[0], api.window) + MARGIN)
            continue
        exact += served == api.limit
        if exact > 1:
            return
        if served > api.limit and clock.refuted(begun, time.monotonic()):
            replies[-1].fail(
                f"Of {len(replies)} requests of a key at the same moment {api.limit} should be "
                f"served; {served} were. Do all processes and threads count together?"
            )
    raise NotReached(TOO_SLOW)


@pytest.mark.criterion("rate.counts")
def test_every_answer_counts(api):
    """Of all routes and both versions, errors as well."""
    clock = ClockWindows(api.window)
    for size in BATCHES:
        number = api.product()
        one, match = f"{V2}/{number}", {"If-Match": '"made-up"'}
        kinds = [
            ("GET", V2, {"params": {"sort": "nothing"}}),
            ("GET", f"{V2}/{UNKNOWN}", {}),
            ("POST", V2, {"json": {"name": ""}}),
            ("PATCH", one, {"json": {"stock": 1}, "headers": match}),
            ("POST", BULK, {"body": b"{", "headers": TYPED}),
            ("GET", V1, {"params": {"per_page": "1"}}),
        ]
        key, times, begun = api.key(), api.limit // len(kinds), time.monotonic()
        calls = [kind for kind in kinds for _ in range(times)]
        replies = []
        for start in range(0, len(calls), size):
            replies += ask(api, key, size, calls[start : start + size])
        if refusals([*replies, *ask(api, key, times)]):
            return
        if size == 1 and clock.refuted(begun, time.monotonic()):
            api.app.get(V2, headers={"X-API-Key": key}).fail(
                f"After {len(calls)} requests of several kinds (400, 404, 412, 200 of version 1) "
                f"the key is used up; {times} more were served. Each answer but a 429 counts."
            )
    raise NotReached(TOO_SLOW)


@pytest.mark.criterion("rate.counts")
def test_what_is_refused_does_not_count(api, shared):
    """Who asks again and again waits no longer for it."""
    if "hammered" not in shared:
        key, _, at = spent(api)
        while "hammered" not in shared and time.monotonic() < at + api.window + MARGIN:
            if time.monotonic() < at + api.window - MARGIN:
                hammer(api, key, shared)
            time.sleep(MARGIN)
        if "hammered" not in shared:
            shared["hammered"] = ask(api, key, 1)[0]
    reply = shared["hammered"]
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
        reply.fail("The key was refused, asked again meanwhile, and is refused for longer.")
