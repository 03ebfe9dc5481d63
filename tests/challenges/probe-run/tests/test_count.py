"""A command of the image, and the app alongside it."""

import threading
import time

import pytest

COUNT = ["python", "count.py"]


def keep(app, draw):
    app.post("/notes", json={"text": draw.sentence()}).expect(201)


@pytest.mark.criterion("run.counts")
def test_it_counts_the_notes(app, draw):
    keep(app, draw)
    notes = app.get("/notes").expect(200).json(list)
    ran = app.run(COUNT, within=8).expect(0)
    if ran.output.strip() != str(len(notes)):
        ran.fail(f"There are {len(notes)} notes; it prints something else.")


@pytest.mark.criterion("run.alongside")
def test_the_app_answers_while_it_runs(app, draw):
    keep(app, draw)
    over = threading.Event()

    def ask():
        while not over.is_set():
            app.get("/notes").expect(200)
            time.sleep(0.1)

    def count():
        try:
            return app.run(COUNT, within=8)
        finally:
            over.set()

    app.together([ask, count])


@pytest.mark.criterion("run.after")
def test_the_app_answers_after_it(app, draw):
    try:
        app.run(COUNT, within=8)
    except AssertionError:
        pass  # that costs run.counts
    keep(app, draw)
    app.get("/notes").expect(200)
