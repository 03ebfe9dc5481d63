"""An app that is given no token."""

import ast

import pytest

from grader.exam.faults import AppTimeout, AppUnreachable
from grader.waiting import wait_until

SECONDS = 15
"""How long an app that goes on without its token has to answer, on a machine that is busy."""


def stand_ins(submission):
    """The texts that Python code names together with BACKUP_TOKEN, as `get` takes a default."""
    found = {}
    for tree in submission.python_sources().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                texts = [one.value for one in ast.walk(node) if isinstance(one, ast.Constant)]
                if "BACKUP_TOKEN" in texts:
                    found |= dict.fromkeys(one for one in texts if isinstance(one, str))
    return [one for one in found if one != "BACKUP_TOKEN" and one.isascii() and one.isprintable()]


@pytest.mark.criterion("token.no_fallback")
def test_without_token(app, draw, submission):
    """It ends, or gives its backup to nobody."""
    words = ["", "None", "null", "undefined", "changeme", "secret", "token", draw.word(),
             *stand_ins(submission)[:10]]  # fmt: skip
    headers = [{}, *({"Authorization": one} for one in ("", "Bearer"))]
    headers += [{"Authorization": f"Bearer {one}"} for one in words]
    with app.without("BACKUP_TOKEN") as beside:
        if beside.client is None or beside.reason.startswith("It ended"):
            return

        def answers():
            try:
                return beside.client.get("/health").status == 200
            except (AppUnreachable, AppTimeout):
                return False

        if not wait_until(answers, within=SECONDS):
            return  # as its brief allows, it does not go on
        for one in headers:
            reply = beside.client.get("/backup", headers=one)
            if reply.status < 400:
                reply.fail(
                    "Without BACKUP_TOKEN in its environment the app gives its backup away. Take "
                    'it without a default: os.environ["BACKUP_TOKEN"].'
                )
