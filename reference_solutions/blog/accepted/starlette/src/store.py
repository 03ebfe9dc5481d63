"""MySQL: a pool, and what is asked of it."""

import asyncio
import os
from contextlib import asynccontextmanager

import aiomysql
import pymysql

POSTS = """
SELECT p.id, p.slug, p.title, p.body, u.id, u.name, COALESCE(c.count, 0),
    (SELECT GROUP_CONCAT(l.label ORDER BY l.label) FROM labelled l WHERE l.post = p.id)
FROM posts p
JOIN users u ON u.id = p.author_id
LEFT JOIN (SELECT post_id, COUNT(*) AS count FROM comments GROUP BY post_id) c ON c.post_id = p.id
"""


async def open_pool():
    return await aiomysql.create_pool(
        host=os.environ["DB_HOST"],
        port=int(os.environ["DB_PORT"]),
        user=os.environ["DB_USER"],
        password=os.environ["DB_PASSWORD"],
        db=os.environ["DB_NAME"],
        charset="utf8mb4",
        minsize=0,
        maxsize=8,
        pool_recycle=60,
        init_command="SET SESSION transaction_isolation = 'READ-COMMITTED'",
        autocommit=True,
    )


@asynccontextmanager
async def transaction(pool):
    async with pool.acquire() as connection, connection.cursor() as cursor:
        await connection.begin()
        try:
            yield cursor
            await connection.commit()
        except BaseException:
            await connection.rollback()
            raise


async def ask(pool, sql, *values):
    async with pool.acquire() as connection, connection.cursor() as cursor:
        await cursor.execute(sql, values)
        return await cursor.fetchall()


async def again(work):
    """Do the work again where MySQL has ended its transaction."""
    for attempt in range(10):
        try:
            return await work()
        except pymysql.err.OperationalError as error:
            if error.args[0] not in (1205, 1213) or attempt == 9:
                raise
            await asyncio.sleep(0.01 * attempt)


def shown(row):
    number, slug, title, _, user, name, count, labels = row
    return {
        "id": number,
        "slug": slug,
        "title": title,
        "author": {"id": user, "name": name},
        "tags": labels.split(",") if labels else [],
        "comment_count": count,
    }


async def user(pool, number):
    found = await ask(pool, "SELECT id, name FROM users WHERE id = %s", number)
    return {"id": found[0][0], "name": found[0][1]} if found else None


async def post(pool, slug):
    """The whole post with this slug; None where there is none."""
    found = await ask(pool, f"{POSTS} WHERE p.slug = %s", slug)
    if not found:
        return None
    comments = await ask(
        pool,
        "SELECT c.id, c.body, u.id, u.name FROM comments c JOIN users u ON u.id = c.author_id "
        "WHERE c.post_id = %s ORDER BY c.created_at, c.id",
        found[0][0],
    )
    return shown(found[0]) | {
        "body": found[0][3],
        "comments": [
            {"id": one[0], "body": one[1], "author": {"id": one[2], "name": one[3]}}
            for one in comments
        ],
    }


async def label(cursor, number, names):
    await cursor.execute("DELETE FROM labelled WHERE post = %s", [number])
    for name in names:
        await cursor.execute(
            "INSERT INTO label (name) VALUES (%s) ON DUPLICATE KEY UPDATE name = name", [name]
        )
        await cursor.execute("INSERT INTO labelled (post, label) VALUES (%s, %s)", [number, name])
