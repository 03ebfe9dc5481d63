"""MySQL: a pool, and transactions that are serial where they must be."""

import asyncio
import os
from contextlib import asynccontextmanager

import aiomysql
import pymysql

TABLES = (
    "CREATE TABLE IF NOT EXISTS products (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,"
    " name VARCHAR(80) NOT NULL, price_cents INT NOT NULL, stock INT NOT NULL)"
    " CHARACTER SET utf8mb4",
    "CREATE TABLE IF NOT EXISTS coupons (code VARCHAR(40) NOT NULL PRIMARY KEY,"
    " percent INT NOT NULL) CHARACTER SET utf8mb4",
    "CREATE TABLE IF NOT EXISTS trolley (id VARBINARY(64) PRIMARY KEY, content JSON NOT NULL)",
    "CREATE TABLE IF NOT EXISTS receipt (id CHAR(40) PRIMARY KEY, about CHAR(64) NOT NULL,"
    " coupon VARBINARY(160) UNIQUE, content JSON NOT NULL) CHARACTER SET utf8mb4",
)
AGAIN = {1205, 1213, 1062}


async def open_pool():
    options = {
        "host": os.environ["DB_HOST"],
        "port": int(os.environ["DB_PORT"]),
        "user": os.environ["DB_USER"],
        "password": os.environ["DB_PASSWORD"],
        "db": os.environ["DB_NAME"],
        "charset": "utf8mb4",
        "maxsize": 12,
        "pool_recycle": 300,
        "autocommit": False,
        "cursorclass": aiomysql.DictCursor,
    }
    for attempt in range(100):
        try:
            pool = await aiomysql.create_pool(**options)
            break
        except pymysql.err.OperationalError:
            if attempt == 99:
                raise
            await asyncio.sleep(0.25)
    async with pool.acquire() as connection, connection.cursor() as cursor:
        for table in TABLES:
            await cursor.execute(table)
    return pool


@asynccontextmanager
async def transaction(pool):
    async with pool.acquire() as connection:
        try:
            async with connection.cursor() as cursor:
                await cursor.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
                await connection.begin()
                yield cursor
            await connection.commit()
        except BaseException:
            await connection.rollback()
            raise


async def whole(pool, work):
    """Return what `work(cursor)` gives, all of it done or nothing; again where MySQL gave up."""
    for attempt in range(40):
        try:
            async with transaction(pool) as cursor:
                return await work(cursor)
        except (pymysql.err.OperationalError, pymysql.err.IntegrityError) as error:
            if error.args[0] not in AGAIN or attempt == 39:
                raise
            await asyncio.sleep(0.01)


async def one(cursor, sql, *values):
    await cursor.execute(sql, values)
    return await cursor.fetchone()


async def many(cursor, sql, *values):
    await cursor.execute(sql, values)
    return list(await cursor.fetchall())
