"""Functions of a module that read the environment: what stands in where a variable is missing."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.inspect.secrets.sinks import describes

MAX_STATEMENTS = 20
READERS = frozenset({"get", "getenv"})
FALLBACKS = frozenset({"default", "fallback", "default_value", "else_"})
"""What a parameter is called that stands in for a variable."""
TELLERS = frozenset({"exit", "_exit", "critical", "exception", "warn", "write", "append", "add"})
"""Functions that tell somebody what is wrong; `describes` knows more."""


@dataclass(frozen=True, kw_only=True)
class Wrapper:
    """How a function that reads the environment goes on without the variable."""

    default: ast.expr
    """What stands in where its caller says nothing; a constant that is no text for nothing."""
    position: int | None
    """Where among its arguments a caller says what stands in; None where no argument does."""
    keyword: str = ""
    """The same argument's name."""

    def fallback(self, call: ast.Call) -> ast.expr:
        """Return what stands in for the variable that `call` asks for."""
        if self.position is None:
            return self.default
        for one in call.keywords:
            if one.arg == self.keyword:
                return one.value
        return call.args[self.position] if self.position < len(call.args) else self.default


def wrapper(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Wrapper | None:
    """Return how a function stands in for a variable; None where it reads no environment.

    The first parameter is the variable's name. One that only messages show, as in
    `sys.exit(f"{name} {message}")`, stands in for nothing.
    """
    arguments = node.args
    if not arguments.args or len(node.body) > MAX_STATEMENTS:
        return None
    inner = [one for statement in node.body for one in ast.walk(statement)]
    if not any(_names_environment(one) for one in inner):
        return None
    kept = _kept(node.body) - set(_names_of_variables(inner))
    plain = [one.arg for one in (*arguments.posonlyargs, *arguments.args)]
    plain = plain[1:] if plain[0] in {"self", "cls"} else plain
    places = [(name, at) for at, name in enumerate(plain) if at and name in kept]
    places += [(one.arg, len(plain)) for one in arguments.kwonlyargs if one.arg in kept]
    none = ast.copy_location(ast.Constant(None), node)
    if not places:
        return Wrapper(default=next(_inner_texts(inner, set(plain)), none), position=None)
    named = [one for one in places if one[0] in FALLBACKS]
    name, position = (named or places)[-1]
    default = _defaults(arguments).get(name)
    text = isinstance(default, ast.Constant) and isinstance(default.value, str) and default.value
    return Wrapper(default=default if default and text else none, position=position, keyword=name)


def _names_environment(node: ast.AST) -> bool:
    name = node.id if isinstance(node, ast.Name) else ""
    name = node.attr if isinstance(node, ast.Attribute) else name
    return name in {"environ", "getenv"}


def _defaults(arguments: ast.arguments) -> dict[str, ast.expr]:
    plain = [one.arg for one in (*arguments.posonlyargs, *arguments.args)]
    found = dict(
        zip(plain[len(plain) - len(arguments.defaults) :], arguments.defaults, strict=True)
    )
    pairs = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    return found | {one.arg: value for one, value in pairs if value is not None}


def _names_of_variables(nodes: Sequence[ast.AST]) -> Iterator[str]:
    """Yield the names by which a variable is asked for, and those of functions: `cast(value)`."""
    for node in nodes:
        match node:
            case ast.Subscript(slice=asked):
                yield from _loaded(asked)
            case ast.Call(func=ast.Name(id=name), args=arguments):
                yield name
                if name in READERS and arguments:
                    yield from _loaded(arguments[0])
            case ast.Call(func=ast.Attribute(attr=name), args=[first, *_]) if name in READERS:
                yield from _loaded(first)


def _kept(statements: Sequence[ast.stmt]) -> set[str]:
    """Return the names whose values a function gives back, or keeps; not those that it shows."""
    kept, bound = set[str](), dict[str, set[str]]()
    for node in [one for statement in statements for one in ast.walk(statement)]:
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.NamedExpr(target=ast.Name(id=name), value=value)
            ):
                bound.setdefault(name, set()).update(_loaded(value))
            case (
                ast.Assign(value=value)
                | ast.AugAssign(value=value)
                | ast.Expr(value=value)
                | ast.Return(value=ast.expr() as value)
                | ast.Yield(value=ast.expr() as value)
            ):
                kept.update(_loaded(value))
    left = list(kept)
    while left:
        found = bound.pop(left.pop(), set()) - kept
        kept |= found
        left += found
    return kept


def _loaded(node: ast.AST) -> Iterator[str]:
    """Yield the names that an expression reads, but for those that it tells somebody."""
    left = [node]
    while left:
        one = left.pop()
        if isinstance(one, ast.Name):
            yield one.id
        elif not (isinstance(one, ast.Call) and _tells(one)):
            left += ast.iter_child_nodes(one)


def _tells(node: ast.Call) -> bool:
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in TELLERS or name == "SystemExit" or describes(name)
    return False


def _inner_texts(nodes: Sequence[ast.AST], names: set[str]) -> Iterator[ast.expr]:
    """Yield the text that stands in for the variable whose name a function is given."""
    for node in nodes:
        match node:
            case ast.Call(
                func=ast.Name(id=function) | ast.Attribute(attr=function),
                args=[ast.Name(id=name), ast.Constant(value=str()) as fallback],
            ) if name in names and function in READERS:
                yield fallback
