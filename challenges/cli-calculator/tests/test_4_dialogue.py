"""A person at a terminal."""

import re

import pytest

INTERRUPT, END = "\x03", "\x04"
PROMPT = "> "


def plain(ran):
    """What was on the screen, without escape sequences; fails where a traceback was."""
    if "Traceback (most recent call last)" in ran.output:
        ran.fail("It shows a traceback.")
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", ran.output).replace("\r", "")


def talk(run, *typed):
    return run("--interactive", terminal=True, typed=[(PROMPT, one) for one in typed])


@pytest.mark.criterion("dialogue.answers")
def test_answers(run, draw):
    a, b = draw.integer(100, 999), draw.integer(100, 999)
    ran = talk(run, f"{a} + {b}\n", "\n", "# nothing\n", f"{a} +\n", f"{a} * {b}\n", END)
    lines = [line.strip() for line in plain(ran).split("\n")]
    if str(a + b) not in lines or str(a * b) not in lines:
        ran.fail(
            "Each result should be on a line of its own, and the dialogue should go on after an "
            "error."
        )
    if not any(line.startswith("error: ") for line in lines):
        ran.fail("The error should be printed, on a line of its own that begins with 'error: '.")
    if plain(ran).count(PROMPT) < 6:
        ran.fail("It should print the prompt again after each line, after a blank one too.")


@pytest.mark.criterion("dialogue.ends")
def test_end_of_input(run, draw):
    plain(talk(run, f"{draw.integer(1, 9)} +\n", END).expect(0))


@pytest.mark.criterion("dialogue.interrupt")
def test_interrupt(run, draw):
    # Ctrl-C in the moment of the prompt may be lost; a person presses it again
    pressed = [("^C", INTERRUPT, 1.0)] * 2
    typed = [(PROMPT, f"{draw.integer(1, 9)} + 1\n"), (PROMPT, INTERRUPT, 0.2), *pressed]
    plain(run("--interactive", terminal=True, typed=typed).expect(130))
