"""What differs from a base stands as a patch where it is little of a file, and each patch fits."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docker.expectations import CHANGE, EXPECTED, SUBMISSIONS, expected, put_together

CHANGED = sorted(
    path.parent
    for folder in (SUBMISSIONS, SUBMISSIONS.parent / "hostile")
    for path in folder.glob(f"*/{CHANGE}")
)


@pytest.mark.parametrize("folder", CHANGED, ids=lambda folder: folder.name)
def test_a_change_fits_its_base(folder: Path, tmp_path: Path) -> None:
    """It touches files of the base alone, and none that stands alongside it as a whole."""
    base, made = SUBMISSIONS / expected(folder)["base"], tmp_path / "made"
    put_together(folder, made)
    assert not (made / CHANGE).exists()
    assert not (made / EXPECTED).exists()
    whole = {one.name for one in folder.iterdir()} - {CHANGE, EXPECTED}
    touched = {
        line.removeprefix("+++ b/").strip()
        for line in (folder / CHANGE).read_text("utf-8").splitlines()
        if line.startswith("+++ ")
    }
    assert touched
    assert not touched & whole
    for name in touched:
        assert (made / name).read_bytes() != (base / name).read_bytes()


def test_there_are_some() -> None:
    assert len(CHANGED) > 20
