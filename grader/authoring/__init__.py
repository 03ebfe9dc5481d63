"""A new challenge for its author to begin with: whole, small, and one that holds in `verify`."""

from grader.authoring.new import Written, write_challenge

__all__ = ["Written", "write_challenge"]
