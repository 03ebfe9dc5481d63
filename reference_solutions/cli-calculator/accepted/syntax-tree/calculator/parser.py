"""Tokens to a tree, by operator precedence with a stack of its own (no recursion)."""
from dataclasses import dataclass
from fractions import Fraction

from .errors import CalcSyntaxError
from .lexer import Kind, Token, tokenize
from .nodes import Binary, Number, Sign

PRECEDENCE = {"+": 1, "-": 1, "*": 2, "/": 2, "%": 2, "^": 4}
SIGN_PRECEDENCE = 3


@dataclass(frozen=True)
class Pending:
    """An operator, a sign or an open parenthesis that waits for its right side."""

    token: Token
    precedence: int
    is_sign: bool = False


def parse(text):
    return Parser().parse(tokenize(text))


class Parser:
    def __init__(self):
        self.operands = []
        self.pending = []

    def parse(self, tokens):
        expect_operand = True
        for token in tokens:
            if expect_operand:
                expect_operand = self.take_operand(token)
            else:
                expect_operand = self.take_operator(token)
        return self.operands.pop()

    def take_operand(self, token):
        """Handle a token where an operand begins; says whether one is still expected."""
        if token.kind is Kind.NUMBER:
            self.operands.append(Number(number_value(token.text)))
            return False
        if token.kind is Kind.OPEN:
            self.pending.append(Pending(token, 0))
            return True
        if token.kind is Kind.OPERATOR and token.text in "+-":
            self.pending.append(Pending(token, SIGN_PRECEDENCE, is_sign=True))
            return True
        raise unexpected(token)

    def take_operator(self, token):
        """Handle a token after an operand; says whether an operand is expected next."""
        if token.kind is Kind.OPERATOR:
            precedence = PRECEDENCE[token.text]
            # ^ binds to the right: an equal one before it has to wait
            self.reduce(precedence + 1 if token.text == "^" else precedence)
            self.pending.append(Pending(token, precedence))
            return True
        if token.kind is Kind.CLOSE:
            self.reduce(1)
            if not self.pending:
                raise unexpected(token)
            self.pending.pop()
            return False
        if token.kind is Kind.END:
            self.reduce(1)
            if self.pending:
                raise CalcSyntaxError(token.column, "the expression ends where ')' is missing")
            return False
        raise unexpected(token)

    def reduce(self, precedence):
        """Build the nodes of all waiting operators that bind at least so strongly."""
        while self.pending and self.pending[-1].precedence >= precedence:
            top = self.pending.pop()
            right = self.operands.pop()
            if top.is_sign:
                node = Sign(top.token.text, right, top.token.column)
            else:
                left = self.operands.pop()
                node = Binary(top.token.text, left, right, top.token.column)
            self.operands.append(node)


def number_value(text):
    whole, _, decimals = text.partition(".")
    return Fraction(int(whole + decimals), 10 ** len(decimals))


def unexpected(token):
    if token.kind is Kind.END:
        message = "the expression ends where a number is expected"
    elif token.kind is Kind.BAD_NUMBER:
        message = f"malformed number {token.text!r}"
    elif token.kind is Kind.NAME:
        message = f"unknown name {token.text!r}"
    else:
        message = f"unexpected {token.text!r}"
    return CalcSyntaxError(token.column, message)
