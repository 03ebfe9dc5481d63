"""What a command of a submission's image is given, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

MOST_CALLS = 64
"""Commands that may be asked for at once."""


@dataclass(frozen=True, kw_only=True)
class InputStep:
    """Something that is typed into a command, once it has printed what is waited for."""

    send: str
    """What is written to its standard input; in a terminal, `\\x03` is Ctrl-C, `\\x04` Ctrl-D."""
    after: str = ""
    """What it has to have printed since the step before; empty: nothing is waited for."""
    quiet: float = 0.0
    """For how many seconds it has to have printed nothing."""


@dataclass(frozen=True, kw_only=True)
class CommandCall:
    """One start of a command, in a container of its own."""

    within: float
    """Seconds that it may take."""
    arguments: tuple[str, ...] = ()
    """What follows the image's ENTRYPOINT, in the place of its CMD."""
    entrypoint: tuple[str, ...] | None = None
    """What takes the place of the image's ENTRYPOINT; None: that itself."""
    input: tuple[InputStep, ...] = ()
    ends_input: bool = True
    """Whether its standard input ends after the last step."""
    terminal: bool = False
    """Whether it runs in a terminal, which has one output for both."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Text of files that it finds, by their paths in the container."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables alongside those that the challenge gives."""
    read: tuple[str, ...] = ()
    """Paths of files that are read once it has ended."""


@dataclass(frozen=True, kw_only=True)
class CommandResult:
    """How a command ended, and what it printed."""

    exit_code: int | None
    """128 and the signal's number where a signal ended it; None where the grader had to."""
    output: str
    """Its standard output, in a terminal all that it printed; what is no UTF-8 is replaced."""
    errors: str
    """Its standard error; empty in a terminal."""
    seconds: float
    """From its start to its end."""
    timed_out: bool = False
    flooded: bool = False
    """Whether it was ended as it printed more than is read."""
    out_of_memory: bool = False
    stopped: str = ""
    """Why it could not be started, or the grader had to stop it for what it wrote; a sentence."""
    typed: int = 0
    """How many of the input's steps were sent."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Text of the files that were to be read and were there."""
