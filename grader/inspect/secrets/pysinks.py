"""What statements of Python give secrets to: names, entries, parameters, comparisons."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from grader.inspect.secrets import pycalls, pyfallbacks
from grader.inspect.secrets.names import (
    EXTENSIONS,
    Sureness,
    is_connection,
    is_identity,
    names_itself,
    rule_for,
    sureness,
)
from grader.inspect.secrets.pycalls import Assigned
from grader.inspect.secrets.pywrappers import Wrapper
from grader.inspect.secrets.sinks import Sink, container
from grader.inspect.secrets.values import is_common

ACCOUNTS = re.compile(r"(?i)(?:^|_)(?:users|accounts|credentials|logins|passwords|admins)$")
TYPES = frozenset({"string", "str", "text", "required", "hidden", "token", "key", "bearer"})
"""What a variable is compared with that says what kind of thing something is."""
REFUSALS = frozenset({"abort", "flash", "fail", "append", "add", "exit"})


@dataclass(kw_only=True)
class ModuleBindings:
    """What of a module says what its expressions are used for."""

    constants: dict[str, str] = field(default_factory=dict)
    """Names, and entries as `name[key]`, to the one text that each is bound to."""
    owners: dict[int, str] = field(default_factory=dict)
    """Dicts and calls, by identity, to the name of what they are given to."""
    wrappers: dict[str, Wrapper] = field(default_factory=dict)
    """Functions that read the environment, by their names."""
    read: dict[str, str] = field(default_factory=dict)
    """Names to the variable of the environment that each is bound to."""
    refused: set[int] = field(default_factory=set)
    """Comparisons, by identity, after which something is refused."""


BINDING = frozenset({ast.Assign, ast.AnnAssign, ast.NamedExpr, ast.AugAssign})
"""Statements and expressions that bind a name."""


def given(node: ast.AST, around: ModuleBindings) -> Iterable[Assigned]:
    """Return what one node gives to whom."""
    if isinstance(node, ast.Call):
        owned = around.owners.get(id(node), "")
        return pycalls.given(node, around.constants, around.wrappers, owned)
    return _bound(node) if node.__class__ in BINDING else _stated(node, around)


def _stated(node: ast.AST, around: ModuleBindings) -> Iterator[Assigned]:
    """Return what a dict, a function or a comparison gives to whom."""
    match node:
        case ast.Dict():
            yield from _entries(node, around.owners.get(id(node), ""))
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            yield from _defaults(node.args)
            yield from _returned(node)
        case ast.If() | ast.Try() if around.read:
            for name, value in pyfallbacks.filled(node, around.read):
                yield Assigned("env.fallback", name, value, Sink.CERTAIN)
        case ast.Lambda():
            yield from _defaults(node.args)
        case ast.Compare(left=left, ops=[ast.Eq() | ast.NotEq()], comparators=[right]):
            if id(node) not in around.refused:
                yield from _compared(left, right)
                yield from _compared(right, left)


def _bound(node: ast.AST) -> Iterator[Assigned]:
    for target, value in _pairs(node):
        name = name_of(target)
        if sureness(name) is not Sureness.NO:
            rule = rule_for(name, "code.literal")
            known = rule != "code.literal" or name in EXTENSIONS
            sink = Sink.CERTAIN if known else Sink.NAMED
            match target:
                case ast.Subscript(value=inner):
                    sink = container(name_of(inner))
                case ast.Name() if rule == "flask.secret-key" and not name.isupper():
                    sink = Sink.NAMED
            if isinstance(value, ast.BoolOp | ast.IfExp) and reads_environment(value):
                sink = Sink.CERTAIN
            yield Assigned(rule, name, value, sink)
        if name == "auth" and isinstance(value, ast.Tuple) and len(value.elts) == 2:
            yield Assigned("code.literal", "auth password", value.elts[1], Sink.CERTAIN)
        if isinstance(value, ast.Dict) and ACCOUNTS.search(name):
            certain = name.lower().endswith(("passwords", "credentials"))
            sink = Sink.NAMED if certain else Sink.LOOSE
            for key, one in zip(value.keys, value.values, strict=True):
                same = _text(key) is not None and _text(key) == _text(one)
                yield Assigned("code.seeded", f"{name}[…]", one, Sink.CERTAIN if same else sink)


def _text(node: ast.AST | None) -> object:
    return node.value if isinstance(node, ast.Constant) else None


SINGLE = frozenset({ast.Name, ast.Attribute, ast.Subscript})
"""Targets that stand for one value."""


def bindings(node: ast.AST) -> list[tuple[str, ast.expr]]:
    """Return the names that a statement binds, each to its expression."""
    return [(name, value) for target, value in _pairs(node) if (name := name_of(target))]


def _pairs(node: ast.AST) -> list[tuple[ast.expr, ast.expr]]:
    if node.__class__ is ast.Assign:
        targets = node.targets
        if len(targets) == 1 and targets[0].__class__ in SINGLE:
            return [(targets[0], node.value)]
    match node:
        case ast.Assign(targets=targets, value=value):
            return [pair for target in targets for pair in _unpacked(target, value)]
        case (
            ast.AnnAssign(target=target, value=ast.expr() as value)
            | ast.NamedExpr(target=target, value=value)
            | ast.AugAssign(target=target, value=value)
        ):
            return [(target, value)]
    return []


def _unpacked(target: ast.expr, value: ast.expr) -> list[tuple[ast.expr, ast.expr]]:
    if isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List):
        return list(zip(target.elts, value.elts, strict=False))
    return [(target, value)]


def name_of(node: ast.AST) -> str:
    """Return the last name of `app.config["SECRET_KEY"]`, `self.password`, `form.get("pw")`."""
    if isinstance(node, ast.Name):  # first, for there are most of them
        return node.id
    match node:
        case ast.Attribute(attr=name):
            return name
        case ast.Subscript(slice=ast.Constant(value=str() as name)):
            return name
        case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=str() as name), *_]):
            return name
    return ""


def _entries(node: ast.Dict, owner: str) -> Iterator[Assigned]:
    """Entries of a dict: of one that lets somebody in every password, of labels none."""
    names = [key.value if isinstance(key, ast.Constant) else None for key in node.keys]
    texts = [value.value if isinstance(value, ast.Constant) else None for value in node.values]
    known = [name for name in names if isinstance(name, str)]
    connection = any(map(is_connection, known))
    sink = container(owner) if owner else Sink.LOOSE
    if sink is not Sink.MESSAGE and (
        _lets_in(names, texts) or (connection and not _shows(names, texts))
    ):
        sink = Sink.CERTAIN
    for name, value, text in zip(names, node.values, texts, strict=True):
        if not isinstance(name, str) or name.startswith(".") or "/" in name:
            continue
        if isinstance(text, str) and names_itself(name, text) and sink is not Sink.CERTAIN:
            continue
        rule = rule_for(name, "database.password" if connection else "code.literal")
        shout = name.isupper() and sink is Sink.LOOSE
        yield Assigned(rule, name, value, Sink.NAMED if shout else sink)


def _lets_in(names: Sequence[object], texts: Sequence[object]) -> bool:
    """Return whether alongside a password stands who logs in with it, such as `admin`."""
    return any(
        isinstance(name, str) and is_identity(name) and isinstance(text, str) and is_common(text)
        for name, text in zip(names, texts, strict=True)
    )


def _shows(names: Sequence[object], texts: Sequence[object]) -> bool:
    """Return whether every text is no more than the name alongside it, as in a table's headings."""
    pairs = [
        (name, text)
        for name, text in zip(names, texts, strict=True)
        if isinstance(name, str) and isinstance(text, str)
    ]
    return bool(pairs) and all(names_itself(name, text) for name, text in pairs)


def _returned(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[Assigned]:
    """Yield what `def get_password()` gives back."""
    name = re.sub("^(?:get|read|load)_", "", node.name)
    if sureness(name) is Sureness.SURE:
        sink = Sink.CERTAIN if rule_for(name, "") == "flask.secret-key" else Sink.NAMED
        for inner in node.body:
            if isinstance(inner, ast.Return) and not _is_number(inner.value):
                assert inner.value is not None
                yield Assigned("code.literal", f"the value of {node.name}()", inner.value, sink)


def _is_number(node: ast.expr | None) -> bool:
    return node is None or (isinstance(node, ast.Constant) and not isinstance(node.value, str))


def _compared(one: ast.expr, other: ast.expr) -> Iterator[Assigned]:
    name = name_of(one)
    if rule_for(name, "") == "flask.secret-key" or reads_environment(one):
        return  # whether a setting is still what it was given for a start
    if sureness(name) is Sureness.NO or not isinstance(other, ast.Constant | ast.JoinedStr):
        return
    if not isinstance(other, ast.Constant) or (
        isinstance(other.value, str | bytes) and str(other.value).lower() not in TYPES
    ):
        yield Assigned("code.compared", name, other)


def refusing(node: ast.If) -> Iterator[ast.Compare]:
    """Comparisons with `==` after which the body refuses: nobody may choose the value."""
    tests = node.test.values if isinstance(node.test, ast.BoolOp) else [node.test]
    equal = [
        one for one in tests if isinstance(one, ast.Compare) and isinstance(one.ops[0], ast.Eq)
    ]
    if equal and node.body and _refuses(node.body[0]):
        yield from equal


def _refuses(statement: ast.stmt) -> bool:
    match statement:
        case ast.Raise():
            return True
        case ast.Return(value=None | ast.Constant(value=False | None)):
            return True
        case ast.Return(value=ast.Tuple(elts=[*_, ast.Constant(value=int() as code)])):
            return code >= 400
        case ast.Expr(value=ast.Call() as call):
            return pycalls.called(call)[0] in REFUSALS
        case ast.Assign(targets=[target, *_]):
            inner = target.value if isinstance(target, ast.Subscript) else target
            return container(name_of(inner)) is Sink.MESSAGE
    return False


def _defaults(arguments: ast.arguments) -> Iterator[Assigned]:
    """Yield the defaults of a function's parameters."""
    plain = [*arguments.posonlyargs, *arguments.args]
    last = plain[len(plain) - len(arguments.defaults) :]
    pairs: list[tuple[ast.arg, ast.expr | None]] = [
        *zip(last, arguments.defaults, strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    connects = any(is_connection(parameter.arg) for parameter, _ in pairs)
    for parameter, value in pairs:
        if value is not None:
            sink = Sink.CERTAIN if connects else Sink.NAMED
            yield Assigned(rule_for(parameter.arg, "code.literal"), parameter.arg, value, sink)


def reads_environment(node: ast.AST) -> bool:
    """Return whether a variable of the environment is asked for somewhere in `node`."""
    return any(
        isinstance(inner, ast.Name | ast.Attribute) and name_of(inner) in {"environ", "getenv"}
        for inner in ast.walk(node)
    )
