"""Reference solutions to read, to put together and to edit."""

from __future__ import annotations

from pathlib import Path

import pytest

GOOD = "based_on: plain\npitfall: commit\nremoves: [old.py, folder]\nloses: [entry.stored]\n"
APP = "".join(f"line {number}\n" for number in range(1, 21))
PATCH = """\
--- a/app.py
+++ b/app.py
@@ -8,7 +8,7 @@
 line 8
 line 9
 line 10
-line 11
+changed
 line 12
 line 13
 line 14
"""


@pytest.fixture
def references(tmp_path: Path) -> Path:
    """Two accepted solutions of the guestbook and a rejected one, `forgets`."""
    exam = tmp_path / "references" / "guestbook"
    for name in ("plain", "fancy"):
        (exam / "accepted" / name / "folder").mkdir(parents=True)
        for path in ("old.py", "folder/a.py", "README.md"):
            (exam / "accepted" / name / path).write_text(f"{name}\n")
        (exam / "accepted" / name / "app.py").write_text(APP)
    (exam / "rejected").mkdir()
    (exam / "rejected" / "forgets.yml").write_text(GOOD)
    (exam / "rejected" / "forgets.patch").write_text(PATCH)
    return tmp_path / "references"


@pytest.fixture
def rejected(references: Path) -> Path:
    """The folder of the rejected solutions."""
    return references / "guestbook" / "rejected"
