"""The `run` fixture: commands of the submission's image, each in a container of its own."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from grader.commands import MOST_CALLS, CommandCall, CommandResult, InputStep
from grader.exam.connection import Waited
from grader.exam.dispatch import remote
from grader.exam.exchange import Execution
from grader.exam.faults import CommandTimeout, Mismatch
from grader.exam.operations import CommandOperations
from grader.exam.protocol import Caller
from grader.text import clean, clip

SHOWN = 1500
"""Characters of what a command was given, and of each of its outputs, that evidence shows."""
INTERRUPT = "\x03"
"""What Ctrl-C sends in a terminal."""
END_OF_INPUT = "\x04"
"""What Ctrl-D sends in a terminal, at the beginning of a line."""


class Ran:
    """A command that has ended. What it is asked for and does not hold fails the criterion."""

    def __init__(self, call: CommandCall, result: CommandResult) -> None:
        self.exit_code = -1 if result.exit_code is None else result.exit_code
        """128 and the signal's number where a signal ended it."""
        self.output = result.output
        """Its standard output as text; in a terminal all that it printed."""
        self.errors = result.errors
        """Its standard error as text; empty in a terminal."""
        self.seconds = result.seconds
        """From its start to its end."""
        self.files = dict(result.files)
        """Text of the files of `read` that are there once it has ended."""
        self.typed = result.typed
        """How many steps of `typed` were sent."""
        self.execution = Execution(command=_shown(call), answer=_answer(result))
        """What evidence shows."""

    @property
    def lines(self) -> list[str]:
        """The lines of its standard output, without what ends them."""
        return self.output.splitlines()

    def fail(self, message: str, *, hinted: bool = True) -> NoReturn:
        """Fail the criterion with `message`, this command being the evidence."""
        raise Mismatch(message, self.execution, hinted=hinted)

    def expect(self, *exit_codes: int) -> Ran:
        """Return this one, if it has ended with one of `exit_codes`; 0 where none is given."""
        wanted = exit_codes or (0,)
        if self.exit_code not in wanted:
            asked = " or ".join(map(str, wanted))
            last = self.errors.strip().splitlines()[-1:] or self.output.strip().splitlines()[-1:]
            said = f" Its last line: {clip(clean(last[0]), 300)}" if last else ""
            self.fail(f"It ended with exit code {self.exit_code} where {asked} was expected.{said}")
        return self


class Command:
    """Runs commands of the submission's image; each begins with the image as it was built."""

    def __init__(self, caller: Caller, *, within: float, cap: int, waited: Waited) -> None:
        """`within`: seconds that each may take; `cap`: bytes that it may print."""
        self._operations: CommandOperations = remote(CommandOperations, "command", caller)
        self._within = within
        self._cap = cap
        self._waited = waited
        self.last: Execution | None = None

    def __call__(self, *arguments: str, **options: Any) -> Ran:
        """Run the image's command with `arguments`; see `prepare` for the options.

        Fails the criterion where it does not end in time, prints without end, cannot be started or
        is killed for its memory.
        """
        return self.together([self.prepare(*arguments, **options)])[0]

    def prepare(
        self,
        *arguments: str,
        stdin: str = "",
        typed: Sequence[tuple[str, str] | tuple[str, str, float]] = (),
        files: Mapping[str, str] | None = None,
        environment: Mapping[str, str] | None = None,
        within: float | None = None,
        terminal: bool = False,
        entrypoint: Sequence[str] | None = None,
        read: Sequence[str] = (),
    ) -> CommandCall:
        """Return what `together` runs.

        - `arguments`: what follows the image's ENTRYPOINT, in the place of its CMD.
        - `stdin`: its whole standard input.
        - `typed`: pairs of what it has to have printed and what is typed then; a third item is for
          how many seconds it has to have printed nothing since. For a dialogue, in a terminal as a
          rule (a program may keep back what it prints to anything else). Its input stays open.
        - `files`: text of files that it finds, by absolute paths.
        - `environment`: more variables.
        - `within`: seconds that it may take; `limits.request` as a rule.
        - `terminal`: whether it runs in one. What is typed is then part of the output.
        - `entrypoint`: what takes the place of the image's own, such as `["sh", "-c"]`.
        - `read`: absolute paths of files that are read once it has ended.
        """
        steps = [
            InputStep(send=send, after=after, quiet=quiet[0] if quiet else 0.0)
            for after, send, *quiet in typed
        ]
        if stdin:
            steps.append(InputStep(send=stdin))
        return CommandCall(
            arguments=tuple(arguments),
            within=within or self._within,
            input=tuple(steps),
            ends_input=not typed,
            terminal=terminal,
            files=dict(files or {}),
            environment=dict(environment or {}),
            entrypoint=None if entrypoint is None else tuple(entrypoint),
            read=tuple(read),
        )

    def together(self, calls: Sequence[CommandCall]) -> list[Ran]:
        """Run all of `calls`, some at the same time, and return them in their order.

        Fails as a single one does, with the first that fails.
        """
        starts = range(0, len(calls), MOST_CALLS)
        results = [
            result
            for start in starts
            for result in self._operations.run(list(calls[start : start + MOST_CALLS]))
        ]
        for result in results:
            self._waited.add(result.seconds, in_time=not result.timed_out)
        return [self._ran(call, one) for call, one in zip(calls, results, strict=True)]

    def _ran(self, call: CommandCall, result: CommandResult) -> Ran:
        ran = Ran(call, result)
        self.last = ran.execution
        if result.stopped:
            ran.fail(result.stopped, hinted=False)
        if result.out_of_memory:
            ran.fail("It took more memory than it may have and was killed.", hinted=False)
        if result.flooded:
            ran.fail(f"It printed more than {self._cap >> 10} KiB and was stopped.", hinted=False)
        if result.timed_out:
            said = f"It did not end within {call.within:g} s."
            raise CommandTimeout(said, ran.execution, hinted=False)
        return ran


def _shown(call: CommandCall) -> str:
    """Return the command as it would be typed, with what it was given."""
    words = ["docker", "run", "--rm", "-it" if call.terminal else "-i"]
    for name, value in call.environment.items():
        words += ["-e", f"{name}={value}"]
    rest = list(call.arguments)
    if call.entrypoint:
        words += ["--entrypoint", call.entrypoint[0]]
        rest = [*call.entrypoint[1:], *rest]
    parts = [f"$ {shlex.join([*words, 'your-image', *rest])}"]
    for path, text in call.files.items():
        parts.append(f"with {path}:\n{clip(clean(text), SHOWN)}")
    typed = "".join(one.send for one in call.input)
    if typed:
        parts.append(f"{'typed' if not call.ends_input else 'standard input'}:\n{_visible(typed)}")
    return "\n".join(part.rstrip("\n") for part in parts)


def _visible(typed: str) -> str:
    shown = typed.replace(INTERRUPT, "[Ctrl-C]").replace(END_OF_INPUT, "[Ctrl-D]")
    return clip(clean(shown), SHOWN)


def _answer(result: CommandResult) -> str:
    if result.stopped:
        return "(it did not run to its end)"
    ended = "(it was stopped)" if result.exit_code is None else f"exit code {result.exit_code}"
    parts = [ended]
    for name, text in (("standard output", result.output), ("standard error", result.errors)):
        if text.strip():
            parts.append(f"{name}:\n{clip(clean(text), SHOWN).rstrip()}")
    if len(parts) == 1:
        parts.append("(it printed nothing)")
    return "\n".join(parts)
