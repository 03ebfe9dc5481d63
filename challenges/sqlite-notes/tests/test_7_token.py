"""An app that is given no token."""

import pytest


@pytest.mark.criterion("token.no_fallback")
def test_without_token(app, draw):
    """It ends, or gives its backup to nobody."""
    with app.without("BACKUP_TOKEN") as beside:
        if not beside.asked or not beside.started or beside.client is None:
            return
        words = ("", "None", "null", "undefined", "changeme", "secret", "token", draw.word())
        given = ["", "Bearer", *(f"Bearer {word}" for word in words)]
        for headers in ({}, *({"Authorization": one} for one in given)):
            reply = beside.client.get("/backup", headers=headers)
            if reply.status < 400:
                reply.fail(
                    "Without BACKUP_TOKEN in its environment the app gives its backup away. Take "
                    'it without a default: os.environ["BACKUP_TOKEN"].'
                )
