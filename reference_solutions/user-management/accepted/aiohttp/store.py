"""PostgreSQL: its tables, and connections that are still there."""

import os
from contextlib import asynccontextmanager

import asyncpg

TABLES = """
CREATE EXTENSION IF NOT EXISTS citext;
CREATE TABLE IF NOT EXISTS users (
    id            SERIAL      PRIMARY KEY,
    email         CITEXT      NOT NULL UNIQUE,
    name          TEXT        NOT NULL,
    role          TEXT        NOT NULL DEFAULT 'member',
    active        BOOLEAN     NOT NULL DEFAULT TRUE,
    note          TEXT        NOT NULL DEFAULT '',
    password_hash TEXT,
    created_at    TIMESTAMPTZ NOT NULL DEFAULT now(),
    CHECK (role IN ('member', 'viewer', 'admin'))
);
CREATE TABLE IF NOT EXISTS sessions (
    token_hash VARCHAR(64) NOT NULL PRIMARY KEY,
    user_id    BIGINT      NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    since      TIMESTAMPTZ NOT NULL DEFAULT now()
);
"""
FIELDS = "id, email::text AS email, name, role, active, note, created_at"
GONE = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.AdminShutdownError,
    OSError,
)
CONNECTIONS = 12


def options():
    env = os.environ
    return {
        "host": env["DB_HOST"],
        "port": int(env["DB_PORT"]),
        "database": env["DB_NAME"],
        "user": env["DB_USER"],
        "password": env["DB_PASSWORD"],
        "ssl": env["DB_SSLMODE"],
        "timeout": 4,
    }


async def open_pool():
    pool = await asyncpg.create_pool(min_size=1, max_size=CONNECTIONS, **options())
    async with pool.acquire() as connection:
        await connection.execute(TABLES)
    return pool


@asynccontextmanager
async def connected(pool):
    """A connection that PostgreSQL has not closed meanwhile."""
    for left in reversed(range(CONNECTIONS + 1)):
        connection = await pool.acquire()
        try:
            await connection.execute("SELECT 1")
        except GONE:
            connection.terminate()
            await pool.release(connection)
            if not left:
                raise
        else:
            break
    try:
        yield connection
    finally:
        await pool.release(connection)
