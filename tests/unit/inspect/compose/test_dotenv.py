"""A `.env` file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from grader.inspect.compose.dotenv import env_text, read_dotenv


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
        ("A\nB=1", {"B": "1"}),
        ("A: b", {"A": "b"}),
        ("A : b: c", {"A": "b: c"}),
        ("A= # no remark", {"A": "# no remark"}),
        ("SPACED = around  \n", {"SPACED": "around"}),
        ("OPTIONS=-Xmx2048 -DA=B", {"OPTIONS": "-Xmx2048 -DA=B"}),
        ('A="v #in" # out', {"A": "v #in"}),
        ('A="first\nsecond"\nB=1', {"A": "first\nsecond", "B": "1"}),
        ("A='it\\'s $x'", {"A": "it's $x"}),
        ('A="\\0101\\$x\\c\\\\"', {"A": "A$x\\c\\"}),
        ("A=\\$x", {"A": "\\"}),
        ("\ufeffA=1".removeprefix("\ufeff"), {"A": "1"}),
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
        ("A=Köln", {"A": "Köln"}),
    ],
)
def test_every_form(text: str, values: dict[str, str]) -> None:
    """As Compose reads it."""
    found = read_dotenv(text)
    assert (found.values, found.problem) == (values, "")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("A=1\nsettings of the app\nB=2", "line 2: `settings of the app` has a name with a blank"),
        ("# x\n\nDon't panic\n", "line 3: `Don't panic` has a \"'\" in its name; write NAME=value"),
        ("MY NAME=1", "line 1: `MY NAME=1` has a name with a blank in it"),
        ("A='never closed\nB=1", "line 1: `'never closed` opens a ' that nothing closes; add it"),
        ('B=1\nA="never', 'line 2: `"never` opens a " that nothing closes'),
        ("A=${", r"line 1: `\$\{` has a `\$\{` that is never closed"),
        ("A=${X:?}", "line 1: it wants the variable X, which is not set"),
        ("A\0=\0001", "line 1: it is no UTF-8, perhaps UTF-16 .* save it as UTF-8"),
        ("<<<<<<< HEAD\nA=1", "line 1: `<<<<<<< HEAD` has a '<' in its name"),
    ],
)
def test_what_compose_refuses_is_named(text: str, problem: str) -> None:
    """With the line; the entries above it are there."""
    found = read_dotenv(text)
    assert re.match(problem, found.problem), found.problem
    assert "B" not in found.values or text.startswith("B")


def test_a_file_is_always_utf_8(tmp_path: Path) -> None:
    """What PowerShell writes by default is refused; a byte order mark of UTF-8 is none of it."""
    (tmp_path / ".env").write_bytes("A=1\n".encode("utf-16"))
    assert "save it as UTF-8" in read_dotenv(env_text(tmp_path, ".env")).problem
    (tmp_path / ".env").write_bytes("A=1\n".encode("utf-8-sig"))
    assert read_dotenv(env_text(tmp_path, ".env")).values == {"A": "1"}


def test_the_machines_environment_is_none_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither in its place nor in values."""
    monkeypatch.setenv("HIDDEN", "of the machine")
    monkeypatch.setenv("A", "of the machine")
    assert read_dotenv("A=1\nB=$HIDDEN\nHIDDEN\n").values == {"A": "1", "B": ""}


def test_given_values_take_the_place_of_entries() -> None:
    """And go into those that are made of them; no entry is added."""
    given = {"P": "new", "OTHER": "x"}
    assert read_dotenv("P='old'\nU=a:$P@b", given=given).values == {"P": "new", "U": "a:new@b"}


def test_known_values_are_filled_in_only() -> None:
    """They go before the entries of the file; a name alone takes its value from them."""
    found = read_dotenv("A=$K\nK=2\nB=$K\nK2\n", known={"K": "1", "K2": "3"})
    assert found.values == {"A": "1", "K": "2", "B": "1", "K2": "3"}


def test_a_bomb_of_values_stops_growing() -> None:
    """Each entry doubles the one above it; what grows beyond all bounds ends the reading."""
    text = "V0=" + "x" * 1000 + "".join(f"\nV{n}=$V{n - 1}$V{n - 1}" for n in range(1, 60))
    found = read_dotenv(text)
    assert "grows beyond" in found.problem
    values = found.values
    assert max(map(len, values.values())) <= 256 * 1024
    many = f"A={'x' * 100_000}\n" + "".join(f"B{n}=$A\n" for n in range(5000))
    values = read_dotenv(many).values
    assert len(values) == 1000
    assert sum(map(len, values.values())) < 5_000_000


@pytest.mark.parametrize(
    "text", [" " * 200_000, "A=" + " " * 200_000 + "x", "\n" * 200_000 + "A=1"]
)
def test_blanks_are_read_in_no_time(text: str) -> None:
    """However many there are."""
    assert len(read_dotenv(text).values) <= 1
