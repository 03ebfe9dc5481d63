"""The command line. `main` exits; everything below it raises."""

from grader.cli.main import main

__all__ = ["main"]
