"""Decisions of the portal as pure functions: nothing here knows a database, a clock or a browser."""
