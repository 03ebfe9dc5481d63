"""A class as course systems hand it out is read with the names and numbers that they mean."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.batch.entry import Entry
from grader.batch.roster import read_roster
from grader.errors import UsageError


def rows(folder: Path) -> list[tuple[str, str, str]]:
    """Name, id and Canvas's number of each."""
    return [(one.student, one.id, one.canvas_id) for one in read_roster(folder)]


@pytest.mark.parametrize(
    "name",
    ["Müller Jürgen_40217_assignsubmission_file_", "Müller Jürgen_40217_assignsubmission_file"],
)
def test_moodles_folders_are_named_by_the_student(name: str, tmp_path: Path) -> None:
    """The number is the one that its grading worksheet calls `Participant`."""
    (tmp_path / name).mkdir()
    assert rows(tmp_path) == [("Müller Jürgen", "Participant 40217", "")]


def test_moodles_files_without_folders_are_named_alike(tmp_path: Path) -> None:
    """Names have underscores of their own, too."""
    (tmp_path / "Ada B_C_7_assignsubmission_file_my_answer.zip").write_bytes(b"")
    assert rows(tmp_path) == [("Ada B_C", "Participant 7", "")]


def test_moodles_text_field_is_no_second_submission(tmp_path: Path) -> None:
    """Who wrote a text and handed in a file has handed in the file; who only wrote has that."""
    for name in ("Ada_7_assignsubmission_file_", "Ada_7_assignsubmission_onlinetext_",
                 "Bob_8_assignsubmission_onlinetext_"):  # fmt: skip
        (tmp_path / name).mkdir()
    assert [one.source.rpartition("/")[2] for one in read_roster(tmp_path)] == [
        "Ada_7_assignsubmission_file_", "Bob_8_assignsubmission_onlinetext_",
    ]  # fmt: skip


@pytest.mark.parametrize("late", ["", "LATE_"])
def test_canvas_names_are_read(late: str, tmp_path: Path) -> None:
    """With or without its mark for what came late."""
    (tmp_path / f"lovelaceada_{late}4711_99120_todo-api.zip").write_bytes(b"")
    assert rows(tmp_path) == [("lovelaceada", "", "4711")]


def test_a_folder_like_canvas_names_is_none(tmp_path: Path) -> None:
    """Canvas hands out files; a folder `group_1_2_x` is called so."""
    (tmp_path / "group_1_2_x").mkdir()
    assert rows(tmp_path) == [("group_1_2_x", "", "")]


def test_gradescopes_list_tells_the_names(tmp_path: Path) -> None:
    """All members of a group; a folder that it does not list keeps its name."""
    for number in (1, 2, 3):
        (tmp_path / f"submission_{number}").mkdir()
    (tmp_path / "submission_metadata.yml").write_text(
        "submission_1:\n  :submitters:\n  - :name: Ada Lovelace\n    :sid: '007'\n"
        "    :email: ada@example.org\n  :created_at: 2026-01-01 10:00:00 Z\n"
        "submission_2:\n  :submitters:\n  - :name: Bob\n    :sid: '8'\n  - :name: E\n    :sid: 9\n",
        "utf-8",
    )
    found = {one.source.rpartition("/")[2]: one for one in read_roster(tmp_path)}
    assert found["submission_1"] == Entry(
        student="Ada Lovelace", source=str(tmp_path / "submission_1"), id="007",
        email="ada@example.org",
    )  # fmt: skip
    assert (found["submission_2"].student, found["submission_2"].id) == ("Bob, E", "8, 9")
    assert found["submission_3"].student == "submission_3"


def test_a_broken_list_is_told(tmp_path: Path) -> None:
    """With what to do."""
    (tmp_path / "submission_1").mkdir()
    (tmp_path / "submission_metadata.yml").write_text("a: [", "utf-8")
    with pytest.raises(UsageError, match=r"cannot be read as the list .* export it again"):
        read_roster(tmp_path)


def test_two_of_one_name_are_told_apart_by_their_numbers(tmp_path: Path) -> None:
    """There are two Müllers in every class."""
    for number in (7, 8):
        (tmp_path / f"Max Müller_{number}_assignsubmission_file_").mkdir()
    assert [row[0] for row in rows(tmp_path)] == ["Max Müller (7)", "Max Müller (8)"]
