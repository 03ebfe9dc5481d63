"""Tokens: who somebody is, and for which room."""
from itsdangerous import BadData, URLSafeTimedSerializer

from . import config

serializer = URLSafeTimedSerializer(config.SECRET, salt="chat")


def issue(name, room):
    return serializer.dumps([name, room])


def read(token):
    """Name and room; None for a token that is none."""
    if not isinstance(token, str):
        return None
    try:
        return serializer.loads(token, max_age=3600)
    except BadData:
        return None
