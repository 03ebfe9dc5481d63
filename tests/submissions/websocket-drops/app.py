"""Fails in its handler, and closes without the code that was asked for."""
import asyncio
from http import HTTPStatus

from websockets.asyncio.server import broadcast, serve

ROOM = set()


def answer(connection, request):
    if request.path == "/health":
        return connection.respond(HTTPStatus.OK, "ok\n")
    if request.path == "/private" and request.headers.get("Authorization") != "Bearer sesame":
        return connection.respond(HTTPStatus.FORBIDDEN, "no\n")
    return None


async def talk(socket):
    path = socket.request.path
    if path == "/echo":
        raise RuntimeError("no echo today")
    if path == "/door" and await socket.recv() != "sesame":
        return
    elif path == "/room":
        ROOM.add(socket)
        try:
            async for message in socket:
                broadcast(ROOM, message)
        finally:
            ROOM.discard(socket)
    else:
        async for message in socket:
            await socket.send(message)


async def main():
    async with serve(talk, "0.0.0.0", 5000, process_request=answer, max_size=65536):
        await asyncio.get_running_loop().create_future()


asyncio.run(main())
