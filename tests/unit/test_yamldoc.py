"""YAML with its places."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from grader import yamldoc
from grader.yamldoc import Document, dotted, parse, read


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "challenge.yml"


def of(path: Path, text: str | bytes) -> Document:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read(path)


def test_values_and_lines(path: Path) -> None:
    """Each place has its line; one that is not there has the line of what is above it."""
    found = of(path, "a: 1\nb:\n  - c: true\n  - d: 2026-11-21\n    e: null\n")
    assert not found.problems
    assert found.value["b"][0] == {"c": True}
    assert [found.line(place) for place in [(), ("b",), ("b", 1), ("b", 1, "e")]] == [1, 2, 4, 5]
    assert found.line(("b", 1, "missing", 7)) == 4
    assert found.at(("b", 1, "e")) == "challenge.yml:5: b[1].e"
    assert found.at(()) == "challenge.yml:1: the document"


@pytest.mark.parametrize(
    ("place", "text"),
    [((), ""), (("a",), "a"), (("a", 2, "b"), "a[2].b"), (("a", 0, 1), "a[0][1]")],
)
def test_places_are_dotted(place: yamldoc.Place, text: str) -> None:
    """Keys with dots, indices in brackets."""
    assert dotted(place) == text


def test_a_key_that_stands_twice_is_named(path: Path) -> None:
    """With the line of the second one; two of a kind in two mappings are fine."""
    found = of(path, "a: {x: 1}\nb: {x: 1}\nc:\n  - y: 1\n    z: 1\n    y: 2\na: 3\n")
    assert found.problems == [
        "challenge.yml:6: c[0].y stands twice; keep one.",
        "challenge.yml:7: a stands twice; keep one.",
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a: {b", "challenge.yml:2: it is no valid YAML: did not find expected ',' or '}'."),
        ("a: 1\n\tb: 2", "challenge.yml:2: it is no valid YAML: found a tab"),
        ("a: *b", "challenge.yml:1: it is no valid YAML: found undefined alias."),
        (
            "a: 1\n---\nb: 2",
            "challenge.yml:2: a second document begins here (`---`)",
        ),
        (b"a: \0", "challenge.yml:1: it is no valid YAML: unacceptable character"),
        (b"a: \xff", "challenge.yml:1: it is no valid YAML: "),
        ("a: !python/name:os.system x", "challenge.yml:1: a is 'x', which cannot be read"),
        ("a:\n  b: 2026-13-45", "challenge.yml:2: a.b is '2026-13-45', which cannot be read"),
        ("a: [1, .nan]", "challenge.yml:1: a[1] is '.nan', which cannot be read"),
        ("a: -.inf", "challenge.yml:1: a is '-.inf', which cannot be read"),
        ("a: !!int one", "challenge.yml:1: a is 'one', which cannot be read"),
    ],
)
def test_what_is_no_yaml_is_a_sentence(path: Path, text: str | bytes, sentence: str) -> None:
    """File, line and what is wrong, on one line; nothing is raised."""
    (problem,) = of(path, text).problems
    assert problem.startswith(sentence)
    assert "\n" not in problem


@pytest.mark.parametrize("text", ["", "# nothing\n"])
def test_an_empty_document_is_null(path: Path, text: str) -> None:
    """What is made of that is the schema's matter."""
    found = of(path, text)
    assert found.value is None
    assert not found.problems


def test_a_bomb_of_aliases_is_not_unfolded(path: Path) -> None:
    """Nine levels of nine would be 400 million values."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    assert of(path, "\n".join(lines)).problems == [
        "challenge.yml: it unfolds to more than 50000 values."
    ]


@pytest.mark.parametrize(
    "text",
    ["a: &a [*a]", "a: &a {b: *a}", "[" * 200_000, "[" * 41 + "]" * 41],
    ids=["list in itself", "mapping in itself", "never closed", "one too many"],
)
def test_nesting_without_end_is_refused(path: Path, text: str) -> None:
    """An alias within itself ends, and deep brackets do not crash the parser."""
    (problem,) = of(path, text).problems
    assert problem == "challenge.yml: it is nested more than 40 levels deep; flatten it."


@pytest.mark.parametrize(
    "text", ["[" * 30_000, "{a: " * 9_000, "- " * 9_000, "# é\n" + "[" * 1_500]
)
@pytest.mark.parametrize("core", [False, True])
def test_our_bound_on_nesting_is_the_one_that_is_told(text: str, *, core: bool) -> None:
    """Whether the installed PyYAML bounds nesting by itself or not."""
    for raw in (text, text.encode()):
        document = yamldoc.parse("a.yml", raw, core=core)
        assert document.problems == ["a.yml: it is nested more than 40 levels deep; flatten it."]
        assert not document.whole


@pytest.mark.parametrize("text", ["[" * 39 + "\x00", "[" * 39 + "*", "a: [[[[[[}"])
def test_an_error_above_our_bound_is_told_as_it_is(text: str) -> None:
    """Not every fault of a nested document is its depth."""
    (problem,) = yamldoc.parse("a.yml", text).problems
    assert problem.startswith("a.yml:1: it is no valid YAML: ")


def test_a_document_of_any_length_is_not_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is a cap on its bytes."""
    monkeypatch.setattr(yamldoc, "MAX_BYTES", 10)
    assert of(path, "a: 12345678").problems == [
        "challenge.yml: it is larger than 10 bytes; shorten it."
    ]


def test_a_file_that_is_not_there_is_a_sentence(path: Path) -> None:
    """So is a folder in its place."""
    assert read(path).problems == ["challenge.yml: it cannot be read (No such file or directory)."]
    path.mkdir()
    assert read(path).problems == ["challenge.yml: it cannot be read (Is a directory)."]


def core(text: str) -> object:
    found = parse("compose.yml", text, core=True)
    assert not found.problems
    return found.value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("22:22", "22:22"),
        ("yes", "yes"),
        ("off", "off"),
        ("2026-11-21", "2026-11-21"),
        ("12:30:45", "12:30:45"),
        ("1_000", 1000),
        ("0777", 511),
        ("0888", 888),
        ("0o17", 15),
        ("-0x1f", -31),
        ("0b11", 3),
        ("1.10", 1.1),
        ("1e3", 1000.0),
        ("3.8", 3.8),
        ("'3.8'", "3.8"),
        ("True", True),
        ("FALSE", False),
        ("~", None),
        ("", None),
        ("!reset null", None),
        ("!!str 5", "5"),
        ("<<", "<<"),
        ("1.2.3.4", "1.2.3.4"),
    ],
)
def test_docker_s_dialect(text: str, value: object) -> None:
    """YAML 1.2: no base 60, no `yes`; integers in Go's notations."""
    found = core(f"a: {text}")
    assert found == {"a": value}
    assert isinstance(found, dict)
    assert type(found["a"]) is type(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("x: &b {p: 1, q: 2}\na: {<<: *b, q: 3}", {"p": 1, "q": 3}),
        ("x: &b {p: 1, q: 2}\na: {q: 3, <<: *b}", {"p": 1, "q": 3}),
        ("x: &b {p: 1}\ny: &c {p: 2, q: 2}\na: {<<: [*b, *c]}", {"p": 1, "q": 2}),
        ("x: &b {p: {r: 1}}\na: {<<: *b, p: {s: 2}}", {"p": {"s": 2}}),
        ("x: &b {p: 1}\ny: &c {<<: *b, q: 2}\na: {<<: *c}", {"p": 1, "q": 2}),
    ],
)
def test_merge_keys(text: str, value: object) -> None:
    """A key of one's own wins, then the mapping named first; nothing is merged in depth."""
    found = core(text)
    assert isinstance(found, dict)
    assert found["a"] == value


def test_what_is_merged_has_the_line_where_it_stands() -> None:
    """And what is one's own has its own."""
    found = parse("c.yml", "x: &b\n  p: 1\n  q: 1\na:\n  <<: *b\n  q: 2\n", core=True)
    assert [found.line(place) for place in [("a",), ("a", "p"), ("a", "q")]] == [4, 2, 6]


def core_problems(text: str) -> list[str]:
    """Return the faults of a Compose file of that text."""
    return parse("c.yml", text, core=True).problems


MERGED = "x-a: &a {p: 1}\nx-b: &b {q: 2}\n"
TWICE = "`<<` stands twice in one mapping, which Compose refuses; write `<<: [*one, *other]`."


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("web:\n  <<: *a\n  <<: *b\n", 5),
        ("web:\n  <<: *a\n  <<: *a\n", 5),
        ("web:\n  <<: *a\n  r: 3\n  <<: *b\n  <<: *a\n", 6),
        ("web: {<<: *a, <<: *b}\n", 3),
        ("web:\n  deep:\n    deeper:\n      <<: *a\n      <<: *b\n", 7),
        ("web:\n- r: 3\n- <<: *a\n  <<: *b\n", 6),
        ("x-c: &c\n  <<: *a\n  <<: *b\nweb: {<<: *c}\n", 5),
        ("x-c: &c\n  <<: *a\n  <<: *b\nweb: {<<: *c, own: *c}\nworker: *c\n", 5),
        ("x-c:\n  <<: *a\n  <<: *b\n", 5),
    ],
    ids=[
        "two", "the same twice", "three", "on one line", "nested", "in a list", "in an anchor",
        "in an anchor that is used three times", "in what nothing uses",
    ],
)  # fmt: skip
def test_a_merge_key_that_stands_twice_is_refused_once(text: str, line: int) -> None:
    """With the line of the second one."""
    assert core_problems(MERGED + text) == [f"c.yml:{line}: {TWICE}"]


@pytest.mark.parametrize(
    "text",
    [
        "web: {<<: [*a, *b]}\n",
        "web: {<<: *a}\nworker: {<<: *b}\n",
        "x-c: &c {<<: *a}\nweb:\n  <<: *c\n  deep: {<<: *b}\n",
    ],
    ids=["a list", "one in each", "one in another"],
)
def test_one_merge_key_in_each_mapping_is_fine(text: str) -> None:
    """However they are nested."""
    assert core_problems(MERGED + text) == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a:\n  <<: 5", "c.yml:2: `<<` takes the name of a mapping, like `*base`."),
        ("a: &a {<<: *a}", "c.yml: it is nested more than 40 levels deep; flatten it."),
        ("a: 1\na: 2", "c.yml:2: a stands twice; keep one."),
        ("a: !thing x", "c.yml:1: a is 'x', which cannot be read; put it in quotes."),
        ("a: " + "9" * 5000, "c.yml:1: a is '999"),
        ("a: 0o", None),
    ],
)
def test_faults_of_the_dialect(text: str, sentence: str | None) -> None:
    """A merge of what is no mapping, a mapping merged into itself, a number of any length."""
    problems = parse("c.yml", text, core=True).problems
    assert len(problems) == (0 if sentence is None else 1)
    assert not problems or problems[0].startswith(sentence or "")


def test_a_bomb_of_merges_is_not_unfolded() -> None:
    """Each level merges the one before it nine times over."""
    lines = ["a0: &a0 {k0: {x: 1, y: 2, z: 3}}"]
    lines += [
        f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}], k{n}: 1}}" for n in range(1, 9)
    ]
    assert parse("c.yml", "\n".join(lines), core=True).problems == [
        "c.yml: it unfolds to more than 50000 values."
    ]


LEVELS = "\n".join(
    ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
)
NESTED = "".join(f"{{{letter * 10_000}: " for letter in "abcdefghijklmnopqrstuvwxyz")


@pytest.mark.slow
@pytest.mark.parametrize("dialect", [True, False], ids=["Docker", "PyYAML"])
@pytest.mark.parametrize(
    "text",
    [
        f"{LEVELS}\n? *a8\n: x\n",
        f"{LEVELS}\n? {{*a8 : x}}\n: x\n",
        f"{NESTED}{{{'a,' * 40_000}}}{'}' * 26}",
        f"{NESTED}[{'2026-99-99,' * 40_000}]{'}' * 26}",
        "\n".join(f"- &a{n} {{k{n}: }}" for n in range(12_000))
        + "\n- {" + ",".join(f"<<: *a{n}" for n in range(12_000)) + "}",
        "- &a {k: }\n- {<<: [" + "*a," * 200_000 + "]}",
        "- &a [k]\n- {<<: [" + "*a," * 200_000 + "]}",
        "- &a0 {k: }\n"
        + "".join(f"- &a{n} {{<<: [*a{n - 1}, *a{n - 1}]}}\n" for n in range(1, 39)),
        "[" + "a," * 500_000 + "]", "&a " * 300_000, "? " * 500_000, "{" + "? a," * 200_000 + "}",
        "a: |\n" + " \n" * 300_000, "'" + "''" * 500_000, '"' + "\\n" * 500_000, "#" * 1_000_000,
        "- " * 500_000, "a: " * 300_000, "\n" * 1_000_000, "--- a\n" * 150_000, "!a" * 500_000,
    ],
    ids=lambda text: text[:12] + str(len(text)),
)  # fmt: skip
def test_nothing_that_fits_in_takes_long(text: str, *, dialect: bool) -> None:
    """Neither time nor memory: what a message shows has an end, too."""
    begun = time.process_time()
    document = yamldoc.parse("compose.yaml", text, core=dialect)
    took = time.process_time() - begun
    assert took < 5, took
    assert len(document.problems) <= yamldoc.MAX_PROBLEMS + 1
    assert sum(map(len, document.problems)) < 200_000


def test_a_list_is_no_key() -> None:
    document = yamldoc.parse("compose.yaml", "a: 1\n? [b, c]\n: 2\n", core=True)
    assert document.problems == [
        "compose.yaml:2: a list or mapping is no name of a key; write a text before the colon."
    ]
    assert document.value == {"a": 1}
