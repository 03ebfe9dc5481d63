"""What an expression of Python comes to, as far as it is written down. Nothing is executed."""

from __future__ import annotations

import ast
import base64
import binascii
import codecs
from collections.abc import Mapping

from grader.inspect.secrets.names import Sureness, sureness
from grader.inspect.secrets.series import series
from grader.inspect.secrets.values import MAX_VALUE, UNKNOWN

MAX_DEPTH = 40
OF_TEXTS = frozenset({
    "encode", "decode", "strip", "rstrip", "lstrip", "lower", "upper", "title", "capitalize",
    "casefold", "hexdigest", "digest", "removeprefix", "removesuffix", "get_secret_value", "hex",
    "ljust", "rjust",
})  # fmt: skip
"""Methods that give the text back that they belong to, or near enough; never their arguments."""
NEUTRAL = frozenset({
    "str", "quote_plus", "quote", "bytes", "bytearray", "escape", "dedent", "SecretStr", "Secret",
    "to_bytes", "force_bytes", "ensure_bytes", "cast", "unquote", "b", "sha256", "sha512", "sha1",
    "md5", "sha384", "UUID", "blake2b", "blake2s", "sha3_256", "urlsafe_b64encode", "b64encode",
})  # fmt: skip
"""Functions that give their first argument back, or what anybody can compute from it."""
DECODERS = frozenset({
    "b64decode", "urlsafe_b64decode", "standard_b64decode", "fromhex", "unhexlify", "b32decode",
    "a85decode", "b85decode",
})  # fmt: skip


SETTINGS = frozenset({"os", "environ", "env", "config", "cfg", "conf", "settings"})
"""What is asked for a setting, with what stands in for it."""
PLAIN = frozenset({
    ast.Constant, ast.Name, ast.Attribute, ast.JoinedStr, ast.BinOp, ast.Subscript,
})  # fmt: skip
"""Expressions that come to one value."""
KNOWN = OF_TEXTS | NEUTRAL | DECODERS | {"format", "join", "bytes", "bytearray", "chr", "replace"}
"""Functions of which it is known what they give."""


def written(node: ast.AST | None, constants: Mapping[str, str], depth: int = 0) -> str | None:
    """Return the text that `node` comes to.

    `UNKNOWN` stands for each piece that only a run can tell.

    None where nothing of it is written down.
    """
    if node is None or depth > MAX_DEPTH:
        return None
    text = _written(node, constants, depth + 1)
    return text[:MAX_VALUE] if text is not None else None


def _written(node: ast.AST, constants: Mapping[str, str], depth: int) -> str | None:
    if isinstance(node, ast.Call):  # first, for there are most of them
        return _call(node, constants, depth)
    if isinstance(node, ast.Constant):
        return _constant(node.value)
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return constants.get(name)
        case ast.JoinedStr(values=parts):
            return "".join(_piece(part, constants, depth) for part in parts)
        case ast.FormattedValue(value=inner):
            return written(inner, constants, depth)
        case ast.BinOp():
            return _operation(node, constants, depth)
        case ast.Subscript(value=inner, slice=ast.Slice(lower=lower, upper=upper, step=step)):
            text = written(inner, constants, depth)
            if text is None or isinstance(step, ast.UnaryOp):
                return text[::-1] if text is not None else None
            ends = [one.value if isinstance(one, ast.Constant) else None for one in (lower, upper)]
            first, last = (one if isinstance(one, int) else None for one in ends)
            return text[first:last]
        case ast.Subscript(value=(
            ast.Name(id=name) | ast.Attribute(attr=name)
            | ast.Subscript(slice=ast.Constant(value=str() as name))
        ), slice=ast.Constant(value=str() | int() as key)):  # fmt: skip
            return constants.get(f"{name}[{key}]")
    return None


def _constant(value: object) -> str | None:
    match value:
        case str():
            return value.replace(UNKNOWN, " ")
        case bytes():
            return value.decode("latin-1").replace(UNKNOWN, " ")
        case int() if not isinstance(value, bool):
            return str(value)
    return None


def _operation(node: ast.BinOp, constants: Mapping[str, str], depth: int) -> str | None:
    match node.op:
        case ast.Add():
            pieces = [written(part, constants, depth) for part in _summands(node)]
            joined = "".join(UNKNOWN if piece is None else piece for piece in pieces)
            return joined if any(pieces) else None
        case ast.Mod():
            return _percent(written(node.left, constants, depth), node.right, constants, depth)
        case ast.Mult():
            text = written(node.left, constants, depth)
            match node.right:
                case ast.Constant(value=int() as times) if text and len(text) < 1000:
                    return text * min(times, 100)
    return None


def _summands(node: ast.AST) -> list[ast.AST]:
    """Return the parts of `a + b + c + …`, however many, in their order."""
    parts: list[ast.AST] = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        parts.append(node.right)
        node = node.left
    return [node, *reversed(parts)]


def _piece(part: ast.AST, constants: Mapping[str, str], depth: int) -> str:
    text = written(part, constants, depth)
    return UNKNOWN if text is None else text


def _percent(
    text: str | None, values: ast.AST, constants: Mapping[str, str], depth: int
) -> str | None:
    if text is None or len(text) > 4096:
        return None
    pieces = values.elts if isinstance(values, ast.Tuple) else [values]
    for piece in pieces:
        text = text.replace("%s", _piece(piece, constants, depth).replace("%", "%%"), 1)
    return text.replace("%%", "%")


def _call(node: ast.Call, constants: Mapping[str, str], depth: int) -> str | None:
    name, owner = _called(node)
    if name not in KNOWN:
        return None if node.args or owner is not None else constants.get(f"{name}()")
    if name == "format" and owner is not None:
        return _format(written(owner, constants, depth), node, constants, depth)
    if name == "join" and owner is not None and node.args:
        return _joined(written(owner, constants, depth), node.args[0], constants, depth)
    if name in {"bytes", "bytearray", "chr"} and (text := _of_numbers(name, node, constants)):
        return text
    if name in DECODERS and node.args:
        return decoded(name, written(node.args[0], constants, depth))
    if name in {"encode", "decode"} and len(node.args) > 1 and _last_name(owner) == "codecs":
        return _codec(
            written(node.args[0], constants, depth), written(node.args[1], constants, depth)
        )
    if name == "replace" and owner is not None and len(node.args) == 2:
        pieces = [written(part, constants, depth) for part in (owner, *node.args)]
        text, old, new = pieces
        return text.replace(old, new)[:MAX_VALUE] if text and old and new is not None else None
    if name in OF_TEXTS and owner is not None:
        return written(owner, constants, depth)
    return written(node.args[0], constants, depth) if name in NEUTRAL and node.args else None


def _joined(
    glue: str | None, parts: ast.AST, constants: Mapping[str, str], depth: int
) -> str | None:
    if glue is None:
        return None
    if isinstance(parts, ast.List | ast.Tuple):
        return glue.join(_piece(part, constants, depth) for part in parts.elts[:1000])
    pieces = series(parts, constants)
    if pieces is None and isinstance(parts, ast.Name):
        pieces = _items(parts.id, constants)
    return glue.join(pieces) if pieces else None


def _items(name: str, constants: Mapping[str, str]) -> list[str]:
    """Return the texts of a list that a name is bound to, as far as they are written down."""
    items: list[str] = []
    while (item := constants.get(f"{name}[{len(items)}]")) is not None:
        items.append(item)
    return items


def _of_numbers(name: str, node: ast.Call, constants: Mapping[str, str]) -> str | None:
    """Return the text that `bytes([…])` and `chr(…)` come to."""
    first = node.args[0] if node.args else None
    if name != "chr":
        return "".join(series(first, constants) or ()) if first is not None else None
    code = first.value if isinstance(first, ast.Constant) else None
    return chr(code) if isinstance(code, int) and 0 < code < 0x110000 else None


def _called(node: ast.Call) -> tuple[str, ast.AST | None]:
    function = node.func
    if isinstance(function, ast.Attribute):
        return function.attr, function.value
    return (function.id, None) if isinstance(function, ast.Name) else ("", None)


def _format(
    text: str | None, node: ast.Call, constants: Mapping[str, str], depth: int
) -> str | None:
    if text is None or len(text) > 4096:
        return None
    for index, piece in enumerate(node.args):
        value = _piece(piece, constants, depth)
        text = text.replace(f"{{{index}}}", value).replace("{}", value, 1)
    for keyword in node.keywords:
        if keyword.arg:
            text = text.replace(f"{{{keyword.arg}}}", _piece(keyword.value, constants, depth))
    return text


def decoded(how: str, text: str | None) -> str | None:
    """Return what `base64.b64decode` and its kin make of `text`; None where they would fail."""
    if text is None:
        return None
    try:
        raw = {
            "fromhex": bytes.fromhex, "unhexlify": bytes.fromhex, "b32decode": base64.b32decode,
            "a85decode": base64.a85decode, "b85decode": base64.b85decode,
            "urlsafe_b64decode": base64.urlsafe_b64decode,
        }.get(how, base64.b64decode)(text)  # fmt: skip
    except (ValueError, binascii.Error):
        return None
    try:
        return raw.decode("utf-8").replace(UNKNOWN, " ")
    except UnicodeDecodeError:
        return text  # bytes that a machine drew: what is written stands for them


def _codec(text: str | None, codec: str | None) -> str | None:
    if text is None or codec is None:
        return None
    if codec.lower().replace("_", "").replace("-", "") in {"rot13", "rot"}:
        return codecs.decode(text, "rot13")
    if codec.lower().startswith(("hex", "base64")):
        return decoded("fromhex" if codec.lower().startswith("hex") else "b64decode", text)
    return text


def alternatives(node: ast.AST | None, constants: Mapping[str, str]) -> list[str]:
    """Every value that is written down for `node`: both sides of `or`, both of `if … else`."""
    if node.__class__ in PLAIN:  # first, for there are most of them
        text = written(node, constants)
        return [] if text is None else [text]
    match node:
        case ast.BoolOp(values=values):
            return [text for value in values for text in alternatives(value, constants)]
        case ast.IfExp(body=body, orelse=other):
            return [*alternatives(body, constants), *alternatives(other, constants)]
        case ast.Call(func=ast.Name(id="field"), keywords=keywords):
            given = {keyword.arg: keyword.value for keyword in keywords}
            factory = given.get("default_factory")
            inner = factory.body if isinstance(factory, ast.Lambda) else given.get("default")
            return alternatives(inner, constants)
        case ast.Call(func=ast.Name(id="Field"), args=args, keywords=keywords):
            default = next((one.value for one in keywords if one.arg == "default"), None)
            return alternatives(args[0] if args else default, constants)
        case ast.NamedExpr(value=value):
            return alternatives(value, constants)
        case ast.Call(args=[*_, last]) if _falls_back(node):
            return alternatives(last, constants)
    text = written(node, constants)
    return [] if text is None else [text]


def _falls_back(node: ast.Call) -> bool:
    """Return whether a call reads a setting, and what stands in is its last argument."""
    name, owner = _called(node)
    if sureness(str(_constant(getattr(node.args[0], "value", None)))) is Sureness.SURE:
        return False  # a fallback by its own name
    if name == "getattr":
        return len(node.args) == 3 and _last_name(node.args[0]).lower() in SETTINGS
    owned = _last_name(owner).lower() in SETTINGS
    return name in {"get", "getenv"} and len(node.args) == 2 and owned


def _last_name(node: ast.AST | None) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
