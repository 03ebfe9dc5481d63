"""Decisions of the portal as pure functions: no database, no clock, no browser."""
