import pytest


@pytest.mark.criterion("lines.kept")
def test_a_line_is_in_the_ledger(app, ledger, draw):
    text = draw.word()
    app.post("/lines", json={"text": text}).expect(201)
    assert text in ledger.lines(), "The line is not in the ledger."
    assert ledger.pages == 3


@pytest.mark.criterion("lines.again")
def test_it_is_there_after_an_outage(app, ledger, draw):
    text = draw.word()
    app.post("/lines", json={"text": text}).expect(201)
    with ledger.outage():
        app.get("/lines").expect(503)
    assert text in app.get("/lines").json()
    ledger.restart()
    assert text in ledger.lines()
    assert ledger.count_books() == 1
