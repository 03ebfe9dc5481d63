"""The `run` fixture: what it asks for, and what it makes of how a command ended."""

from __future__ import annotations

from typing import Any

import pytest

from grader.commands import MOST_CALLS, CommandCall, CommandResult
from grader.exam.command import Command
from grader.exam.connection import Waited
from grader.exam.faults import CommandTimeout, Mismatch
from grader.exam.serialization import to_json


def command(*results: CommandResult) -> tuple[Command, list[Any]]:
    """A fixture whose commands end as `results` say, and what it has asked for."""
    asked: list[Any] = []
    left = list(results)

    def call(name: str, **arguments: Any) -> Any:
        asked.append((name, arguments))
        count = len(arguments["calls"])
        taken, left[:] = left[:count], left[count:]
        return to_json(taken)

    return Command(call, within=5, cap=64 * 1024, waited=Waited()), asked


def ended(**given: Any) -> CommandResult:
    """A command that has ended well, but for what is given."""
    known: dict[str, Any] = {"exit_code": 0, "output": "", "errors": "", "seconds": 0.1}
    return CommandResult(**known | given)


def test_arguments_and_input_are_passed_on() -> None:
    """As one call with its own time."""
    run, asked = command(ended(output="3\n4\n"))
    ran = run("sum", "1", stdin="2\n", files={"/tmp/x": "y"}, within=2)
    assert ran.lines == ["3", "4"]
    name, arguments = asked[0]
    assert name == "command.run"
    (call,) = arguments["calls"]
    assert call["arguments"] == ["sum", "1"]
    assert (call["within"], call["entrypoint"], call["ends_input"]) == (2, None, True)
    assert call["input"] == [{"send": "2\n", "after": "", "quiet": 0.0}]


def test_a_dialogue_keeps_its_input_open() -> None:
    """What is typed stands after what it waits for."""
    run, asked = command(ended())
    run("--ask", typed=[("? ", "4\n"), ("? ", "\x03")], terminal=True)
    (call,) = asked[0][1]["calls"]
    assert [(one["after"], one["send"]) for one in call["input"]] == [("? ", "4\n"), ("? ", "\x03")]
    assert not call["ends_input"]


@pytest.mark.parametrize(
    ("result", "sentence", "kind"),
    [
        (ended(exit_code=None, timed_out=True), "did not end within 5 s", CommandTimeout),
        (ended(exit_code=None, flooded=True), "printed more than 64 KiB", Mismatch),
        (ended(exit_code=137, out_of_memory=True), "more memory than it may have", Mismatch),
        (ended(exit_code=None, stopped="It wrote too much."), "It wrote too much", Mismatch),
    ],
)
def test_what_ends_it_is_a_sentence(
    result: CommandResult, sentence: str, kind: type[Mismatch]
) -> None:
    """The student's loss, with the command as evidence."""
    run, _ = command(result)
    with pytest.raises(kind, match=sentence) as found:
        run("1 + 1")
    assert "your-image '1 + 1'" in str(found.value.exchange)


def test_an_exit_code_that_was_not_expected_quotes_the_last_line() -> None:
    """Of standard error, where it has printed any."""
    run, _ = command(ended(exit_code=3, output="out\n", errors="first\nlast\n"))
    with pytest.raises(Mismatch, match=r"exit code 3 where 0 was expected\. Its last line: last"):
        run().expect(0)


def test_several_come_back_in_their_order() -> None:
    """What they took counts as the submission's time."""
    run, _ = command(ended(output="a"), ended(output="b"))
    calls: list[CommandCall] = [run.prepare("a"), run.prepare("b")]
    assert [one.output for one in run.together(calls)] == ["a", "b"]
    assert run._waited.answered == pytest.approx(0.2)


def test_evidence_shows_what_was_given_and_came() -> None:
    """Keys of a terminal are named."""
    run, _ = command(ended(exit_code=1, errors="bad\x1b[31m"))
    ran = run("--ask", typed=[("", "\x04")], terminal=True, environment={"A": "b c"})
    shown = str(ran.execution)
    assert "docker run --rm -it -e 'A=b c' your-image --ask" in shown
    assert "[Ctrl-D]" in shown
    assert "exit code 1\nstandard error:\nbad" in shown


def test_many_are_asked_for_in_turns() -> None:
    """No more at once than the grader runs at once."""
    count = MOST_CALLS + 3
    run, asked = command(*[ended(output=str(number)) for number in range(count)])
    found = run.together([run.prepare(str(number)) for number in range(count)])
    assert [one.output for one in found] == [str(number) for number in range(count)]
    assert [len(one[1]["calls"]) for one in asked] == [MOST_CALLS, 3]
