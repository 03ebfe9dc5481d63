"""MySQL: a pool, and transactions."""

import asyncio
import os
from contextlib import asynccontextmanager

import aiomysql
import pymysql

TABLES = (
    "CREATE TABLE IF NOT EXISTS products (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,"
    " sku VARCHAR(20) NOT NULL UNIQUE, name VARCHAR(80) NOT NULL, category VARCHAR(30) NOT NULL,"
    " description VARCHAR(500) NOT NULL DEFAULT '', price_cents INT NOT NULL, stock INT NOT NULL,"
    " mark CHAR(16) NOT NULL DEFAULT 'new') CHARACTER SET utf8mb4",
    "CREATE TABLE IF NOT EXISTS api_keys (key_hash CHAR(64) NOT NULL PRIMARY KEY,"
    " client VARCHAR(80) NOT NULL) CHARACTER SET utf8mb4",
)


async def open_pool():
    """A pool whose tables are there; MySQL may need longer to start than this does."""
    for left in reversed(range(100)):
        try:
            pool = await aiomysql.create_pool(
                host=os.environ["DB_HOST"],
                port=int(os.environ["DB_PORT"]),
                user=os.environ["DB_USER"],
                password=os.environ["DB_PASSWORD"],
                db=os.environ["DB_NAME"],
                charset="utf8mb4",
                cursorclass=aiomysql.DictCursor,
                minsize=2,
                maxsize=8,
                pool_recycle=60,
                init_command="SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
            )
            break
        except pymysql.err.OperationalError:
            if not left:
                raise
            await asyncio.sleep(0.25)
    async with whole(pool) as cursor:
        for table in TABLES:
            await cursor.execute(table)
    return pool


@asynccontextmanager
async def whole(pool):
    """A cursor whose statements are one transaction."""
    async with pool.acquire() as connection, connection.cursor() as cursor:
        try:
            yield cursor
            await connection.commit()
        except BaseException:
            await connection.rollback()
            raise


async def many(cursor, sql, *values):
    await cursor.execute(sql, values)
    return list(await cursor.fetchall())


async def one(cursor, sql, *values):
    return next(iter(await many(cursor, sql, *values)), None)
