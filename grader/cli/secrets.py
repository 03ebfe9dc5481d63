"""`grader secrets`: what anybody can read out of a repository and its history."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import click

from grader.errors import SourceError


@click.command()
@click.argument("path", type=click.Path(path_type=Path), default=".")
@click.option(
    "--json",
    "json_file",
    metavar="FILE",
    help="Write the findings to FILE as JSON; - is standard output.",
)
@click.option(
    "--sarif", "sarif_file", metavar="FILE", help="Write them as SARIF 2.1.0; - is standard output."
)
@click.option("--no-history", is_flag=True, help="Read the files only, not the earlier commits.")
def secrets(path: Path, *, json_file: str | None, sarif_file: str | None, no_history: bool) -> None:
    """Look for secrets in the repository PATH (here, if left out) and in its git history.

    Nothing of it is executed, and nothing leaves this machine. A `.env` that git ignores is left
    out. What may be a secret is listed as a hint. Exit codes: 0 nothing found, or hints only, 1
    something found, 2 wrong usage.
    """
    from grader import __version__
    from grader.inspect.secrets import scan_blobs, scan_tree
    from grader.report.findings import findings_json, findings_text
    from grader.report.sarif import to_sarif
    from grader.submission.history_blobs import History

    if not path.is_dir():
        msg = f"{path} is no folder; name the folder of your repository."
        raise SourceError(msg)
    with tempfile.TemporaryDirectory(prefix="grader-secrets-") as scratch:
        history = History(path, Path(scratch))
        tree = scan_tree(path, leave_out=history.left_out(path))
        past = scan_blobs(() if no_history else history.blobs(), known=tree)
    findings = [*tree.findings, *past.findings]
    skipped = [(one.path, one.reason) for one in (*tree.skipped, *past.skipped)]
    if history.problem and not no_history:
        skipped.append(("the history", history.advice or history.problem))
    if sarif_file:
        _write(sarif_file, to_sarif(findings, version=__version__))
    if json_file:
        _write(json_file, findings_json(findings, skipped))
    if "-" not in {json_file, sarif_file}:
        versions = "" if no_history or history.problem else f" and {past.files} earlier versions"
        read = f"{tree.files} files{versions}"
        click.echo(findings_text(findings, skipped, read), nl=False)
    sys.exit(1 if any(one.sure for one in findings) else 0)


def _write(target: str, text: str) -> None:
    """Write to a file, or to standard output for `-`."""
    if target == "-":
        click.echo(text, nl=False)
    else:
        Path(target).write_text(text, "utf-8")
