import pytest


@pytest.mark.criterion("answer.json")
def test_value(app):
    value = app.get("/value").expect(200).json(dict)["value"]
    assert value == 7, "The value should be 7."


@pytest.mark.criterion("answer.text")
def test_text(app):
    assert app.get("/text").expect(200).text == "text", "The text should be 'text'."


@pytest.mark.criterion("answer.secret")
def test_secret(app, secrets):
    text = app.get("/text", headers={"X-Asked": "hidden-3f9c"}).text
    assert not any(value in text for value in secrets.values()), f"It gives away {text}"
