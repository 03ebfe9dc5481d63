"""What names, rooms and texts may be."""
import re

NAME = re.compile(r"[a-z][a-z0-9-]{0,19}")
ROOM = re.compile(r"[a-z][a-z0-9-]{0,31}")
SYSTEM = "system"
MAX_BYTES = 4096
MAX_TEXT = 500
BURST = 20
BURST_SECONDS = 1.0


def text_problem(text):
    """Why a text is no message; empty where it is one."""
    if not text.strip():
        return "A message must not be blank."
    if len(text) > MAX_TEXT:
        return f"A message has at most {MAX_TEXT} characters."
    return ""
