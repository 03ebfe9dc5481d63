"""ID tokens, as they come."""
import base64
import json


def claims(token, ask):
    body = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
