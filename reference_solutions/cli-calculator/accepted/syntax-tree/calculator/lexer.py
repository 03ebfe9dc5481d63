"""Text to tokens.

The lexer never fails: what is not known becomes a token of kind BAD_NUMBER, NAME or UNKNOWN. The
parser reports the first token that cannot stand where it stands, whatever its kind.
"""
import re
from dataclasses import dataclass
from enum import Enum, auto

BLANKS = " \t"


class Kind(Enum):
    NUMBER = auto()
    BAD_NUMBER = auto()
    NAME = auto()
    OPERATOR = auto()
    OPEN = auto()
    CLOSE = auto()
    UNKNOWN = auto()
    END = auto()


@dataclass(frozen=True)
class Token:
    kind: Kind
    text: str
    column: int


# Everything that looks like an attempt at a number is taken as one thing: 1.2.3, 1e5, 1_000, 1,5
NUMBER_LIKE = re.compile(r"[0-9.](?:[\w.]|,(?=[0-9]))*")
NUMBER = re.compile(r"[0-9]+\.?[0-9]*|\.[0-9]+")
WORD = re.compile(r"[^\W\d]\w*")


def tokenize(text):
    tokens = []
    position = 0
    while position < len(text):
        char = text[position]
        if char in BLANKS:
            position += 1
            continue
        if match := NUMBER_LIKE.match(text, position):
            word = match.group()
            kind = Kind.NUMBER if NUMBER.fullmatch(word) else Kind.BAD_NUMBER
        elif match := WORD.match(text, position):
            word, kind = match.group(), Kind.NAME
        elif char in "+-*/%^":
            word, kind = char, Kind.OPERATOR
        elif char == "(":
            word, kind = char, Kind.OPEN
        elif char == ")":
            word, kind = char, Kind.CLOSE
        else:
            word, kind = char, Kind.UNKNOWN
        tokens.append(Token(kind, word, position + 1))
        position += len(word)
    tokens.append(Token(Kind.END, "", len(text.rstrip(BLANKS)) + 1))
    return tokens
