"""Who is connected here, and the stream that every process follows."""
import asyncio
import json
import time

from redis import asyncio as aioredis
from redis.exceptions import RedisError

from . import store


class Visitor:
    """One connection."""

    def __init__(self, socket, name):
        self.socket, self.name = socket, name
        self.outbox = asyncio.Queue()

    async def deliver(self):
        try:
            while True:
                await self.socket.send_text(await self.outbox.get())
        except (RuntimeError, OSError, Exception):
            return


class Hub:
    """All rooms."""

    def __init__(self, url):
        self.redis = aioredis.from_url(
            url, decode_responses=True, socket_timeout=3, socket_connect_timeout=2
        )
        self.visitors = {}
        self.last = "$"

    @staticmethod
    def parse(text):
        try:
            event = json.loads(text)
        except (ValueError, TypeError, RecursionError):
            return None
        return event if isinstance(event, dict) else None

    async def forget(self):
        async for key in self.redis.scan_iter("present/*"):
            await self.redis.delete(key)
        newest = await self.redis.xrevrange(store.STREAM, count=1)
        self.last = newest[0][0] if newest else "0"

    async def present(self, room):
        return sorted(await self.redis.hkeys(f"present/{room}"))

    async def messages(self, room, before, count):
        found = await self.redis.zrange(
            f"messages/{room}", f"({before}" if before < 2**31 - 1 else "+inf", "-inf",
            desc=True, byscore=True, offset=0, num=count,
        )
        return [self.whole(room, *one.split(" ", 1)) for one in reversed(found)]

    @staticmethod
    def whole(room, number, body):
        return json.loads(body) | {"id": int(number), "room": room}

    async def tell(self, room, kind, name):
        event = {"room": room, "id": 0, "body": json.dumps({"type": kind, "name": name})}
        await self.redis.xadd(store.STREAM, event, maxlen=5000)

    async def follow(self):
        """Pass on what happens, from where it was left after an outage."""
        while True:
            try:
                for _, events in await self.redis.xread({store.STREAM: self.last}, block=1000) or ():
                    for self.last, fields in events:
                        self.pass_on(**fields)
            except (RedisError, OSError):
                await asyncio.sleep(0.1)

    def pass_on(self, room, id, body):
        event = self.whole(room, id, body) if id != "0" else json.loads(body)
        text = json.dumps(event, ensure_ascii=False)
        for visitor in self.visitors.get(room, ()):
            if event["type"] == "message" or visitor.name != event["name"]:
                visitor.outbox.put_nowait(text)

    async def visit(self, socket, room, name):
        """Stay until the end of the connection; gives the code to close it with, if any."""
        visitor = Visitor(socket, name)
        first = await self.redis.hincrby(f"present/{room}", name, 1) == 1
        sender = asyncio.create_task(visitor.deliver())
        try:
            welcome = {"type": "welcome", "room": room, "name": name,
                       "present": await self.present(room)}
            visitor.outbox.put_nowait(json.dumps(welcome))
            self.visitors.setdefault(room, set()).add(visitor)
            if first:
                await self.tell(room, "joined", name)
            return await self.listen(visitor, room)
        finally:
            self.visitors[room].discard(visitor)
            sender.cancel()
            if await self.redis.hincrby(f"present/{room}", name, -1) <= 0:
                await self.redis.hdel(f"present/{room}", name)
                await self.tell(room, "left", name)

    async def listen(self, visitor, room):
        times = []
        while True:
            message = await visitor.socket.receive()
            if message["type"] == "websocket.disconnect":
                return None
            if message.get("text") is None:
                return 1003
            now = time.monotonic()
            times = [one for one in times if now - one < 1] + [now]
            if len(times) > 20:
                return 4429
            event = self.parse(message["text"]) or {}
            text = event.get("text")
            if event.get("type") == "ping":
                visitor.outbox.put_nowait(json.dumps({"type": "pong", "id": event.get("id")}))
            elif event.get("type") != "message" or not isinstance(text, str):
                return 4400
            elif store.problem(text):
                error = {"type": "error", "error": store.problem(text)}
                visitor.outbox.put_nowait(json.dumps(error))
            else:
                await self.redis.eval(store.SAY, 1, room, store.body(visitor.name, text))
