"""The routes of the chat."""
import asyncio
import contextlib
import hmac
import json
import os

from itsdangerous import BadData, URLSafeTimedSerializer
from redis.exceptions import RedisError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute

from . import store
from .hub import Hub

PASSWORD = os.environ["CHAT_PASSWORD"]
TOKENS = URLSafeTimedSerializer(os.environ["TOKEN_SECRET"], salt="room")
HELLO = float(os.environ["HELLO_SECONDS"])
hub = Hub(os.environ["REDIS_URL"])


def holder(token):
    try:
        return TOKENS.loads(token, max_age=12 * 3600)
    except (BadData, TypeError, AttributeError):
        return None


async def health(request):
    return JSONResponse({"status": "ok"})


async def login(request):
    try:
        given = json.loads(await request.body())
    except ValueError:
        raise HTTPException(400, "The body is no JSON.") from None
    if not isinstance(given, dict):
        raise HTTPException(400, "The body is no object.")
    name, room, password = (given.get(one) for one in ("name", "room", "password"))
    if not isinstance(name, str) or not store.NAME.fullmatch(name) or name == "system":
        raise HTTPException(400, "That is no name.")
    if not isinstance(room, str) or not store.ROOM.fullmatch(room):
        raise HTTPException(400, "That is no room.")
    if not isinstance(password, str):
        raise HTTPException(400, "There is no password.")
    if not hmac.compare_digest(password.encode("utf-8", "replace"), PASSWORD.encode()):
        raise HTTPException(401, "That is not the password.")
    return JSONResponse({"token": TOKENS.dumps({"n": name, "r": room}), "name": name, "room": room})


def allowed(request):
    room, header = request.path_params["room"], request.headers.get("authorization", "")
    found = holder(header[7:]) if header[:7].lower() == "bearer " else None
    if found is None:
        raise HTTPException(401, "A token is needed.")
    if found["r"] != room:
        raise HTTPException(403, "The token is for another room.")
    return room


def number(request, name, otherwise, most):
    text = request.query_params.get(name, str(otherwise))
    if not (text.isascii() and text.isdecimal() and len(text) < 11 and 1 <= int(text) <= most):
        raise HTTPException(400, f"{name} is a number from 1 to {most}.")
    return int(text)


async def messages(request):
    room = allowed(request)
    limit = number(request, "limit", 50, 100)
    found = await hub.messages(room, number(request, "before", 2**31 - 1, 2**31 - 1), limit + 1)
    return JSONResponse({"messages": found[-limit:], "more": len(found) > limit})


async def presence(request):
    return JSONResponse({"present": await hub.present(allowed(request))})


async def talk(socket):
    await socket.accept()
    room = socket.path_params["room"]
    code = 4401
    with contextlib.suppress(TimeoutError):
        first = await asyncio.wait_for(socket.receive(), HELLO)
        event = hub.parse(first.get("text"))
        found = holder(event.get("token")) if event and event.get("type") == "hello" else None
        if found and found["r"] == room:
            code = None
        elif found:
            code = 4403
    try:
        code = code or await hub.visit(socket, room, found["n"])
    except RedisError:
        code = 1012
    if code:
        with contextlib.suppress(RuntimeError):
            await socket.close(code)


async def refuse(request, error):
    headers = getattr(error, "headers", None)
    return JSONResponse({"error": error.detail}, status_code=error.status_code, headers=headers)


async def unavailable(request, error):
    return JSONResponse({"error": "Redis does not answer."}, status_code=503)


@contextlib.asynccontextmanager
async def lifespan(app):
    await hub.forget()
    follower = asyncio.create_task(hub.follow())
    yield
    follower.cancel()


app = Starlette(
    routes=[
        Route("/health", health, methods=["GET"]),
        Route("/login", login, methods=["POST"]),
        Route("/rooms/{room}/messages", messages, methods=["GET"]),
        Route("/rooms/{room}/presence", presence, methods=["GET"]),
        WebSocketRoute("/ws/{room}", talk),
    ],
    exception_handlers={HTTPException: refuse, RedisError: unavailable},
    lifespan=lifespan,
)
