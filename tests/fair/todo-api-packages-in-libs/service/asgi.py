import asyncio
import json
import logging
import re
from urllib.parse import parse_qs

import pymysql

from . import db, rules

log = logging.getLogger("todo")
GONE = 404, {"error": "There is no such todo."}, {}


def refuse(*allowed):
    return 405, {"error": "Not with this method."}, {"Allow": ",".join(allowed)}


def todos(method, scope, kind, raw):
    if method == "GET":
        query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        done, q, page, size = rules.listing(lambda name: query[name][0] if name in query else None)
        fold = q.casefold()
        with db.Transaction() as t:
            items = [i for i in t.all() if done in (None, i["done"])
                     and (fold in i["title"].casefold() or fold in i["description"].casefold())]
        return 200, {"total": len(items), "per_page": size, "page": page,
                     "items": items[size * (page - 1):size * page]}, {}
    if method != "POST":
        return refuse("GET", "POST")
    if not rules.is_json(kind):
        return 400, {"error": "The body has to be application/json."}, {}
    fields = rules.read(raw, True)
    with db.Transaction() as t:
        todo = t.insert(fields)
    return 201, todo, {"Location": f"/todos/{todo['id']}"}


def todo(method, number, kind, raw):
    with db.Transaction() as t:
        found = t.todo(number)
        if not found:
            return GONE
        if method == "GET":
            return 200, found, {}
        if method == "DELETE":
            return (204, None, {}) if t.delete(number) else GONE
        if method not in ("PUT", "PATCH"):
            return refuse("GET", "PUT", "PATCH", "DELETE")
        if not rules.is_json(kind):
            return 415, {"error": "The body has to be application/json."}, {}
        changed = t.update(number, rules.read(raw, method == "PUT"))
    return (200, changed, {}) if changed else GONE


def handle(scope, kind, raw):
    method, path = scope["method"], scope["path"]
    try:
        if path == "/health":
            return (200, {"status": "ok"}, {}) if method == "GET" else refuse("GET")
        if path == "/todos":
            return todos(method, scope, kind, raw)
        match = re.fullmatch(r"/todos/0*([1-9][0-9]{0,8})", path)
        return todo(method, int(match[1]), kind, raw) if match else GONE
    except rules.Invalid as e:
        return 400, e.body(), {}
    except pymysql.MySQLError as e:
        log.error("MySQL: %s", type(e).__name__)
        return 503, {"error": "The list is out of reach. Try again later."}, {}
    except Exception as e:
        log.exception("unexpected %s", type(e).__name__)
        return 500, {"error": "Something broke."}, {}


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await asyncio.to_thread(db.create)
                await send({"type": "lifespan.startup.complete"})
            else:
                await send({"type": "lifespan.shutdown.complete"})
                return
    if scope["type"] != "http":
        return
    raw, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        raw += message.get("body", b"")
        more = message.get("more_body", False)
    kind = dict(scope["headers"]).get(b"content-type", b"").decode("latin-1")
    status, body, extra = await asyncio.to_thread(handle, scope, kind, raw)
    headers = [(k.lower().encode(), v.encode()) for k, v in extra.items()]
    data = b""
    if body is not None:
        data = json.dumps(body, indent=1).encode()
        headers += [(b"content-type", b"application/json"), (b"content-length", str(len(data)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": data})
