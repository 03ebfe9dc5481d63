"""The `grader` command: a thin group; each subcommand is loaded when it is called."""

from __future__ import annotations

import importlib
import logging
import os
import sys
from typing import Any, NoReturn

import click

from grader.deadline import ending
from grader.errors import Cancelled, GraderError

COMMANDS = {
    "list": ("grader.cli.catalogue:list_challenges", "List the exams there are."),
    "show": (
        "grader.cli.catalogue:show",
        "Show the brief of exam SLUG: what to build and how it is scored.",
    ),
    "start": (
        "grader.cli.catalogue:start",
        "Copy the starter of exam SLUG into the new folder DIRECTORY, with its brief.",
    ),
    "grade": ("grader.cli.grade:grade", "Grade the submission PATH against exam SLUG."),
    "diagnose": (
        "grader.cli.diagnose:diagnose",
        "Build and start the submission PATH, and say what keeps it from starting.",
    ),
    "report": (
        "grader.cli.report:report",
        "Render the JSON report FILE, which `grader grade` wrote, in another form.",
    ),
    "batch": ("grader.cli.batch:batch", "Grade every submission of SOURCE against exam SLUG."),
    "serve": (
        "grader.cli.serve:serve",
        "Serve the portal: students hand in and read results in a browser.",
    ),
    "login": ("grader.cli.login:login", "Remember the portal at ADDRESS for `grader submit`."),
    "submit": (
        "grader.cli.submit:submit",
        "Hand in PATH, a folder or an archive, to ASSIGNMENT of the portal of `grader login`.",
    ),
    "setup-portal": (
        "grader.cli.setup_portal:setup_portal",
        "Bring a portal's database up to date before its pages and workers start.",
    ),
    "worker": ("grader.cli.worker:worker", "Grade what is handed in to a portal."),
    "worker-role": (
        "grader.cli.worker_role:worker_role",
        "Make a role of the portal's database for workers.",
    ),
    "compare": (
        "grader.cli.compare:compare",
        "Say why the score in the JSON report B is not that in A.",
    ),
    "receipt": (
        "grader.cli.receipt:receipt",
        "Check the receipt FILE, which a portal gave for a submission.",
    ),
    "secrets": (
        "grader.cli.secrets:secrets",
        "Look for secrets in the repository PATH (here, if left out) and in its git history.",
    ),
    "new": (
        "grader.cli.new:new",
        "Write the new challenge SLUG, with a contract, a suite, a starter and solutions.",
    ),
    "check": (
        "grader.cli.check:check",
        "Look for faults of the exams SLUG... that need no engine: seconds, while you write.",
    ),
    "verify": (
        "grader.cli.verify:verify",
        "Check the exams SLUG... against their reference solutions.",
    ),
    "solution": (
        "grader.cli.solution:solution",
        "Write the solution NAME of exam SLUG into DIRECTORY, or make its patch.",
    ),
    "roadmap": (
        "grader.cli.roadmap:roadmap",
        "Show which exam examines which topic of the roadmaps.",
    ),
    "images": ("grader.cli.images:images", "Look at the images that exams need, or get them all."),
    "index": ("grader.cli.index:index", "Look at the local package index, start it, stop it."),
    "doctor": (
        "grader.cli.doctor:doctor",
        "Look at the engine, its versions, disk, images and package index; name each remedy.",
    ),
    "clean": (
        "grader.cli.clean:clean",
        "Remove containers, networks, volumes, images and folders of runs that are over.",
    ),
    "completion": ("grader.cli.completion:completion", "Print what turns on completion in SHELL."),
}
"""Each command to its `module:attribute` and what it does, in the order of `--help`."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are needed, so that `--help` is quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, in order."""
        del ctx
        return list(COMMANDS)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without loading any."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, said) for name, (_, said) in COMMANDS.items()])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of that name; None where there is none."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Return the command that `args` name; an unknown one is answered with the nearest."""
        from grader.text import nearest

        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            msg = f"There is no command {args[0]!r}.{nearest(args[0], list(COMMANDS))}"
            raise click.UsageError(msg, ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="practical-exam-grader", prog_name="grader")
def cli() -> None:
    """Grade practical exams: a Flask app with MySQL, built from its own Dockerfile.

    \b
    As a student:
      grader list                       the exams there are
      grader show todo-api              what one asks for
      grader start todo-api my-answer   begin with its starter
      grader grade todo-api my-answer   the score, and why
      grader grade todo-api my-answer --watch   the same after each change
      grader diagnose my-answer         why it does not start
      grader report result.json         a stored result, in another form
      grader secrets my-answer          what nobody should be able to read in it
    \b
    As an instructor:
      grader batch todo-api answers --out results   a whole class
      grader new my-exam                begin an exam of your own
      grader check my-exam              its faults, as far as they show in seconds
      grader verify todo-api            proof that an exam is fair and sharp
    \b
    Where something does not work:
      grader doctor                     what is missing, and how to fix it

    Exit codes: 0 passed, 1 not passed or rejected, 2 wrong usage or a broken challenge,
    3 ungradable (the platform failed), 130 interrupted.
    """  # noqa: D301 - click takes a backspace for "leave these lines as they are"


def main() -> NoReturn:
    """Run the command line and exit."""
    ending.install(_kill_all)
    ending.leave(_run())


def _run() -> int:
    """Return the exit code that the command line comes to."""
    try:
        cli.main(standalone_mode=False, prog_name="grader")
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        return Cancelled.exit_code
    except GraderError as error:
        click.secho(f"Error: {error}", err=True, fg="red")
        return error.exit_code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def log_to_stderr() -> None:
    """Show what is done with Docker and subprocesses (`--verbose`)."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(relativeCreated)7.0f ms  %(name)s: %(message)s"))
    logger = logging.getLogger("grader")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)


def _kill_all() -> None:
    from grader import process

    process.kill_all()
