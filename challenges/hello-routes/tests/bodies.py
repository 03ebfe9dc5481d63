"""Bodies that the API has to refuse, whatever they are for."""

import json

JSON_TYPE = {"Content-Type": "application/json"}
OTHER_TYPES = ("text/plain", "application/x-www-form-urlencoded", "application/octet-stream")


def no_objects(word):
    """Bodies that are no JSON object, as bytes."""
    return (b"", b'{"message": "' + word.encode(), b"[]", json.dumps(word).encode(), b"null",
            b"7", b"true", b'[{"message": "a", "repeat": 1, "text": "a"}]', b"{'text': 'a'}",
            b'{"message": "\xff", "repeat": 1, "text": "\xff"}', word.encode())  # fmt: skip


def no_json(app, path, body, headers):
    """Send what is right but for its Content-Type; has to be answered with 415 or 400."""
    for kind in OTHER_TYPES:
        typed = headers | {"Content-Type": kind}
        reply = app.post(path, body=json.dumps(body).encode(), headers=typed)
        if reply.status not in {400, 415}:
            reply.fail(
                f"A body that is sent as {kind}, and not as application/json, is answered with 415 "
                f"or 400, whatever is in it; this was {reply.status}."
            )
    for reply in (app.post(path, headers=headers), app.post(path, data=body, headers=headers)):
        reply.expect(400, 415)
