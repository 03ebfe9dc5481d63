"""Text that is not seen, or turns other text, gets through no format."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from fractions import Fraction

import pytest
from rich.console import Console

from grader.batch.entry import Entry
from grader.batch.rows import Row, RowCriteria, RowState
from grader.batch.tables import canvas_csv, grades_csv, gradescope_csv, moodle_csv
from grader.inspect.secrets import Blob, scan_blobs
from grader.report.annotations import to_annotations
from grader.report.compare import compare
from grader.report.compare_text import to_json as compared_json
from grader.report.compare_text import to_text as compared_text
from grader.report.console import render as to_console
from grader.report.findings import findings_json, findings_text
from grader.report.format_names import FORMATS
from grader.report.formats import render
from grader.report.json import to_dict
from grader.report.sarif import to_sarif
from grader.testing import a_challenge
from grader.text import clean
from tests.unit.report.examples import hostile

HIDING = [
    0xAD, 0x34F, 0x61C, 0x115F, 0x180E, *range(0x200B, 0x2010), *range(0x2028, 0x202F),
    *range(0x2060, 0x2065), *range(0x2066, 0x2070), 0x3164, 0xFE00, 0xFE0F, 0xFEFF, 0xFFA0,
    *range(0xFFF9, 0xFFFC), 0xD800, 0xDC80, 0xDFFF, 0xE0001, 0xE0020, 0xE0041, 0xE007F, 0xE0100,
    0xE01EF, 0x1D173, 0x9B, 0x07, 0x7F,
]  # fmt: skip
TEXT = "".join(f"a{chr(code)}b " for code in HIDING)


def shown() -> Iterable[tuple[str, str]]:
    """Each format with what it makes of reports that hold all of them everywhere."""
    for verdict, report in hostile(TEXT).items():
        for name in FORMATS:
            yield f"{name} {verdict}", render(report, name)
        file = io.StringIO()
        Console(file=file, width=200).print(to_console(report))
        yield f"console {verdict}", file.getvalue()
    one = hostile(TEXT)["graded"]
    yield "annotations", to_annotations(one)
    found = compare(to_dict(one), to_dict(hostile("b")["graded"]))
    yield "compare", compared_text(found)
    yield "compare json", compared_json(found)
    challenge = a_challenge()
    row = Row(
        entry=Entry(student=TEXT, source=TEXT, id="1", email=TEXT), state=RowState.GRADED,
        reason=TEXT, earned=Fraction(1), possible=10,
        criteria=RowCriteria(
            earned={criterion.id: Fraction(1) for criterion in challenge.criteria},
            rationales={criterion.id: TEXT for criterion in challenge.criteria},
            outcomes={criterion.id: "failed" for criterion in challenge.criteria},
        ),
    )  # fmt: skip
    for table in (grades_csv, moodle_csv, canvas_csv, gradescope_csv):
        yield table.__name__, table(challenge, [row])
    scan = scan_blobs([Blob(path=f"{TEXT}.py", content=b'SECRET_KEY = "Kestrel_vino77"\n')])
    yield "sarif of findings", to_sarif(scan.findings, version="1")
    yield "findings", findings_text(scan.findings, [], "1 file")
    yield "findings json", findings_json(scan.findings, [])


@pytest.mark.parametrize(("name", "text"), list(shown()))
def test_no_format_shows_what_is_not_seen(name: str, text: str) -> None:
    """Neither as it is nor escaped in JSON."""
    texts = [text.replace("\U0001f6e0\ufe0f", "")]  # our own mark for what is ungradable
    if name.startswith(("json", "ctrf", "gradescope ", "sarif")) or name.endswith("json"):
        texts.append(repr_of(json.loads(text)))
    for one in texts:
        left = {f"U+{code:04X}" for code in HIDING if chr(code) in one}
        assert left == set()


def repr_of(value: object) -> str:
    """All texts of a JSON document."""
    if isinstance(value, dict):
        return "".join(f"{key}{repr_of(item)}" for key, item in value.items())
    return "".join(map(repr_of, value)) if isinstance(value, list) else str(value)


@pytest.mark.parametrize("code", HIDING)
def test_each_is_made_visible(code: int) -> None:
    """Whoever reads the text sees that something stood there."""
    assert clean(f"a{chr(code)}b") == "a\N{REPLACEMENT CHARACTER}b"
