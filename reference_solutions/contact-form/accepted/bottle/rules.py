"""What may be entered."""

import re

PART = r"[\w\-]+"
ADDRESS = re.compile(rf"[^\s@,]+@{PART}(\.{PART})+", re.ASCII)


def faults(sender, address, topic, words, consent, topics):
    found = {}
    if not 0 < len(sender) <= 80 or any(one in sender for one in "\r\n\0"):
        found["name"] = "1 to 80 characters, please."
    if len(address) > 254 or not ADDRESS.fullmatch(address) or "\0" in address:
        found["email"] = "An address has the form name@example.org."
    if topic not in topics:
        found["subject"] = "Choose one, please."
    if not words.strip() or len(words) > 1000:
        found["message"] = "1 to 1,000 characters, please."
    if consent != "yes":
        found["consent"] = "Without this we cannot keep your message."
    return found


def is_ours(path):
    return re.fullmatch(r"/([^/\\\s\x00-\x1f\x7f-\x9f][^\s\x00-\x1f\x7f-\x9f]*)?", path) is not None
