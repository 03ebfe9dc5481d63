"""The secrets of a run are blotted out of whatever is shown of it."""

from __future__ import annotations

from grader.run.redaction import Redactor


def test_what_is_hidden_later_is_hidden_as_well() -> None:
    """Passwords come one after another: each service draws its own as it starts."""
    redactor = Redactor()
    text = "first-password and other-password"
    assert redactor.shown(text) == text
    redactor.hide({"FIRST": "first-password"})
    before = redactor.secrets
    redactor.hide({"OTHER": "other-password"})
    shown = redactor.shown(text)
    assert "password" not in shown
    assert " and " in shown
    assert before == {"FIRST": "first-password"}, "somebody may be going through it"


def test_control_characters_are_shown_and_not_obeyed() -> None:
    assert "\x1b" not in Redactor().shown("\x1b[2J gone")
