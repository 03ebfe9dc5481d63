"""The HTTP contract, read from the challenge's OpenAPI document and tried out on the app."""

from grader.exam.contract.checks import Contract

__all__ = ["Contract"]
