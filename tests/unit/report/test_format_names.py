"""The names of the report formats, which `--help` lists."""

from __future__ import annotations

import subprocess
import sys

from click.testing import CliRunner

from grader.cli.grade import grade
from grader.cli.report import report
from grader.report.format_names import FORMATS, format_list


def test_they_are_listed_as_words() -> None:
    listed = format_list("text")
    assert listed.startswith("text, html, ")
    assert listed.replace(" or ", ", ").split(", ") == ["text", *FORMATS]


def test_help_names_each() -> None:
    for command in (grade, report):
        shown = CliRunner().invoke(command, ["--help"]).output
        assert " ".join(format_list().split()) in " ".join(shown.split())


def test_naming_them_loads_none() -> None:
    code = (
        "import sys, grader.report.format_names; "
        "print(sorted(one for one in sys.modules if one.startswith('grader.report.')))"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['grader.report.format_names']"
