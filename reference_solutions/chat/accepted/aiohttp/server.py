"""The chat: HTTP, WebSockets, and what other processes say."""
import asyncio
import base64
import hashlib
import hmac
import json
import os
import time
from collections import defaultdict, deque
from contextlib import suppress
from datetime import datetime, timezone

from aiohttp import WSMsgType, web
from redis import asyncio as aioredis
from redis.exceptions import RedisError

from rules import NAME, ROOM, SAY, wrong_with

PASSWORD = os.environ["CHAT_PASSWORD"].encode()
KEY = os.environ["TOKEN_SECRET"].encode()
PATIENCE = float(os.environ["HELLO_SECONDS"])
redis = aioredis.from_url(
    os.environ["REDIS_URL"], decode_responses=True, socket_timeout=2, socket_connect_timeout=2
)
routes = web.RouteTableDef()
connections = defaultdict(set)


def sign(payload):
    return base64.urlsafe_b64encode(hmac.digest(KEY, payload.encode(), hashlib.sha256)).decode()


def who(token):
    """Name and room of a token; None where it is none."""
    if not isinstance(token, str) or token.count(".") != 3:
        return None
    payload, _, signature = token.rpartition(".")
    if not hmac.compare_digest(sign(payload).encode(), signature.encode("utf-8", "replace")):
        return None
    name, room, until = payload.split(".")
    return (name, room) if int(until) > time.time() else None


def refuse(status, sentence):
    return web.json_response({"error": sentence}, status=status)


@web.middleware
async def errors(request, handler):
    try:
        return await handler(request)
    except web.HTTPException as error:
        answer = refuse(error.status, error.reason)
        if "Allow" in error.headers:
            answer.headers["Allow"] = error.headers["Allow"]
        return answer
    except RedisError:
        return refuse(503, "Redis is away.")


@routes.get("/health")
async def health(request):
    return web.json_response({"status": "ok"})


@routes.post("/login")
async def login(request):
    try:
        body = json.loads(await request.read())
    except ValueError:
        return refuse(400, "That is no JSON.")
    given = [body.get(one) for one in ("name", "room", "password")] if isinstance(body, dict) else []
    if not given or not all(isinstance(one, str) for one in given):
        return refuse(400, "Send name, room and password.")
    name, room, password = given
    if not NAME.fullmatch(name) or name == "system" or not ROOM.fullmatch(room):
        return refuse(400, "There is no such name or room.")
    if not hmac.compare_digest(password.encode("utf-8", "replace"), PASSWORD):
        return refuse(401, "The password is wrong.")
    payload = f"{name}.{room}.{int(time.time()) + 86400}"
    return web.json_response({"token": f"{payload}.{sign(payload)}", "name": name, "room": room})


def gate(request):
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    found = who(token) if scheme == "Bearer" else None
    if found is None:
        raise web.HTTPUnauthorized(reason="A token is needed.")
    if found[1] != request.match_info["room"]:
        raise web.HTTPForbidden(reason="The token is for another room.")


def number(request, name, default, most):
    text = request.query.get(name)
    if text is None:
        return default
    if not text or set(text) - set("0123456789") or len(text) > 10 or not 1 <= int(text) <= most:
        raise web.HTTPBadRequest(reason=f"{name} is out of range.")
    return int(text)


def whole(room, number, kept):
    return {"type": "message", "id": number, "room": room, **json.loads(kept)}


@routes.get("/rooms/{room}/messages")
async def history(request):
    gate(request)
    room = request.match_info["room"]
    before = number(request, "before", 2**31, 2**31 - 1)
    limit = number(request, "limit", 50, 100)
    end = min(before - 1, await redis.llen(f"said:{room}"))
    start = max(end - limit, 0)
    kept = await redis.lrange(f"said:{room}", start, end - 1) if end else []
    messages = [whole(room, start + at, one) for at, one in enumerate(kept, 1)]
    return web.json_response({"messages": messages, "more": start > 0})


@routes.get("/rooms/{room}/presence")
async def presence(request):
    gate(request)
    return web.json_response({"present": await there(request.match_info["room"])})


async def there(room):
    return sorted(await redis.hkeys(f"there:{room}"))


async def tell(room, kind, name):
    await redis.publish("heard", f"{room} {kind} {json.dumps({'name': name})}")


class Refusal(Exception):
    pass


@routes.get("/ws/{room}")
async def talk(request):
    socket = web.WebSocketResponse(max_msg_size=4097, compress=False)
    await socket.prepare(request)
    room = request.match_info["room"]
    try:
        name = await hello(socket, room)
        await visit(socket, room, name)
    except Refusal as refusal:
        await socket.close(code=refusal.args[0], message=b"refused")
    except RedisError:
        await socket.close(code=1011, message=b"Redis is away")
    return socket


async def hello(socket, room):
    try:
        first = await asyncio.wait_for(socket.receive(), PATIENCE)
    except TimeoutError:
        raise Refusal(4401) from None
    event = parse(first.data) if first.type is WSMsgType.TEXT else None
    found = who(event.get("token")) if event and event.get("type") == "hello" else None
    if found is None:
        raise Refusal(4401)
    if found[1] != room:
        raise Refusal(4403)
    return found[0]


def parse(text):
    try:
        event = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) else None


async def visit(socket, room, name):
    outbox = asyncio.Queue(1000)
    one = (name, outbox)
    sender = asyncio.create_task(deliver(socket, outbox))
    first = await redis.hincrby(f"there:{room}", name, 1) == 1
    try:
        present = await there(room)
        outbox.put_nowait({"type": "welcome", "room": room, "name": name, "present": present})
        connections[room].add(one)
        if first:
            await tell(room, "joined", name)
        await hear(socket, room, name, outbox)
    finally:
        connections[room].discard(one)
        sender.cancel()
        if await redis.hincrby(f"there:{room}", name, -1) <= 0:
            await redis.hdel(f"there:{room}", name)
            await tell(room, "left", name)


async def deliver(socket, outbox):
    with suppress(ConnectionError):
        while True:
            await socket.send_str(json.dumps(await outbox.get(), ensure_ascii=False))


async def hear(socket, room, name, outbox):
    times = deque(maxlen=21)
    async for message in socket:
        if message.type is WSMsgType.BINARY:
            raise Refusal(1003)
        if message.type is not WSMsgType.TEXT:
            return
        if len(message.data.encode()) > 4096:
            raise Refusal(1009)
        times.append(time.monotonic())
        if len(times) == 21 and times[-1] - times[0] < 1:
            raise Refusal(4429)
        event = parse(message.data) or {}
        text = event.get("text")
        if event.get("type") == "ping":
            outbox.put_nowait({"type": "pong", "id": event.get("id")})
        elif event.get("type") != "message" or not isinstance(text, str):
            raise Refusal(4400)
        elif problem := wrong_with(text):
            outbox.put_nowait({"type": "error", "error": problem})
        else:
            now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
            kept = json.dumps({"name": name, "text": text, "sent_at": now})
            await redis.eval(SAY, 1, room, kept)


async def listen():
    """Pass on what is said and told, in this process and in others."""
    while True:
        try:
            async with redis.pubsub() as channel:
                await channel.subscribe("heard")
                while True:
                    heard = await channel.get_message(ignore_subscribe_messages=True, timeout=1)
                    if heard:
                        pass_on(*heard["data"].split(" ", 2))
        except (RedisError, OSError):
            await asyncio.sleep(0.1)


def pass_on(room, kind, kept):
    if kind.isdigit():
        event = whole(room, int(kind), kept)
    else:
        event = {"type": kind} | json.loads(kept)
    for name, outbox in tuple(connections[room]):
        if event["type"] == "message" or event["name"] != name:
            with suppress(asyncio.QueueFull):
                outbox.put_nowait(event)


async def begin(app):
    async for key in redis.scan_iter("there:*"):
        await redis.delete(key)
    listener = asyncio.create_task(listen())
    yield
    listener.cancel()


app = web.Application(middlewares=[errors])
app.add_routes(routes)
app.cleanup_ctx.append(begin)
if __name__ == "__main__":
    web.run_app(app, host="0.0.0.0", port=int(os.environ.get("PORT", "5000")), shutdown_timeout=1)
