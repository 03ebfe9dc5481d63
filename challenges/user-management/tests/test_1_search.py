"""What q and the filters find, and which queries are refused."""

import pytest
from answers import require_4xx

SCRIPTS = {
    "Latin letters with accents": "äöüéñåøčž",
    "Cyrillic letters": "бвгджзийклмнпрстуфхцчшщыэюя",
    "Greek letters": "αβγδεζηθικλμνξοπρτυφχψω",
    "Armenian letters": "աբգդեզթժիլխկհձղճմյնշոչպջռվտրցքօֆ",
}
"""Letters of which each has one capital, and each capital one small letter."""
OTHERS = ("日本語漢字東京", "한국어서울부산", "שלוםאבגד", "नमतसकप")
SIGNS = ("%", "_", "\\")


def require_found(directory, q, wanted, what, **filters):
    """Fail unless the list has exactly the users `wanted`, in whatever order."""
    page = directory.page(q=q, **filters)
    missing, more = set(wanted) - set(page.ids), set(page.ids) - set(wanted)
    if missing:
        page.reply.fail(f"{what}: {len(missing)} of {len(wanted)} users are not found.")
    if more:
        page.reply.fail(f"{what}: {len(more)} users are found that should not be.")


@pytest.mark.criterion("search.finds")
def test_parts_of_names_and_addresses(directory, draw):
    """From the beginning, the middle and the end; nothing of any other field."""
    directory.clear()
    words = [draw.word(8) for _ in range(4)]
    first, last, local, domain = words
    both = directory.user(name=f"{first} {last}", email=f"{local}@{domain}.example")
    named, addressed = directory.users([{"name": f"{last}"}, {"email": f"x{local}7@other.example"}])
    directory.users([{"note": " ".join(words)}, {}, {}])
    looked_for = {
        "the beginning of a name": (first[:5], [both]),
        "the middle of two names": (last[2:6], [both, named]),
        "the end of a name with the blank before it": (f"{first[-2:]} {last[:3]}", [both]),
        "a blank and what follows it": (f" {last[:5]}", [both]),
        "a name with the blank behind it": (f"{first} ", [both]),
        "a whole name": (f"{first} {last}", [both]),
        "a part of two addresses": (local[1:], [both, addressed]),
        "an address from its sign on": (f"{local[-2:]}@{domain}", [both]),
        "nobody": (draw.word(12), []),
        "words in another order than in the name": (f"{last} {first}", []),
        "a longer text than the name": (f"{first} {last}{last}", []),
    }
    for what, (q, wanted) in looked_for.items():
        require_found(directory, q, wanted, f"q is {what}")
    everybody = [one["id"] for one in directory.rows()]
    require_found(directory, "", everybody, "q is empty")


@pytest.mark.criterion("search.finds")
def test_quotes_are_no_sql(directory, draw):
    """What would end a text of SQL finds who has it in the name, and nobody else."""
    directory.clear()
    directory.users([{} for _ in range(5)])
    texts = [one for one in draw.injections() if not any(sign in one for sign in SIGNS)]
    ids = directory.users([{"name": text} for text in texts])
    for text, number in zip(texts, ids, strict=True):
        require_found(directory, text, [number], "q is a name with quotes")
    require_found(directory, "' OR ''='", [], "q is a piece of SQL that nobody has in the name")


@pytest.mark.criterion("search.case")
@pytest.mark.parametrize("script", SCRIPTS)
def test_case_does_not_count(directory, draw, script):
    """Small and capital letters of each script, in q and in the name."""
    directory.clear()
    letters = SCRIPTS[script]
    word = "".join(draw.choice(letters) for _ in range(9))
    ids = directory.users([
        {"name": word}, {"name": word.upper()}, {"name": f"{draw.word(4)} {word.capitalize()}"},
    ])  # fmt: skip
    directory.users([{"name": draw.word(9)}, {"name": word[::-1] + letters[0] * 3}])
    for q in (word, word.upper(), word.capitalize()[:7], word[2:].upper()):
        require_found(directory, q, ids, f"q is {script}, in whatever case")


@pytest.mark.criterion("search.case")
def test_ascii_case_does_not_count(directory, draw):
    """Names and addresses with capitals."""
    directory.clear()
    word, local = draw.word(8), draw.word(7)
    one, other = directory.users([
        {"name": word.upper(), "email": f"{local.title()}@Big.Example"},
        {"name": f"x{word.title()}"},
    ])  # fmt: skip
    require_found(directory, word.title(), [one, other], "q is a name in another case")
    require_found(directory, f"{local.upper()}@BIG", [one], "q is an address in another case")


@pytest.mark.criterion("search.case")
def test_scripts_without_case(directory, draw):
    """Chinese, Korean, Hebrew, Devanagari."""
    directory.clear()
    for letters in OTHERS:
        word = "".join(draw.choice(letters) for _ in range(6)) + draw.word(3)
        number = directory.user(name=word)
        directory.user(name=word[3:] + word[:3])
        require_found(directory, word[1:7], [number], "q is of a script without case")


@pytest.mark.criterion("search.wildcards")
def test_percent_underscore_and_backslash(directory, draw):
    """Each finds who has it in the name or the address."""
    directory.clear()
    tag = draw.word(5)
    names = ["5% {}", "55 {}", "a_b {}", "axb {}", "c\\d {}", "cd {}", "e\\%f {}", "e%f {}",
             "g\\_h {}", "g_h {}", "%{}%", "i%%j {}", "_{}_", "k\\", "\\{}",
             "l!m/n^o {}"]  # fmt: skip
    ids = directory.users([{"name": name.format(tag)} for name in names])
    ids += directory.users([{"email": f"{tag}_p@a.example"}, {"email": f"{tag}xp@a.example"}])
    rows = {row["id"]: row for row in directory.rows()}
    for q in ("%", "_", "\\", "5%", "a_b", "c\\d", "\\%", "%f", "\\_", "g_h", "%%", "k\\",
              f"%{tag}", f"_{tag}", f"\\{tag}", f"{tag}_p", "!", "/", "^", "e%", "______",
              "\\\\"):  # fmt: skip
        wanted = [n for n, row in rows.items() if q in row["name"] or q in row["email"]]
        require_found(directory, q, wanted, f"q is {q!r}, each sign of which stands for itself")


@pytest.mark.criterion("filter.works")
def test_filters_work_together(directory, draw):
    """Each role with each state, with and without q: in the name or in the address."""
    directory.clear()
    word = draw.word(7)
    directory.users([
        {
            "role": role, "active": active,
            "name": f"{draw.word(4)}{word}" if kind == 0 else draw.word(8),
            "email": f"{draw.word(8)}@{word if kind == 1 else draw.word(7)}.example",
        }
        for role in ("member", "viewer", "admin") for active in (True, False)
        for kind in (0, 1, 2, 2)
    ])  # fmt: skip
    rows = directory.rows()
    for role in ("member", "viewer", "admin", None):
        for active in (True, False, None):
            for q in (word, None):
                asked = {} if role is None else {"role": role}
                asked |= {} if active is None else {"active": str(active).lower()}
                asked |= {} if q is None else {"q": q}
                wanted = [
                    one["id"] for one in rows
                    if role in (None, one["role"]) and active in (None, one["active"])
                    and (q is None or q in one["name"] or q in one["email"])
                ]  # fmt: skip
                page = directory.page(limit=100, **asked)
                if sorted(page.ids) != wanted:
                    page.reply.fail(
                        f"{len(wanted)} users have what this asks for; {len(page.ids)} were "
                        "answered, and they should be those."
                    )


@pytest.mark.criterion("query.refused")
def test_numbers_are_written_in_digits(directory, draw):
    """Of limit and offset; that limit has its bounds is page.limit's to examine."""
    bound = ("one", "a negative", "a number of")
    for name, low, high in (("limit", 1, 100), ("offset", 0, 1_000_000)):
        for value, why in draw.bad_numbers(low, high):
            if name == "limit" and why.startswith(bound):
                continue
            require_4xx(directory.get("/users", **{name: value}), f"?{name}= with {why}", 400)


@pytest.mark.criterion("query.refused")
def test_only_what_there_is(directory, draw):
    """Names of parameters, of sorts, of roles; true and false."""
    wrong = {
        "sort": ("", "note", "role", "password_hash", "NAME", "--name", "name,id", "+name", "-",
                 "name desc", "id; DROP TABLE users", draw.word(6), "1", "created-at"),
        "role": ("", "Admin", "owner", "admin,viewer", "' OR '1'='1", draw.word(5)),
        "active": ("", "True", "1", "yes", "null", "on", draw.word(5)),
        "q": ("x" * 101,),
        draw.word(6): ("1",),
        "per_page": ("5",),
        "Limit": ("5",),
        "id": ("1",),
    }  # fmt: skip
    for name, values in wrong.items():
        for value in values:
            require_4xx(directory.get("/users", **{name: value}), f"?{name}={value[:40]!r}", 400)
    known = directory.page().cursor
    if isinstance(known, str):
        reply = directory.get("/users", cursor=known, offset=5)
        require_4xx(reply, "a cursor together with offset", 400)
    require_4xx(directory.get("/users", cursor=""), "an empty cursor", 400)
    for name, value in (("sort", "name"), ("limit", "5"), ("cursor", "x"), ("active", "2")):
        require_4xx(directory.get("/users.csv", **{name: value}), f"an export with ?{name}=", 400)
    directory.page(q="x" * 100, role="member", active="true", sort="-name", limit=1, offset=0)
