#!/usr/bin/env python
"""Adds an admin whom the environment names."""

import asyncio
import os
import sys

import asyncpg

import fields
import people
import store


async def main():
    email, password = (os.environ.get(f"ADMIN_{name}") for name in ("EMAIL", "PASSWORD"))
    if not fields.CHECKS["email"](email):
        return "ADMIN_EMAIL is no e-mail address."
    if password is None or not fields.CHECKS["password"](password):
        return "ADMIN_PASSWORD has to have 10 to 200 characters."
    try:
        connection = await asyncpg.connect(**store.options())
        await connection.execute(store.TABLES)
        await connection.execute(
            "INSERT INTO users (email, name, role, password_hash) VALUES ($1::text, $2, 'admin', $3)",
            email, email.partition("@")[0], await people.password_hash(password),
        )  # fmt: skip
        await connection.close()
    except asyncpg.UniqueViolationError:
        return "This address belongs to another user."
    except (asyncpg.PostgresError, OSError) as error:
        return f"PostgreSQL cannot be reached: {error}"
    return None


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
