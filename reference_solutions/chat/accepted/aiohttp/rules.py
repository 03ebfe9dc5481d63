"""What is allowed, and the scripts that Redis runs."""
import re

NAME = re.compile(r"[a-z][a-z0-9-]{0,19}")
ROOM = re.compile(r"[a-z][a-z0-9-]{0,31}")
SAY = """
local id = redis.call('RPUSH', 'said:' .. KEYS[1], ARGV[1])
redis.call('PUBLISH', 'heard', KEYS[1] .. ' ' .. id .. ' ' .. ARGV[1])
return id
"""


def wrong_with(text):
    if not text.strip():
        return "The text is blank."
    if len(text) > 500:
        return "The text is longer than 500 characters."
    return None
