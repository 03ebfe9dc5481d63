"""Hostile text is harmless once it is cleaned."""

import time

import pytest

from grader.text import TAIL_CHARACTERS, clean, clip, last_lines, nearest, redact, shorten


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
        ("\x1b]0;x'@'h' (1)\nnext", "0;x'@'h' (1)\nnext"),
        ("\x1bPq\nnext\x1b\\", "q\nnext"),
        ("\x1b_a\nb\x07c", "a\nb\N{REPLACEMENT CHARACTER}c"),
        ("\x1b^private\x1b\\x", "x"),
        ("\x1bXstring\nx", "string\nx"),
        ("\x1b[12;\nx", "12;\nx"),
        ("\x1b]a\rb", "a\nb"),
        ("secret\x08\x08\x08hidden", "secret" + 3 * "\N{REPLACEMENT CHARACTER}" + "hidden"),
        ("\x9d0;title\nx", "\N{REPLACEMENT CHARACTER}0;title\nx"),
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
    assert clip("abcdef", 4) == "a… (2 characters left out) …def"
    assert clip("abcd", 4) == "abcd"


def test_last_lines_skips_blank_ones() -> None:
    """Blank lines are not counted among the last ones."""
    assert last_lines("a\n\nb\n\n\nc\n", 2) == "b\nc"


def test_no_escape_reaches_past_the_end_of_its_line() -> None:
    """Whatever begins on a line, the next one is there as it was written."""
    for beginning in (
        "\x1b]",
        "\x1bP",
        "\x1b^",
        "\x1b_",
        "\x1bX",
        "\x1b[",
        "\x1b(",
        "\x1b",
        "\x9d",
        "\x90",
    ):
        for end in ("", ";0", "'@'"):
            for closing in ("", "\x07", "\x1b\\", "\x9c"):
                text = f"before\n{beginning}{end}\nwhole line{closing}\nafter"
                lines = clean(text).split("\n")
                assert len(lines) == 4, repr(text)
                assert lines[2].startswith("whole line"), repr(text)
                assert lines[3] == "after", repr(text)


@pytest.mark.slow
@pytest.mark.parametrize("piece", ["\x1b]", "\x1b[0", "\x1b[ ", "\x1b", "\x1bP\x1b\\", "\x1b]0"])
def test_cleaning_takes_time_in_proportion(piece: str) -> None:
    """A line of a megabyte is cleaned at once."""
    started = time.process_time()
    clean(piece + piece[-1] * 1_000_000)
    clean(piece * (1_000_000 // len(piece)))
    assert time.process_time() - started < 3


def test_a_tail_is_bounded_in_lines_and_characters() -> None:
    """The last lines that find room, each of them cut."""
    cut = last_lines("x" * 1_000_000)
    assert cut == "x" * 400 + "… (998800 characters left out) …" + "x" * 800
    tail = last_lines("\n".join(f"{number} {'x' * 290}" for number in range(1000)), 400)
    assert len(tail) <= TAIL_CHARACTERS
    assert tail.split("\n")[-1].startswith("999 ")


def test_redact_puts_names_in_the_place_of_values() -> None:
    """A secret's value never shows; a value too short to be one is left alone."""
    assert redact("key=s3cr3t-value a", {"SECRET_KEY": "s3cr3t-value", "A": "a"}) == (
        "key=[SECRET_KEY] a"
    )


def test_nearest_is_silent_where_nothing_is_near() -> None:
    """Only a word that is near is proposed."""
    assert nearest("todo-ap", ["todo-api", "shop"]) == " Did you mean 'todo-api'?"
    assert nearest("zzz", ["todo-api", "shop"]) == ""


def test_what_is_cut_keeps_its_end() -> None:
    """An error stands at the end, of a text and of its lines."""
    text = f"{'begin ' * 500}KeyError: 'DB_HOST'"
    assert clip(text, 300).startswith("begin ")
    assert clip(text, 300).endswith("KeyError: 'DB_HOST'")
    lines = [str(number) for number in range(100)]
    assert shorten(lines, 9) == [
        *("0", "1", "2"),
        "… 91 lines left out here; the JSON report has them …",
        *("94", "95", "96", "97", "98", "99"),
    ]
    assert shorten(lines[:9], 9) == lines[:9]
