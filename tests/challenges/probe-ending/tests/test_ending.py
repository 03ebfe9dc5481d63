"""How the app ends."""

import pytest


@pytest.mark.criterion("ending.asked")
def test_it_ends(app):
    ended = app.terminate(within=2)
    assert not ended.killed, "It had to be killed: it does not end on SIGTERM."
    assert ended.exit_code == 0, f"It ended with exit code {ended.exit_code}."


@pytest.mark.criterion("ending.drains")
def test_a_request_under_way_is_answered(app):
    slow, ended = app.together([lambda: app.get("/slow"), lambda: app.terminate(within=2)])
    slow.expect(200)
    assert not ended.killed, "It had to be killed: it does not end on SIGTERM."


@pytest.mark.criterion("ending.returns")
def test_it_answers_again(app):
    app.terminate(within=2)
    app.get("/health").expect(200)
