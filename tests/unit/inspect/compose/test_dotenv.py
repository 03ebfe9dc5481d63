"""A `.env` file."""

from __future__ import annotations

import pytest

from grader.inspect.compose.dotenv import read_dotenv


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("", {}),
        ("A=1", {"A": "1"}),
        ("A=1\nB=2\n", {"A": "1", "B": "2"}),
        ("A=1\r\nB=2\r\n", {"A": "1", "B": "2"}),
        ("# no\n\nA=1 # yes\n", {"A": "1"}),
        ("A=x#y", {"A": "x#y"}),
        ("export A=1", {"A": "1"}),
        ("A = 1", {"A": "1"}),
        ("A=", {"A": ""}),
        ("A", {}),
        ("A=b=c", {"A": "b=c"}),
        ('A="b c"', {"A": "b c"}),
        ('A="b\\nc"', {"A": "b\nc"}),
        ("A='b c'", {"A": "b c"}),
        ("A='$B'\nC=\"$A\"", {"A": "$B", "C": "$B"}),
        ("A=1\nA=2", {"A": "2"}),
        ("A=1\nB=$A\nC=${A}x\nD=${X:-y}", {"A": "1", "B": "1", "C": "1x", "D": "y"}),
        ("A=1\nB='${A}'", {"A": "1", "B": "${A}"}),
        ('A=1\nB="${A}"', {"A": "1", "B": "1"}),
        ("B=$A\nA=1", {"B": "", "A": "1"}),
        ("A=pa$$x", {"A": "pa$x"}),
        ("A=pa$!x", {"A": "pa$!x"}),
        ("A=${", {"A": "${"}),
        ("A=Köln", {"A": "Köln"}),
        ("not a line\nA=1", {"A": "1"}),
        ("A='never closed\nB=1", {"B": "1"}),
    ],
)
def test_every_form(text: str, values: dict[str, str]) -> None:
    """As Compose reads it; what makes no sense is left out."""
    assert read_dotenv(text) == values


def test_the_machines_environment_is_none_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither in its place nor in values."""
    monkeypatch.setenv("HIDDEN", "of the machine")
    monkeypatch.setenv("A", "of the machine")
    assert read_dotenv("A=1\nB=$HIDDEN\nHIDDEN") == {"A": "1", "B": ""}


def test_given_values_take_the_place_of_entries() -> None:
    """And go into those that are made of them; no entry is added."""
    given = {"P": "new", "OTHER": "x"}
    assert read_dotenv("P='old'\nU=a:$P@b", given=given) == {"P": "new", "U": "a:new@b"}


def test_known_values_are_filled_in_only() -> None:
    """An entry of the file goes before them."""
    assert read_dotenv("A=$K\nK=2\nB=$K", known={"K": "1"}) == {"A": "1", "K": "2", "B": "2"}


def test_a_bomb_of_values_stops_growing() -> None:
    """Each entry doubles the one above it; what is too long stays as it is written."""
    text = "V0=" + "x" * 1000 + "".join(f"\nV{n}=$V{n - 1}$V{n - 1}" for n in range(1, 60))
    values = read_dotenv(text)
    assert len(values) == 60
    assert max(map(len, values.values())) <= 256 * 1024
    many = f"A={'x' * 100_000}\n" + "".join(f"B{n}=$A\n" for n in range(5000))
    values = read_dotenv(many)
    assert len(values) == 1000
    assert sum(map(len, values.values())) < 5_000_000


@pytest.mark.parametrize(
    "text", [" " * 200_000, "A=" + " " * 200_000 + "x", "\n" * 200_000 + "A=1"]
)
def test_blanks_are_read_in_no_time(text: str) -> None:
    """However many there are."""
    assert len(read_dotenv(text)) <= 1
