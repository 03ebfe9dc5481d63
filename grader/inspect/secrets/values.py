"""What a value is: a reference, a hash, a placeholder, a development literal or a secret."""

from __future__ import annotations

import math
import re
from collections import Counter
from functools import lru_cache

from grader.inspect.secrets.file_roles import FileRole
from grader.inspect.secrets.finding import Severity
from grader.inspect.secrets.names import Sureness

UNKNOWN = "\0"
"""Stands in an assembled value for what only a run can tell."""
MAX_VALUE = 64 * 1024
TEMPLATE = re.compile(
    r"\$\{[^}]*\}|\$\{\{.*\}\}|\{\{.*\}\}|\{%.*%\}|<%.*%?>|%\w+\([^)]*\)%|\{ ?\w+ ?\}|%\(\w+\)s"
    r"|%[sdr](?:\\n)?|\{\w*(?:[.:!\[][^}]*)?\}|\?|__[A-Z_]+__"
)
"""What is filled in before it is used."""
REFERENCE = re.compile(
    r"\$\{[^}]*\}?|\$\([^)]*\)?|\{\{.*|\{%.*|<%.*|:\w+|`.*|\$\$?\w+\)?|%\w+%|@\w+@|\#\{.*|!\w+.*"
    r"|(?:os\.)?(?:environ|getenv|env|process\.env|config|settings|System\.getenv|ENV|secrets"
    r"|vault|self|current_app|request|import\.meta)(?:[.(\[:].*)"
    r"|(?:vault|encrypted|secret|op|ssm|awssm|gcpsm|keyring|file|env|s3|gs|cipher)(?::|://).*"
    r"|ENC\[.*|ENC\(.*|@Microsoft\.KeyVault.*|enc:.*|Ag[A-Z][A-Za-z0-9+/=]{100,}|!(?:Ref|Sub|GetAtt|ImportValue)\b.*"
    r"|\{cipher\}.*|gAAAAA[\w-]{80,}={0,2}|-----BEGIN (?:PGP MESSAGE|AGE ENCRYPTED).*"
    r"|ansible-vault.*|\$ANSIBLE_VAULT.*"
    r"|[\w./-]+\.(?:md|html?|pem|key|txt|json|ya?ml|py|js|ts|php|crt|cert|env|sh|conf|cfg|ini|toml)"
    r"|arn:aws:.*|/(?:run|etc|var|app|home|root|tmp|mnt|opt|srv)(?:/.*)?|\.{1,2}/.*|[A-Za-z]:\\.*",
    re.DOTALL,
)
"""What points to a value that stands elsewhere, in any of the languages of a repository."""
HASH = re.compile(
    r"\$(?:2[abxy]?|1|5|6|y|apr1|argon2\w*|scrypt|pbkdf2\S*?)\$.*|(?:pbkdf2|scrypt|argon2|bcrypt)\b.*"
    r"|(?:md5|sha1|sha256|sha512)[$:].*|sha(?:1|256|384|512)-[A-Za-z0-9+/=]+|\{(?:SHA|SSHA)\}.*"
    r"|\*[0-9A-Fa-f]{40}|\$A\$005\$.*",
    re.DOTALL,
)
SWITCHES = frozenset({"true", "false", "yes", "no", "on", "off", "none", "null", "nil"})
BLANK = re.compile(
    r"[*\u2022. ]+|[^\w\s]|<.*>|\[[A-Za-z _-]*\]|AKIA\w*EXAMPLE|wJalrXUtnFEMI/.*EXAMPLEKEY"
)
"""What says that something was left out, and cannot be used: `<password>`, `***`."""
PATTERN = re.compile(
    r"[\^(\[\\.].*(?:\]|\.|\)|\\[sSwWdD])\{\d{1,4}(?:,\d{0,4})?\}\)?\$?|\.\{\d{1,4}(?:,\d{0,4})?\}"
    r"|[\^(]?\[[^\]]++\][+*]\)?\$?",
    re.DOTALL,
)
"""A whole regular expression for what is taken: `[ -~]{8,64}`. A part of a value is none."""
STATES = frozenset(
    """required missing invalid weak short long wrong blank empty expired incorrect mismatch hidden
    set unset optional pending loading unchanged masked valid""".split()  # noqa: SIM905
)
"""What the value of a field may be said to be."""
LABELS = STATES | frozenset(
    """current-password new-password one-time-code form-control off on password text string email
    varchar char integer boolean""".split()  # noqa: SIM905 - a list of words
)
"""What stands alongside the name of a field where a form, a table or an error is described."""
DESCRIBES = re.compile(
    r"(?i)(?:var)?(?:char|binary)\(\d+\).*|(?:tiny|medium|long)?(?:text|blob|int)\b.*|\d+(?:\.\d+)?(?:px|em|rem|%|vh|vw)"
    r"|fa[srb]?[ -]fa?-?[a-z-]+"
    r"|(?:(?!(?:control|input|field|icon|label|btn|error)(?![a-z]))[a-z]++[-_])*+"
    r"(?:control|input|field|icon|label|btn|error)(?:[-_][a-z]++)*"
    r"|\^.*\$?|min\.? ?\d.*|max\.? ?\d.*"
    r"|(?:db\.|sa\.)?(?:String|Text|Column)\(.*"
)
"""Types of columns, sizes, classes, patterns: what describes a field."""
CODE_WORD = re.compile(
    r"[a-z]+(?:[-_.][a-z]+)+(?:[-_]\d{1,3})?|[A-Z]+\d?(?:_[A-Z]+)+(?:_?\d{1,4})?"
    r"|[a-z][\w.-]*+(?:/[\w.{}<>:-]++){2,}/?|/[a-z][\w.-]*+(?:/[\w.{}<>:-]*+)*"
)
"""Codes of errors, names of events, paths: what programs say to each other."""
APP_PASSWORD = re.compile(r"[a-z]{4}(?: [a-z]{4}){3}")
"""A password for one program, as Google shows it."""
UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
TO_BE_FILLED = re.compile(
    r"chang(?:e|ed|ing)[-_ ]?(?:me|this|it|in|the|your|before)|^change$|your[-_ ]?|replace"
    r"|placeholder|example|dummy|sample|todo(?=$|[: ])|fixme|xxx|^\[.*\]$|^\{.*\}$|\.{3}|…"
    r"|insert[-_ ]|enter[-_ ]|fill[-_ ]|put[-_ ]?(?:your|a|the|it|some)|goes[-_ ]?here|[-_ ]here$"
    r"|redacted|hidden|^(?:none|null|nil|undefined|n/?a|tbd|unset|not[-_ ]?set|empty|foo|bar|baz"
    r"|foobar|string|value|some[-_ ]?\w*|any[-_ ]?\w*|a[-_ ](?:very[-_ ])?\w+[-_ ]\w+)$|^_+$|^-+$"
    r"|^\?+$|_?(?:not|un)[-_]?set$|^(?:[A-Z][A-Z0-9]*_)+(?:PASSWORD|PASS|PWD|(?:API)?KEY|TOKEN|SECRET)$"
    r"|generate|random[-_ ]?(?:string|secret|key|value|password|long)|(?:long|strong)[-_ ]"
    r"|set[-_ ]?(?:me|this|in|your)|use[-_ ]a|keep[-_ ]?(?:it|this)|dont[-_ ]|do[-_ ]not|supply"
    r"|provide|fake|mock|lorem|not[-_ ]?(?:a|the)?[-_ ]?(?:real|secret|secure)"
    r"|for[-_ ]?(?:dev|test|local)",
    re.IGNORECASE,
)
CLEAR = re.compile(r"(?i)your|example|change.?me|placeholder|replace|x{5}|insert|enter")
"""What no generator draws by chance."""
VARIABLE = re.compile(
    r"(?:[A-Z][A-Z0-9]*_)+(?:PASSWORD|PASS|PWD|(?:API)?KEY|TOKEN|SECRET)"
    r"|projects/[\w-]+/secrets/.*|arn:aws:secretsmanager:.*|op://.*"
)
"""What is no value but the name of a variable, or of an entry in a vault."""
WORDS = frozenset(
    """a the my our your this is it in of to for and very so super top ultra mega some
    secret secrets secretkey key keys pass passwd password passwords passphrase passwort pwd pw psw
    token auth jwt session cookie salt signing login account hash crypto encryption
    root admin administrator user username users guest owner master sa operator manager member
    dev develop development developer local localhost test tests testing tester demo debug staging
    prod production default temp tmp sample example qa ci build
    db database data mysql mariadb sql postgres mongo redis server service host
    flask app application web site api backend frontend project python docker compose container
    todo todos task tasks board blog shop store note notes exam student students school course
    message messages book books library inventory chat quiz hello world foo bar baz change changeme
    hoge fuga piyo valid passwort geheim geheimer contrasena senha mein clave
    qwerty qwertz asdf abc abcd letmein welcome iloveyou monkey dragon trustno one two three
    first new old real strong long random string value here key string simple basic easy
    you will guess hard know nobody can cant see any something anything should must crazy
    insecure unsafe weak not never do use me please""".split()  # noqa: SIM905 - a list of words
)
FILE = re.compile(r"[\w.-]+\.\w{1,5}|(?=[^/]*+/)[\w./-]*\.\w+")
"""What looks like the name of a file, or like its path."""
LONGEST = max(map(len, WORDS))
LEET = str.maketrans({"@": "a", "0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "$": "s",
                      "7": "t", "!": "i"})  # fmt: skip
SIMPLE = re.compile(r"\d{1,10}|(.)\1*|(?:abc\w{0,6}|qwert[yz]\w{0,4}|asdf\w{0,6}|1q2w3e\w{0,6})\d*")


def judge(
    value: str, place: FileRole, sure: Sureness, *, references: bool = True
) -> Severity | None:
    """Return how grave it is that a thing holds `value`; None where it is no secret.

    `sure` is what its name says. `references` says whether `$X` and its kin point elsewhere.
    """
    value = value.strip()
    if not value or UNKNOWN in value or sure is Sureness.NO or len(value) > MAX_VALUE:
        return None
    if (
        value.lower() in SWITCHES
        or is_hash(value)
        or TEMPLATE.fullmatch(value)
        or BLANK.fullmatch(value)
        or PATTERN.fullmatch(value)
    ):
        return None
    if references and REFERENCE.fullmatch(value):
        return None
    if VARIABLE.fullmatch(value):
        return None
    if is_weak(value):
        return Severity.WEAK if place is FileRole.RUNS and sure is Sureness.SURE else None
    if sure is Sureness.MAYBE and (
        is_uuid(value) or not (looks_random(value) or is_scrambled(value))
    ):
        return None
    if place is not FileRole.RUNS and not looks_live(value):
        return None
    return Severity.DEFAULT


def points_elsewhere(value: str) -> bool:
    """Return whether `value` is filled in before it is used, or stands elsewhere."""
    return bool(TEMPLATE.fullmatch(value) or REFERENCE.fullmatch(value))


def is_hash(value: str) -> bool:
    """Return whether `value` is what a password was turned into."""
    return bool(HASH.fullmatch(value))


def is_uuid(value: str) -> bool:
    """Return whether `value` is a UUID: a secret only where it is used as one."""
    return bool(UUID.fullmatch(value))


def is_label(value: str) -> bool:
    """Return whether `value` describes a field, or says something to people.

    No value of a field.
    """
    value = value.strip()
    lower = value.lower()
    if re.match(r"[.#][A-Za-z][\w-]*$", value):
        return True  # a selector
    if is_scrambled(value) or looks_random(value) or APP_PASSWORD.fullmatch(value):
        return False
    if lower in LABELS or DESCRIBES.fullmatch(value):
        return True
    if len(value.split()) > 1:
        return not re.search(r"\d", value) or value[-1:] in ".!?:…" or len(value.split()) > 3
    if re.fullmatch(r"[^\W\d_]+(?:[-_][^\W\d_]+)*[.!?:…]?", value):
        return True  # words of some language
    return bool(CODE_WORD.fullmatch(value))


def is_weak(value: str) -> bool:
    """Return whether `value` is a placeholder or a literal that everybody would try first."""
    return is_placeholder(value) or is_common(value)


def tells_weak(value: str) -> bool:
    """Return whether a command in a document may be meant as it stands: `mysql -uroot -proot123`.

    A placeholder is not, nor a single word such as `root`, nor what says what belongs there.
    """
    value = value.strip().strip("`")
    lower = value.lower()
    return (
        len(value) > 2
        and not points_elsewhere(value)
        and is_common(value)
        and not is_placeholder(value)
        and lower not in WORDS | LABELS | SWITCHES
        and not (NAMED_ALONE.fullmatch(lower) or BLANK.fullmatch(value))
    )


NAMED_ALONE = re.compile(
    r"(?:(?:my|your|the|db|database|mysql|user|new|old|strong|secure|secret|some)[-_ ]?)*"
    r"(?:pass|passwd|password|pwd|pw|passwort|secret|key|token|user|username|database|host|value)s?"
)
"""A word for what belongs there, which documents put in its place."""


def is_placeholder(value: str) -> bool:
    """Return whether `value` asks to be replaced."""
    value = value.strip()
    if value.endswith(("...", "…")):
        return True  # its end is left out
    if len(value) >= 24 and looks_random(value) and not CLEAR.search(value):
        return _is_mask(value)  # what it says, it says by chance
    return bool(len(value) <= 200 and TO_BE_FILLED.search(value)) or _is_mask(value)


def _is_mask(value: str) -> bool:
    return len(value) > 3 and len(set(value.lower())) <= 2


@lru_cache(maxsize=4096)
def is_common(value: str) -> bool:
    """Return whether `value` is made of the words and numbers that everybody would try first."""
    lower = value.lower()
    if len(lower) > 64 or SIMPLE.fullmatch(lower):
        return len(lower) <= 64
    plain = re.sub(r"[\W\d_]+", " ", lower)
    leet = re.sub(
        r"[\W\d_]+",
        " ",
        re.sub(r"(?<![\d!@#$%^&*._-])[\d!@#$%^&*._-]++$", "", lower).translate(LEET),
    )
    digits = sum(character.isdigit() for character in lower)
    return (digits <= 6 and _is_of_words(plain)) or _is_of_words(leet)


def _is_of_words(text: str) -> bool:
    parts = text.split()
    return bool(parts) and all(_splits(part) for part in parts)


def _splits(text: str) -> bool:
    """Return whether `text` is one of the words after the other."""
    ends = {0}
    for start in range(len(text)):
        if start in ends:
            last = min(len(text), start + LONGEST)
            ends.update(end for end in range(start + 1, last + 1) if text[start:end] in WORDS)
    return len(text) in ends


def entropy(value: str) -> float:
    """Shannon's entropy of the characters, in bits."""
    counts = Counter(value)
    return -sum(count / len(value) * math.log2(count / len(value)) for count in counts.values())


def looks_live(value: str) -> bool:
    """Return whether `value` can be what somebody really uses: no words, some variety."""
    if len(value) < 8 or " " in value:
        return False
    kinds = sum(
        bool(re.search(pattern, value)) for pattern in ("[a-z]", "[A-Z]", r"\d", r"[^\w\s]")
    )
    mixed = re.search(r"\d", value) or kinds >= 3 or is_scrambled(value)
    return kinds >= 2 and entropy(value) >= 2.5 and bool(mixed)


def is_scrambled(value: str) -> bool:
    """Return whether letters of both cases are mixed as no word has them: base64, a generator's."""
    runs = re.findall(r"[a-z]+", value)
    return (
        16 <= len(value) <= 512
        and len(runs) >= 4
        and sum(map(len, runs)) < 2.2 * len(runs)
        and not re.search(r"[\s<>(){}\[\]]", value)
    )


def looks_random(value: str) -> bool:
    """Return whether `value` was drawn by a machine: long, mixed, no words, no path, no name."""
    if not 16 <= len(value) <= 512 or re.search(r"[\s<>(){}\[\]]", value):
        return False
    digits = sum(character.isdigit() for character in value)
    letters = sum(character.isalpha() for character in value)
    if digits < 2 or letters < 4 or FILE.fullmatch(value):
        return False
    pieces = [piece for piece in re.split(r"[-_./:]", value) if piece]
    worded = sum(len(piece) for piece in pieces if piece.isalpha() and piece.lower() == piece)
    return entropy(value) >= 3.0 and worded * 2 < len(value)
