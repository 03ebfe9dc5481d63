"""Hostile text is harmless once it is cleaned."""

import pytest

from grader.text import clean, clip, last_lines, nearest, redact


@pytest.mark.parametrize(
    ("hostile", "harmless"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07x", "x"),
        ("\x1b]8;;http://evil\x1b\\link", "link"),
        ("a\x00b", "a\N{REPLACEMENT CHARACTER}b"),
        ("a\u202eb", "a\N{REPLACEMENT CHARACTER}b"),
        ("a\ud800b", "a\N{REPLACEMENT CHARACTER}b"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("tab\tstays", "tab\tstays"),
        ("\x9b31mC1", "\N{REPLACEMENT CHARACTER}31mC1"),
        ("a\u200db", "a\N{REPLACEMENT CHARACTER}b"),
        ("a\ufe0fb", "a\N{REPLACEMENT CHARACTER}b"),
        ("\U0001f469\u200d\U0001f4bb", "\U0001f469\u200d\U0001f4bb"),
        (
            "\U0001f3f3\ufe0f\u200d\U0001f308 1\ufe0f\u20e3",
            "\U0001f3f3\ufe0f\u200d\U0001f308 1\ufe0f\u20e3",
        ),
        (
            "\U0001f469\u200d\u200d\U0001f4bb",
            "\U0001f469\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}\U0001f4bb",
        ),
        ("gr\u00f6\u00dfe \u5927 \u0645\u0631", "gr\u00f6\u00dfe \u5927 \u0645\u0631"),
    ],
)
def test_control_characters_do_not_get_through(hostile: str, harmless: str) -> None:
    """Escape sequences, controls, bidirectional overrides and surrogates are removed."""
    assert clean(hostile) == harmless


def test_clip_says_how_much_it_left_out() -> None:
    """A cut text names the number of characters that are missing."""
    assert clip("abcdef", 4) == "abcd… (2 more characters)"
    assert clip("abcd", 4) == "abcd"


def test_last_lines_skips_blank_ones() -> None:
    """Blank lines are not counted among the last ones."""
    assert last_lines("a\n\nb\n\n\nc\n", 2) == "b\nc"


def test_redact_puts_names_in_the_place_of_values() -> None:
    """A secret's value never shows; a value too short to be one is left alone."""
    assert redact("key=s3cr3t-value a", {"SECRET_KEY": "s3cr3t-value", "A": "a"}) == (
        "key=[SECRET_KEY] a"
    )


def test_nearest_is_silent_where_nothing_is_near() -> None:
    """Only a word that is near is proposed."""
    assert nearest("todo-ap", ["todo-api", "shop"]) == " Did you mean 'todo-api'?"
    assert nearest("zzz", ["todo-api", "shop"]) == ""
