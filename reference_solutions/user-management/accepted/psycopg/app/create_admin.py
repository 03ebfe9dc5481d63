"""The command create-admin: the first admin, from the environment."""

import os
import sys

import psycopg

from . import database, rules, sessions


def main():
    email, password = os.environ.get("ADMIN_EMAIL"), os.environ.get("ADMIN_PASSWORD")
    if not rules.is_email(email):
        sys.exit("ADMIN_EMAIL should be an e-mail address of at most 100 characters.")
    if password is None or not rules.is_password(password):
        sys.exit("ADMIN_PASSWORD should be a text of 10 to 200 characters.")
    try:
        with psycopg.connect(**database.options()) as connection:
            database.make_tables(connection)
            connection.execute(
                "INSERT INTO users (email, name, role, password_hash) VALUES (%s, %s, %s, %s)",
                [email, "Admin", "admin", sessions.password_hash(password)],
            )
    except psycopg.errors.UniqueViolation:
        sys.exit(f"There is a user with the address {email} already.")
    except psycopg.Error as error:
        sys.exit(f"The admin cannot be saved: {error}")
    print(f"{email} is an admin.")


if __name__ == "__main__":
    main()
