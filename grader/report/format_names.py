"""Which report formats there are, without what makes them: `--help` names them as well."""

from __future__ import annotations

FORMATS = {
    "html": "grader.report.html:to_html",
    "json": "grader.report.json:to_json",
    "markdown": "grader.report.markdown:to_markdown",
    "junit": "grader.report.junit:to_junit",
    "sarif": "grader.report.sarif_result:to_result_sarif",
    "annotations": "grader.report.annotations:to_annotations",
    "outputs": "grader.report.outputs:to_outputs",
    "gradescope": "grader.report.gradescope:to_gradescope",
    "ctrf": "grader.report.ctrf:to_ctrf",
}
"""Each format to `module:function`; the function takes the report and gives its text."""


def format_list(*others: str) -> str:
    """Return `others` and the names of all formats as words: `html, json or sarif`."""
    *names, last = (*others, *FORMATS)
    return f"{', '.join(names)} or {last}"
