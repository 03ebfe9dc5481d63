"""Random data of a seed."""

import unicodedata
from collections.abc import Callable
from datetime import date

import pytest

from grader.exam.draw import Case, Draw


def sample(draw: Draw) -> list[object]:
    return [
        draw.word(),
        draw.name(),
        draw.sentence(),
        draw.unicode(),
        draw.text(30),
        draw.integer(1, 9),
        draw.sample("abc", 2),
        draw.injections(),
        draw.markup(),
        draw.edge_texts(),
        draw.edge_names(),
        draw.lookalikes("ada7"),
        draw.edge_numbers(1, 100),
        draw.bad_numbers(1, 100),
        draw.edge_dates(),
        draw.bad_dates(),
        draw.edge_paths(),
        draw.edge_headers(),
        draw.bad_ids(7),
    ]


def test_one_seed_gives_the_same_data_again() -> None:
    """A run can be replayed from its seed."""
    assert sample(Draw("7:t")) == sample(Draw("7:t"))
    assert sample(Draw("7:t")) != sample(Draw("8:t"))


def test_each_call_gives_something_new() -> None:
    """Two names of one run never collide."""
    draw = Draw("1")
    assert len({draw.sentence() for _ in range(500)}) == 500
    assert len({draw.name() for _ in range(500)}) == 500


def test_unicode_leaves_the_basic_plane() -> None:
    """A table in MySQL's old three-byte utf8 cannot hold it."""
    assert any(ord(letter) > 0xFFFF for letter in Draw("1").unicode())


def test_text_has_the_length_asked_for() -> None:
    """Limits are tried at their edge."""
    assert len(Draw("1").text(121)) == 121


def is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def changes(cases: list[Case]) -> set[str]:
    """The names of careless treatments that change one of `cases` at least."""
    values = [case.value for case in cases]
    treatments: dict[str, Callable[[str], str]] = {
        "strip": str.strip, "lower": str.lower, "squeeze": lambda text: " ".join(text.split()),
        "NFC": lambda text: unicodedata.normalize("NFC", text),
        "NFD": lambda text: unicodedata.normalize("NFD", text),
        "NFKC": lambda text: unicodedata.normalize("NFKC", text),
        "plus": lambda text: text.replace("+", " "), "tags": lambda text: text.replace("<", ""),
        "quotes": lambda text: text.replace("'", "''"),
        "backslash": lambda text: text.replace("\\", "\\\\"),
        "bmp": lambda text: "".join(sign for sign in text if ord(sign) < 2**16),
        "lines": lambda text: text.replace("\r\n", "\n"),
    }  # fmt: skip
    return {name for name, change in treatments.items() if any(change(v) != v for v in values)}


@pytest.mark.parametrize("seed", ["1", "2", "3"])
def test_texts_show_every_careless_treatment(seed: str) -> None:
    """Whoever strips, folds, normalises, unescapes or cuts a text changes one of them."""
    assert len(changes(Draw(seed).edge_texts())) == 12


def test_texts_fit_into_a_field() -> None:
    """A limit leaves out what is longer, and each is a text that no rule about blanks refuses."""
    cases = Draw("1").edge_texts(60)
    assert len(cases) == len(Draw("1").edge_texts())
    assert all(case.value.strip() and len(case.value) <= 60 for case in cases)
    assert all(len(case.value) <= 30 for case in Draw("1").edge_texts(30))


@pytest.mark.parametrize("text", ["ada", "a1", "Grace7", "12", "XYZ"])
def test_a_lookalike_is_never_the_same(text: str) -> None:
    """What is refused must not be the one that is right."""
    values = [case.value for case in Draw("1").lookalikes(text)]
    assert text not in values
    assert "" not in values
    assert len(set(values)) >= 8


@pytest.mark.parametrize("seed", [str(number) for number in range(20)])
def test_dates_exist_and_bad_ones_do_not(seed: str) -> None:
    """Edge dates are days in their one form; none of the others is."""
    draw = Draw(seed)
    assert all(is_day(case.value) for case in draw.edge_dates())
    assert any(case.value.endswith("02-29") for case in draw.edge_dates(2001, 2010))
    assert not any(is_day(case.value) for case in draw.bad_dates())


@pytest.mark.parametrize(("low", "high"), [(1, 100), (0, 10**6), (1, 10**6), (1, 10)])
def test_numbers_reach_their_limits(low: int, high: int) -> None:
    """Both limits are drawn, and nothing that is refused is a number between them."""
    draw = Draw("1")
    numbers = draw.edge_numbers(low, high)
    assert numbers[0] == low
    assert numbers[-1] == high
    for case in draw.bad_numbers(low, high):
        plain = case.value.isascii() and case.value.isdigit()
        assert not (plain and low <= int(case.value) <= high), case


def test_bad_numbers_pass_the_careless_checks() -> None:
    """int() and isdigit() each let something through that is refused."""
    values = [case.value for case in Draw("1").bad_numbers(0, 100)]
    assert any(value.isdigit() and not value.isdecimal() for value in values)
    assert any(value.isdecimal() and not value.isascii() for value in values)
    assert {"1_0", ""} <= set(values)


def test_values_for_headers_and_paths_can_be_sent() -> None:
    """A header is of letters, digits and hyphens; a path's part holds no slash."""
    draw = Draw("1")
    assert all(case.value.replace("-", "").isalnum() for case in draw.edge_headers())
    assert all("/" not in case.value for case in draw.edge_paths() + draw.bad_ids(7))
    assert any(case.value != case.value.lower() for case in draw.edge_headers())


def test_an_unknown_id_is_unknown() -> None:
    """No value of `bad_ids` is the id that is known."""
    assert "7" not in [case.value for case in Draw("1").bad_ids(7)]


def test_each_value_says_what_is_special_about_it() -> None:
    """A message can name it, and two cases of a kind are not of one name."""
    draw = Draw("1")
    for cases in (draw.edge_texts(), draw.edge_names(), draw.lookalikes("ada"), draw.bad_ids(1),
                  draw.bad_numbers(1, 9), draw.edge_dates(), draw.bad_dates(), draw.edge_paths(),
                  draw.edge_headers()):  # fmt: skip
        assert len({case.why for case in cases}) == len(cases)
