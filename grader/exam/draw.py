"""The `draw` fixture: random data from the run's seed, so that no hard-coded answer passes."""

from __future__ import annotations

import random
import string
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple, TypeVar

T = TypeVar("T")

FIRST = ("Ada", "Grace", "Linus", "Margaret", "Ken", "Radia", "Edsger", "Barbara", "Alan", "Hedy")
LAST = ("Lovelace", "Hopper", "Torvalds", "Hamilton", "Thompson", "Perlman", "Liskov", "Turing")
VERBS = ("Buy", "Call", "Clean", "Plan", "Read", "Repair", "Send", "Visit", "Write", "Water")
THINGS = ("the bicycle", "a letter", "green apples", "the garden", "old photographs", "the report",
          "fresh bread", "two tickets", "the kitchen", "a long novel")  # fmt: skip
SCRIPTS = ("äöüßéñ", "жщыюя", "λμπσω", "日本語漢字", "한국어", "שלום", "नमस्ते", "😀🎉🐍🚀")

DIGITS = tuple("".join(chr(zero + digit) for digit in range(10)) for zero in (0x660, 0x966, 0xFF10))
"""Arabic, Devanagari and full-width digits: int(), str.isdigit() and \\d take them for 0 to 9."""


class Case(NamedTuple):
    """A value at the edge of what is allowed, or just over it."""

    value: str
    why: str
    """What is special about it, as a part of a sentence: "blanks at both ends"."""


class Draw:
    """Seeded random data; each call gives something new.

    A test draws the same in every run of one seed, whatever other tests run, and other data than
    every other test: what it draws depends on the seed, its file, its name and its parameters, and
    on the order of its calls. Fixtures of a test share its `draw`.
    """

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)  # noqa: S311 - repeatable is what it must be

    def word(self, length: int = 10) -> str:
        """Lower-case letters that form no word of any language."""
        return "".join(self._random.choices(string.ascii_lowercase, k=length))

    def name(self) -> str:
        """Return a person's name that is not drawn twice."""
        return f"{self.choice(FIRST)} {self.choice(LAST)} {self.word(5)}"

    def sentence(self) -> str:
        """Return a short sentence that is not drawn twice."""
        return f"{self.choice(VERBS)} {self.choice(THINGS)} {self.word(8)}"

    def unicode(self) -> str:
        """Letters of several scripts and emoji beyond the basic plane."""
        parts = [self.choice(script) + self.choice(script) for script in SCRIPTS]
        self._random.shuffle(parts)
        return f"{self.word(6)} {' '.join(parts)}"

    def text(self, length: int) -> str:
        """Exactly `length` letters."""
        return self.word(length)

    def integer(self, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`, both included."""
        return self._random.randint(low, high)

    def choice(self, options: Sequence[T]) -> T:
        """One of `options`."""
        return self._random.choice(options)

    def sample(self, options: Sequence[T], count: int) -> list[T]:
        """`count` different ones of `options`, in random order."""
        return self._random.sample(options, count)

    def injections(self) -> list[str]:
        """Strings that end a quoted SQL literal, or widen a condition, where input is pasted in."""
        tag = self.word(6)
        return [
            f"{tag}' OR '1'='1",
            f"{tag}' OR 1=1 -- ",
            f'{tag}" OR "1"="1',
            f"{tag}%' OR 1=1 #",
            f"{tag}'; DROP TABLE todos; -- ",
            f"{tag}') UNION SELECT 1,2,3,4,5,6 -- ",
            f"{tag}\\' OR 1=1 -- ",
        ]

    def markup(self) -> str:
        """HTML that runs a script where it is shown unescaped."""
        tag = self.word(6)
        return f"<script>alert('{tag}')</script><img src=x onerror=alert(1)> & \"{tag}\""

    # -- values by kind: what a careless app changes, takes for another, or lets through ------

    def edge_texts(self, most: int = 200) -> list[Case]:
        """Return valid texts of up to `most` (at least 60) characters, to come back as they are.

        None of them is blank, and all begin or end with letters that are not drawn twice.
        """
        a, b = self.word(6), self.word(6)
        return _no_longer_than(most, [
            Case(f" {a}  {b} ", "blanks at both ends and two inside"),
            Case(f"{a}\t{b}\n", "a tab inside and a line break at the end"),
            Case(f"\n{a}\r\n\r\n{b}", "line breaks of both kinds"),
            Case(f"{a}+{b}%20{b}%2B", "a plus sign and percent-encoding"),
            Case(f"{a}&{b}=1;{b}#{b}?{b}", "the signs of a query string"),
            Case(f"{a} \"{b}\" '{b}' `{b}`", "quotes of three kinds"),
            Case(f"{a}\\n\\{b}\\", "backslashes, one of them at the end"),
            Case(f"{a.upper()}{b.title()}", "capitals"),
            Case(f"{a} e\u0301 \u00e9 {b}", "an accent of its own, and one within its letter"),
            Case(f"{a} \ufb01 \u212b \u00bd {b}", "signs that normalisation (NFKC) would change"),
            Case(f"{a} \U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f1e8\U0001f1ed",
                 "emoji of several code points"),
            Case(f"{a} \u200f\u05d0\u200e\u200b{b}", "marks of direction and no width"),
            Case(f"{self.choice(DIGITS)} {a}", "digits of another script"),
            Case(f"<b>{a}</b> &amp; &lt;{b}&gt;", "markup and entities"),
            Case(f"{a} {{{{ 7*7 }}}} ${{{b}}} %({b})s %s {{0}}", "placeholders of templates"),
            Case(f"{a} NULL; -- {b}", "a semicolon and a comment of SQL"),
            Case(f"{a}/../{b}//", "slashes and dots"),
        ])  # fmt: skip

    def edge_names(self) -> list[Case]:
        """Return people's names that are valid wherever any text is one."""
        first, last = self.choice(FIRST), self.word(7).capitalize()
        return [
            Case(f"{first} O'{last}", "an apostrophe"),
            Case(f"{first}-Lou {last}-Smith", "hyphens"),
            Case(f"{first} {last}, Jr.", "a comma and a point"),
            Case(f"{first.lower()} van {last.upper()}", "small letters first and capitals last"),
            Case(f"Nguye\u0302\u0303n {last}", "accents as characters of their own"),
            Case(f"{self.choice(SCRIPTS[3])}{self.choice(SCRIPTS[4])} {last}", "other scripts"),
            Case(f"Null None {last}", "words that programs give a meaning to"),
            Case(f"{first} {last} " + "Maria " * 6 + "de la Cruz", "many words"),
        ]

    def lookalikes(self, text: str) -> list[Case]:
        """Return texts that differ from `text`, and that a careless comparison takes for it.

        `text` is a name, key, token or the like of ASCII letters and digits, two letters at least.
        """
        at = self.integer(1, len(text) - 1)
        return _others(text, [
            Case(text.swapcase(), "its capitals and small letters swapped"),
            Case(f" {text}", "a blank before it"),
            Case(f"{text} ", "a blank behind it"),
            Case(f"{text}\n", "a line break behind it"),
            Case(f"{text[:at]} {text[at:]}", "a blank inside"),
            Case(f"{text}\u0301", "an accent on its last letter"),
            Case(f"{text[:at]}\u200b{text[at:]}", "a sign without width inside"),
            Case(_wide(text[0]) + text[1:], "a full-width letter"),
            Case(f"{text}{text[-1]}", "one more character"),
            Case(text[:-1], "one character less"),
            Case(text[::-1], "its characters in reverse order"),
        ])  # fmt: skip

    def edge_numbers(self, low: int, high: int) -> list[int]:
        """Return numbers from `low` to `high`, both limits and what is next to them included."""
        inside = {low, low + 1, self.integer(low, high), high - 1, high}
        return sorted(number for number in inside if low <= number <= high)

    def bad_numbers(self, low: int, high: int) -> list[Case]:
        """Return texts that are no whole number from `low` to `high` (with `high` > 1) in 0 to 9.

        Numbers written with zeros in front ("07") are left out: whether they are one is a matter
        of taste, and so is a minus before 0.
        """
        number = self.integer(max(low, 1), min(high, 9))
        other = self.choice(DIGITS)[number]
        return [
            Case("", "no digit at all"),
            Case(str(low - 1), "one less than the least"),
            Case(str(high + 1), "one more than the most"),
            Case(str(-number - max(low, 0)) if low >= 0 else str(low - 10), "a negative number"),
            Case("1" + "0" * 20, "a number of 21 digits"),
            Case("9" * 400, "a number of 400 digits"),
            Case(f"+{number}", "a plus sign in front"),
            Case(f" {number}", "a blank in front"),
            Case(f"{number}\n", "a line break behind"),
            Case("1_0", "an underscore inside"),
            Case(other, "a digit of another script"),
            Case("\u00b2", "a superscript digit"),
            Case(f"{number}.0", "a fraction"),
            Case(f"{number}e0", "an exponent"),
            Case(f"0x{number}", "hexadecimal digits"),
            Case(f"{number},0", "a comma"),
            Case("NaN", "NaN"),
            Case("Infinity", "Infinity"),
            Case("true", "true"),
            Case("null", "null"),
            Case(self.word(5), "letters"),
        ]

    def edge_dates(self, first: int = 1970, last: int = 2100) -> list[Case]:
        """Return dates (YYYY-MM-DD) at the ends of months and years from `first` to `last`."""
        year = self.integer(first, last)
        leap = self.choice([one for one in range(first, last + 1) if _is_leap(one)] or [2000])
        month = self.integer(1, 11)
        month_end = date(year, month + 1, 1) - timedelta(days=1)
        return [
            Case(f"{leap}-02-29", "a leap day"),
            Case(f"{leap}-03-01", "the day after a leap day"),
            Case(f"{year}-12-31", "the last day of a year"),
            Case(f"{year}-01-01", "the first day of a year"),
            Case(month_end.isoformat(), "the last day of a month"),
            Case(f"{first}-01-01", "a day that is long past"),
            Case(f"{last}-12-31", "a day that is far ahead"),
        ]

    def bad_dates(self) -> list[Case]:
        """Return texts that are no date of the form YYYY-MM-DD."""
        year = self.choice([one for one in range(2001, 2099) if not _is_leap(one)])
        day, month = self.integer(13, 28), self.integer(1, 9)
        arabic = str.maketrans(string.digits, DIGITS[0])
        good = f"{year}-{month:02}-{day}"
        return [
            Case(f"{year}-02-29", "February 29 of a year that has none"),
            Case("2100-02-29", "February 29 of 2100, which is no leap year"),
            Case(f"{year}-{self.choice([4, 6, 9, 11]):02}-31", "day 31 of a month of 30 days"),
            Case(f"{year}-13-01", "a month 13"),
            Case(f"{year}-00-{day}", "a month 0"),
            Case(f"{year}-{month:02}-00", "a day 0"),
            Case("0000-00-00", "zeros only"),
            Case(f"{year}-{month}-{day}", "a month of one digit"),
            Case(f"{year % 100:02}-{month:02}-{day}", "a year of two digits"),
            Case(good.replace("-", ""), "no hyphens"),
            Case(good.replace("-", "/"), "slashes in place of hyphens"),
            Case(f"{day}-{month:02}-{year}", "the day in front"),
            Case(f"{day}.{month:02}.{year}", "points and the day in front"),
            Case(f"{year}-W{day}-1", "a week in place of month and day"),
            Case(f"{year}-1{day}", "the day of the year"),
            Case(good.translate(arabic), "digits of another script"),
            Case(f" {good}", "a blank in front"),
            Case(f"{good}\n", "a line break behind"),
            Case(f"{good}T00:00:00", "a time behind it"),
            Case(f"{good}Z", "a Z behind it"),
            Case("", "an empty text"),
            Case("today", "a word for a date"),
        ]

    def edge_paths(self) -> list[Case]:
        """Return texts for one part of a path, to be encoded by `quote(value, safe="")`.

        None holds a slash, a line break, or dots only: servers treat these in ways of their own.
        """
        words = self.word(5), self.word(5)
        texts = [case for case in self.edge_texts() if not set("/\r\n\t") & set(case.value)]
        return [
            *texts,
            Case(f"{words[0]}.html", "a suffix"),
            Case(f".{words[0]}", "a point in front"),
            Case(f"{words[0]}:{words[1]}@{words[1]}", "a colon and an at sign"),
            Case(f"{words[0]},{words[1]};v=1", "a comma and a semicolon"),
        ]

    def edge_headers(self) -> list[Case]:
        """Return values of letters, digits and hyphens for a header, to come back as they are."""
        a, b = self.word(5), self.word(5)
        return [
            Case(f"{a}-{b.upper()}-{self.integer(0, 9)}", "capitals among small letters"),
            Case(f"{a.upper()}{self.integer(10, 99)}", "capitals only"),
            Case(str(self.integer(10**11, 10**12)), "digits only"),
            Case(f"0{self.integer(0, 10**6)}", "a zero in front"),
            Case(f"-{a}--{b}-", "hyphens at the ends and doubled"),
            Case(self.choice(string.ascii_uppercase), "one letter"),
            Case(f"{a}-" * 20 + b, "more than a hundred characters"),
        ]

    def bad_ids(self, known: int) -> list[Case]:
        """Return paths' parts that are the id of nothing, where `known` is the id of something.

        Encode them by `quote(value, safe="")`. Those that are numbers in some reading ("+7",
        "7.0", digits of another script) are in `bad_numbers`: an exam has to say what they are.
        """
        return [
            Case("0", "zero"),
            Case(f"-{known}", "a negative number"),
            Case(str(known + self.integer(10**6, 10**7)), "a number that nothing has"),
            Case(str(known + 2**31), "a number beyond 31 bits"),
            Case(str(known + 2**32), "a number beyond 32 bits"),
            Case(str(known + 2**64), "a number beyond 64 bits"),
            Case("9" * 400, "a number of 400 digits"),
            Case(self.word(), "letters"),
            Case(f"{known}{self.word(3)}", "a number and letters"),
            Case(f"{known}'", "a number and a quote"),
            Case(f"{known} OR 1=1", "a condition of SQL"),
            Case(f"{known},{known}", "two numbers"),
            Case("null", "null"),
        ]


def _no_longer_than(most: int, cases: Iterable[Case]) -> list[Case]:
    return [case for case in cases if len(case.value) <= most]


def _others(text: str, cases: Iterable[Case]) -> list[Case]:
    """Of `cases` those that are not `text` itself: digits alone, say, have no capitals."""
    return [case for case in cases if case.value not in {"", text}]


def _wide(letter: str) -> str:
    """`letter` of ASCII in full width, which NFKC makes plain again."""
    wide = chr(ord(letter) + 0xFEE0)
    return wide if unicodedata.normalize("NFKC", wide) == letter else f"{letter}\ufe0f"


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
