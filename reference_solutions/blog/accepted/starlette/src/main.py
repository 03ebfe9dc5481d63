"""The API of a blog."""

import re
from contextlib import asynccontextmanager

import checks
import pymysql
import store
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


def missing(what):
    return HTTPException(404, f"There is no such {what}.")


async def health(request):
    return Response("up")


def number_of(request):
    part = request.path_params["id"]
    if not re.fullmatch("[0-9]{1,9}", part):
        raise missing("user")
    return int(part)


async def add_user(request):
    name = checks.text(await checks.body_of(request), "name", 50)
    async with store.transaction(request.app.state.pool) as cursor:
        await cursor.execute("INSERT INTO users (name) VALUES (%s)", [name])
        number = cursor.lastrowid
    return JSONResponse({"id": number, "name": name}, 201, {"Location": f"/users/{number}"})


async def user(request):
    found = await store.user(request.app.state.pool, number_of(request))
    if found is None:
        raise missing("user")
    return JSONResponse(found)


async def remove_user(request):
    number = number_of(request)
    async with store.transaction(request.app.state.pool) as cursor:
        if not await cursor.execute("DELETE FROM users WHERE id = %s", [number]):
            raise missing("user")
    return Response(status_code=204)


async def posts(request):
    pool = request.app.state.pool
    limit = checks.count(request, "limit", 20, 200)
    offset = limit * (checks.count(request, "page", 1, 1_000_000) - 1)
    tag = request.query_params.get("tag")
    where, values = "", []
    if tag is not None:
        if not checks.is_tag(tag):
            return JSONResponse({"items": [], "total": 0})
        where = "WHERE EXISTS (SELECT 1 FROM labelled t WHERE t.post = p.id AND t.label = %s)"
        values = [tag]
    found = await store.ask(
        pool,
        f"{store.POSTS} {where} ORDER BY p.created_at DESC, p.id DESC LIMIT %s, %s",
        *values, offset, limit,
    )  # fmt: skip
    total = await store.ask(pool, f"SELECT COUNT(*) FROM posts p {where}", *values)
    return JSONResponse({"items": [store.shown(row) for row in found], "total": total[0][0]})


async def add_post(request):
    pool = request.app.state.pool
    sent = await checks.body_of(request)
    title, body = checks.text(sent, "title", 120), checks.text(sent, "body", 10_000)
    slug, author = checks.slug(sent), checks.identity(sent)
    tags = checks.tags(sent.get("tags", []))
    if await store.user(pool, author) is None:
        raise checks.bad("author_id: the id of a user, please.")

    async def insert():
        async with store.transaction(pool) as cursor:
            await cursor.execute(
                "INSERT INTO posts (author_id, title, body, slug, created_at) "
                "VALUES (%s, %s, %s, %s, NOW())",
                [author, title, body, slug],
            )
            await store.label(cursor, cursor.lastrowid, tags)

    try:
        await store.again(insert)
    except pymysql.err.IntegrityError:
        raise HTTPException(409, "Another post has this slug.") from None
    found = await store.post(pool, slug)
    return JSONResponse(found, 201, {"Location": f"/posts/{slug}"})


async def whole(request):
    slug = request.path_params["slug"]
    found = await store.post(request.app.state.pool, slug) if checks.is_slug(slug) else None
    if found is None:
        raise missing("post")
    return found


async def post(request):
    return JSONResponse(await whole(request))


async def remove_post(request):
    number = (await whole(request))["id"]
    async with store.transaction(request.app.state.pool) as cursor:
        await cursor.execute("DELETE FROM posts WHERE id = %s", [number])
    return Response(status_code=204)


async def set_tags(request):
    number = (await whole(request))["id"]
    tags = checks.tags((await checks.body_of(request)).get("tags"))

    async def replace():
        async with store.transaction(request.app.state.pool) as cursor:
            await store.label(cursor, number, tags)

    await store.again(replace)
    return JSONResponse(await whole(request))


async def add_comment(request):
    pool = request.app.state.pool
    number = (await whole(request))["id"]
    sent = await checks.body_of(request)
    body = checks.text(sent, "body", 500)
    author = await store.user(pool, checks.identity(sent))
    if author is None:
        raise checks.bad("author_id: the id of a user, please.")
    async with store.transaction(pool) as cursor:
        await cursor.execute(
            "INSERT INTO comments (post_id, author_id, body, created_at) "
            "VALUES (%s, %s, %s, NOW())",
            [number, author["id"], body],
        )
        made = cursor.lastrowid
    return JSONResponse({"id": made, "body": body, "author": author}, 201)


async def tags(request):
    sql = "SELECT label, COUNT(*) FROM labelled GROUP BY label ORDER BY label"
    found = await store.ask(request.app.state.pool, sql)
    return JSONResponse({"items": [{"name": name, "posts": posts} for name, posts in found]})


async def failed(request, error):
    return JSONResponse({"error": error.detail}, error.status_code, error.headers)


@asynccontextmanager
async def lifespan(app):
    app.state.pool = await store.open_pool()
    yield
    app.state.pool.close()
    await app.state.pool.wait_closed()


app = Starlette(
    lifespan=lifespan,
    exception_handlers={HTTPException: failed},
    routes=[
        Route("/health", health),
        Route("/users", add_user, methods=["POST"]),
        Route("/users/{id}", user, methods=["GET"]),
        Route("/users/{id}", remove_user, methods=["DELETE"]),
        Route("/posts", posts, methods=["GET"]),
        Route("/posts", add_post, methods=["POST"]),
        Route("/posts/{slug}", post, methods=["GET"]),
        Route("/posts/{slug}", remove_post, methods=["DELETE"]),
        Route("/posts/{slug}/tags", set_tags, methods=["PUT"]),
        Route("/posts/{slug}/comments", add_comment, methods=["POST"]),
        Route("/tags", tags),
    ],
)
