import pytest


@pytest.mark.criterion("entry.create", part="txt")
def test_text(app):
    pass


@pytest.mark.criterion("entry.create")
def test_whole(app):
    pass


@pytest.mark.criterion("entry.create", part="name")
def test_name(app):
    pass
