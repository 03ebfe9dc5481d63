"""Secrets in Python, read from its syntax tree. Nothing is imported or executed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from grader.inspect.secrets import phrases
from grader.inspect.secrets.file_roles import FileRole
from grader.inspect.secrets.finding import Hit, Note, Severity, Skipped, Wanted
from grader.inspect.secrets.lines import assignments
from grader.inspect.secrets.literals import KNOWN, alternatives, written
from grader.inspect.secrets.names import Sureness, names_itself, sureness
from grader.inspect.secrets.pycalls import Assigned, called
from grader.inspect.secrets.pynodes import nodes_of
from grader.inspect.secrets.pyoutline import outline
from grader.inspect.secrets.pysinks import BINDING, given
from grader.inspect.secrets.pywanted import wanted
from grader.inspect.secrets.sinks import Sink, weigh
from grader.inspect.secrets.styles import PLAIN
from grader.inspect.secrets.tokens import known_forms
from grader.inspect.secrets.values import judge, looks_live
from grader.python_source import parse_python

MAX_CHARACTERS = 1024 * 1024
MAX_FORMATTED = 500_000_000
"""Characters times braces of a module with f-strings: Python reads each from its beginning."""
MAX_HITS = 2000
MAX_COMMENTS = 2000
GIVING = BINDING | {
    ast.Call, ast.Dict, ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.Compare, ast.If,
    ast.Try,
}  # fmt: skip
"""Nodes that give something to something."""
ASSEMBLING = frozenset({ast.Call, ast.BinOp, ast.JoinedStr})
"""Nodes that can come to a text."""
COMMENT = re.compile(r"(?m)#.*$")
FORMATTED = re.compile(r"(?i)(?<!\w)(?:f|fr|rf)[\"']")
TOO_LARGE = Skipped(
    path="", reason="it is too large to be read as Python; it was read line by line", unread=True
)
TOO_MANY = Skipped(
    path="", reason="only the first 600,000 parts of its syntax tree were read", unread=True
)
NAMED = re.compile(r"(?:[A-Z][A-Z0-9]*_)+(?:PASSWORD|PASS|PWD|KEY|TOKEN|SECRET)")
SIGNS = ("pass", "secret", "key", "token", "pwd", "://")


def read_python(text: str, place: FileRole, wants: list[Note] | None = None) -> list[Hit] | None:
    """Return the hits in a module; None where it is no Python of today.

    What stands in other files and is used as a secret here is appended to `wants`, and what is not
    looked at.
    """
    if _is_too_large(text):
        if wants is not None:
            wants.append(TOO_LARGE)
        return None
    if (tree := parse_python(text)) is None:
        return None
    module = _Module(tree, place, phrases.readers(text))
    hits = module.hits()
    if wants is not None and place is FileRole.RUNS:
        wants += module.wants
        if module.cut:
            wants.append(TOO_MANY)
    return [*hits, *_comments(text, {hit.value for hit in hits if hit.sure})]


def _is_too_large(text: str) -> bool:
    """Return whether reading `text` as Python takes longer than a scan has."""
    if len(text) > MAX_CHARACTERS:
        return True
    return len(text) * text.count("{") > MAX_FORMATTED and bool(FORMATTED.search(text))


def _comments(text: str, used: set[str]) -> Iterator[Hit]:
    """Yield what stands in comments: hints, where it looks like what somebody really uses.

    `used` are values that the module's code uses.
    """
    line, counted = 1, 0
    for found in islice(_telling(text), MAX_COMMENTS):
        line += text.count("\n", counted, found.start())
        counted = found.start()
        inner = found[0].lstrip("# ")
        told = [hit for _, hit in assignments(inner, FileRole.DOCS, PLAIN)]
        told += [hit for _, hit in phrases.urls(inner, FileRole.DOCS)]
        told += [
            hit
            for _, hit in phrases.urls(inner, FileRole.RUNS)
            if hit.value in used and hit.severity is not Severity.WEAK
        ]
        told += _commented_out(inner)
        yield from (replace(hit, line=line, sure=False) for hit in told)


def _telling(text: str) -> Iterator[re.Match[str]]:
    for found in COMMENT.finditer(text):
        lower = found[0].lower()
        if any(sign in lower for sign in SIGNS):
            yield found


def _commented_out(inner: str) -> list[Hit]:
    """Return the hits in a statement that is commented out, but for one that says what to put."""
    if "(" not in inner and "=" not in inner:
        return []
    if (tree := parse_python(inner)) is None:
        return []
    hits = _Module(tree, FileRole.RUNS, phrases.readers(inner)).hits()
    return [hit for hit in hits if hit.severity is not Severity.WEAK or re.search(r"\d", hit.value)]


class _Module:
    """One module's tree, and what is found in it."""

    def __init__(
        self, tree: ast.Module, place: FileRole, readers: Sequence[phrases.Reader]
    ) -> None:
        self.place = place
        self.readers = readers
        self.nodes, self.cut = nodes_of(tree)
        self.outline = outline(self.nodes)
        self.wants: list[Wanted] = []
        self.found: list[Hit] = []
        self.repeated: list[Hit] = []
        """Where a value is used that may have been found where it is written."""
        self.inner: set[int] = set()
        """Pieces of an assembled text, which is looked at whole."""

    @property
    def constants(self) -> dict[str, str]:
        """Names to the one text that each is bound to."""
        return self.outline.bindings.constants

    def hits(self) -> list[Hit]:
        """All that is found."""
        for node in self.nodes:
            kind = node.__class__
            if len(self.found) > MAX_HITS:
                break
            if kind is ast.Constant:
                if _is_phrase(node.value):  # type: ignore[attr-defined]
                    self._text(node)
                continue
            if kind in GIVING:
                for one in given(node, self.outline.bindings):
                    self._literal(one)
            if kind in ASSEMBLING and (not isinstance(node, ast.Call) or called(node)[0] in KNOWN):
                self._text(node)
        told = {hit.value for hit in self.found}
        used = {hit.value for hit in self.repeated if hit.sure and self.place is FileRole.RUNS}
        found = [replace(hit, sure=hit.sure or hit.value in used) for hit in self.found]
        return found + [hit for hit in self.repeated if hit.value not in told]

    def _literal(self, one: Assigned) -> None:
        """Judge what a thing is given, as far as it is written down."""
        rule, name, node, sink = one
        if id(node) in self.outline.labels or sink is Sink.MESSAGE or len(self.found) > MAX_HITS:
            return
        certain = rule == "code.seeded" or " " in name  # our own words for an argument
        sure = Sureness.SURE if certain else sureness(name)
        if sure is Sureness.NO:
            return
        rule = "env.fallback" if isinstance(node, ast.BoolOp | ast.IfExp) else rule
        kept = (
            self.repeated
            if isinstance(node, ast.Name | ast.Attribute | ast.Subscript)
            else self.found
        )
        texts = alternatives(node, self.constants)
        for text in texts:
            hit = self._judged(one._replace(rule=rule), text, sure)
            if hit:
                kept.append(hit)
        if not texts and sure is Sureness.SURE and sink is Sink.CERTAIN:
            self.wants += wanted(node, self.outline.imports, rule, name)

    def _judged(self, one: Assigned, text: str, sure: Sureness) -> Hit | None:
        rule, name, node, sink = one
        if rule == "code.literal" and sink is not Sink.CERTAIN and _is_prose(text, name):
            return None
        if text.isdigit() and len(text) < 3:
            return None  # a length
        if rule == "code.seeded" and not any(map(str.isalnum, text)):
            return None  # hashed for nobody, so that a log-in takes as long
        signs = rule == "flask.secret-key" and name == "secret_key" and sink is Sink.CERTAIN
        named = NAMED.fullmatch(text)
        if named and signs and self.place is FileRole.RUNS:
            severity: Severity | None = Severity.WEAK  # `app.secret_key = "SESSION_KEY"`
        elif named or (name.lower().endswith("_salt") and names_itself(name, text)):
            return None  # the name of a variable, or of what a token is for
        else:
            severity = judge(text, self.place, sure, references=False)
        if severity is None or (self.place is FileRole.TEST and not _counts(rule, text)):
            return None
        verdict = weigh(text, name, sink, severity)
        if not verdict.counts:
            return None
        certainly = verdict.sure and self.place is not FileRole.TEST
        if severity is Severity.WEAK and id(node) in self.outline.tests:
            certainly = False
        return Hit(rule=rule, severity=severity, line=_line(node, text), name=name, value=text,
                   sure=certainly)  # fmt: skip

    def _text(self, node: ast.AST) -> None:
        """URLs, SQL, commands and tokens in a text, assembled or whole."""
        text = self._read(node)
        if text is None or len(text) < 6 or id(node) in self.inner:
            return
        whole = isinstance(node, ast.Constant)
        if not whole:
            self.inner.update(id(inner) for inner in ast.walk(node))
        place = (
            FileRole.DOCS
            if id(node) in self.outline.prose and self.place is FileRole.RUNS
            else self.place
        )
        line = getattr(node, "lineno", 1)
        kept = self.found if whole else self.repeated
        readers = self.readers if whole else phrases.ALL  # a sign may be put together too
        for read in readers if " " in text or "://" in text else ():
            for at, hit in read(text, place):
                kept.append(replace(hit, line=line + (text.count("\n", 0, at) if whole else 0)))
        if not whole:
            self.found += known_forms(text, line)

    def _read(self, node: ast.AST) -> str | None:
        match node:
            case ast.Constant(value=str() as text):
                return text
            case ast.Constant(value=bytes() as raw):
                return raw.decode("latin-1")
            case ast.JoinedStr() | ast.BinOp() | ast.Call():
                return written(node, self.constants)
        return None


def _line(node: ast.expr, text: str) -> int:
    """Return the line of an expression on which `text` stands as it is, or its first."""
    if node.end_lineno == node.lineno:
        return node.lineno
    spots = (
        one.lineno for one in ast.walk(node) if isinstance(one, ast.Constant) and one.value == text
    )
    return next(spots, node.lineno)


def _is_phrase(value: object) -> bool:
    """Whether a constant is long enough for a phrase, and has what each of them has."""
    if value.__class__ is str:
        return len(value) >= 6 and (" " in value or "://" in value)
    if value.__class__ is bytes:
        return len(value) >= 6 and (b" " in value or b"://" in value)
    return False


def _counts(rule: str, text: str) -> bool:
    """Return whether a literal in a test is more than what the test is made of."""
    return looks_live(text) and rule.startswith(("flask", "database", "env"))


def _is_prose(text: str, name: str) -> bool:
    """Return whether a text is meant for people: several words that end like a sentence."""
    words = text.split()
    return len(words) >= 3 and (text.rstrip()[-1] in ".!:?…" or sureness(name) is not Sureness.SURE)
