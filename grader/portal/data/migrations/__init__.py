"""Migrations of the portal's database, which Alembic runs."""
