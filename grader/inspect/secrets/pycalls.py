"""What calls of Python give secrets to: by keyword, by position, as a fallback."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from grader.inspect.secrets.names import (
    FLASK,
    Sureness,
    is_connection,
    is_identity,
    snake,
    sureness,
)
from grader.inspect.secrets.pywrappers import FALLBACKS, Wrapper
from grader.inspect.secrets.sinks import Sink, container, describes
from grader.inspect.secrets.values import is_common


class Assigned(NamedTuple):
    """Something that is given an expression."""

    rule: str
    name: str
    value: ast.expr
    sink: Sink = Sink.NAMED


POSITIONS: Mapping[str, tuple[int, str, str]] = {
    "encode": (1, "jwt.encode key", "code.literal"),
    "decode": (1, "jwt.decode key", "code.literal"),
    "login": (1, "login password", "code.literal"),
    "HTTPBasicAuth": (1, "HTTPBasicAuth password", "code.literal"),
    "HTTPDigestAuth": (1, "HTTPDigestAuth password", "code.literal"),
    "Fernet": (0, "Fernet key", "code.literal"),
    "Serializer": (0, "Serializer key", "flask.secret-key"),
    "JSONWebSignatureSerializer": (0, "Serializer key", "flask.secret-key"),
    "TimedJSONWebSignatureSerializer": (0, "Serializer key", "flask.secret-key"),
    "URLSafeSerializer": (0, "Serializer key", "flask.secret-key"),
    "URLSafeTimedSerializer": (0, "Serializer key", "flask.secret-key"),
    "TimestampSigner": (0, "Signer key", "flask.secret-key"),
    "Signer": (0, "Signer key", "flask.secret-key"),
    "generate_password_hash": (0, "hashed password", "code.seeded"),
    "set_password": (0, "set_password", "code.seeded"),
    "hash_password": (0, "hashed password", "code.seeded"),
    "hashpw": (0, "hashed password", "code.seeded"),
    "new": (0, "key of a signature or cipher", "code.literal"),
    "digest": (0, "HMAC key", "code.literal"),
    "TwilioClient": (1, "auth token", "code.literal"),
}
"""Functions to the position of a secret, what to call it, and the rule."""
OWNERS: Mapping[str, frozenset[str]] = {
    "encode": frozenset({"jwt", "jose", "jws"}),
    "decode": frozenset({"jwt", "jose", "jws"}),
    "new": frozenset({"hmac", "AES", "DES", "DES3", "Blowfish", "ARC4", "ChaCha20"}),
    "digest": frozenset({"hmac"}),
    "login": frozenset({
        "server", "smtp", "s", "mail", "mailserver", "session", "smtp_server", "imap", "ftp",
        "conn", "smtpobj", "smtpserver",
    }),
}  # fmt: skip
"""Of which object some of these are methods; elsewhere the name means something else."""
CONNECTORS = frozenset({
    "pymysql", "MySQLdb", "mysql", "mdb", "mariadb", "mysqlclient", "db", "sql", "MySQL", "_mysql",
    "mysqldb", "connector", "connections", "aiomysql",
})  # fmt: skip
"""Modules whose `connect(host, user, password, database)` takes them by position."""
CONNECTIONS = frozenset({
    "connect", "Connect", "Connection", "create_pool", "create", "connection", "PooledDB",
    "MySQLConnectionPool", "PooledMySQLDatabase", "MySQLDatabase", "create_engine", "Redis",
    "StrictRedis", "connect_db", "ConnectionPool",
})  # fmt: skip
USERS = frozenset({
    "Config", "Settings", "SecretStr", "login", "create_superuser", "create_user", "Configuration",
})  # fmt: skip
"""What else takes a password, and uses it."""
READERS = frozenset({
    "get", "getenv", "setdefault", "config", "env", "environ", "str", "get_env", "getEnv",
    "env_var", "pop", "read_env", "secret", "get_secret", "read_secret",
})  # fmt: skip
"""Calls that take a variable's name and a fallback."""
TAKING = frozenset({"get", "pop", "setdefault"})
"""Methods of every mapping."""
COMPLAINT = re.compile(
    r"(?i)\b(?:missing|unset|undefined|required|must|please|not (?:set|found|given|defined))\b"
)
"""What a sentence has that says what to do where a variable is not there."""
ENVIRONMENTS = frozenset({"environ", "os", "env", "config", "settings", "environment"})
INPUTS = frozenset({
    "form", "args", "values", "json", "data", "session", "cookies", "headers", "request", "payload",
    "body", "files", "params", "query", "kwargs", "cache", "response", "req", "g", "content", "row",
})  # fmt: skip
"""What comes from users at run time: a fallback there is no secret."""
HEADERS = frozenset(
    {"add_header", "putheader", "set_header", "putrequest", "add_unredirected_header"}
)
SETTERS = frozenset({"setattr", "__setattr__", "putenv", "setenv", "__setitem__", "set_env"})


BY_POSITION = (
    POSITIONS.keys() | SETTERS | HEADERS | {"connect", "Connect", "Connection", "create", "Client"}
    | {"add_argument", "option", "Option"}
)  # fmt: skip
"""Functions with arguments that are secrets by where they stand."""


def called(node: ast.Call) -> tuple[str, str]:
    """Return the name of what is called, and of the object that it belongs to."""
    function = node.func
    if isinstance(function, ast.Attribute):
        owner = function.value
        if isinstance(owner, ast.Name):
            return function.attr, owner.id
        return function.attr, owner.attr if isinstance(owner, ast.Attribute) else ""
    return (function.id, "") if isinstance(function, ast.Name) else ("", "")


def given(
    node: ast.Call, constants: Mapping[str, str], wrappers: Mapping[str, Wrapper], owned: str = ""
) -> Iterator[Assigned]:
    """Yield what `node` gives to whom.

    `wrappers` are functions of the module that read the environment, by their names;
    `owned` is what the call's result is given to.
    """
    if not node.args and not node.keywords:
        return
    name, owner = called(node)
    keywords = node.keywords
    connects = bool(keywords) and any(map(_lets_in, keywords))
    for keyword in keywords:
        argument, value = keyword.arg or "", keyword.value
        if argument == "auth" and isinstance(value, ast.Tuple) and len(value.elts) == 2:
            yield Assigned("code.literal", "auth password", value.elts[1], Sink.CERTAIN)
        elif argument == "key" and name in OWNERS and owner in OWNERS[name]:
            yield Assigned("code.literal", f"{owner}.{name} key", value, Sink.CERTAIN)
        elif sureness(argument) is not Sureness.NO:
            sink = _sink(argument, name, owner, owned)
            sink = Sink.CERTAIN if connects and sink is Sink.LOOSE else sink
            yield Assigned(_rule(argument, name), argument, value, sink)
    yield from _fallback(node, name, owner, constants, wrappers)
    if name in BY_POSITION:
        yield from _by_position(node, name, owner)


def _lets_in(keyword: ast.keyword) -> bool:
    """Return whether it says where one logs in, or as whom: `host=…`, `username="admin"`."""
    name = keyword.arg or ""
    if is_connection(name):
        return True
    text = keyword.value.value if isinstance(keyword.value, ast.Constant) else None
    return isinstance(text, str) and is_identity(name) and is_common(text)


def _sink(argument: str, function: str, owner: str, owned: str) -> Sink:
    """Return what a keyword's value is used for by the function that is called."""
    if function in {"update", "setdefault", "from_mapping"}:
        return container(owner) if function != "from_mapping" else Sink.CERTAIN
    if function == "dict":
        return container(owned) if owned else Sink.LOOSE
    if describes(function):
        return Sink.MESSAGE
    if function in CONNECTIONS or function in USERS or snake(argument) in FLASK:
        return Sink.CERTAIN
    return Sink.LOOSE


def _rule(argument: str, function: str) -> str:
    if snake(argument) in FLASK:
        return "flask.secret-key"
    if function in CONNECTIONS:
        return "database.password"
    return "code.literal"


def _by_position(node: ast.Call, name: str, owner: str) -> Iterator[Assigned]:
    args = node.args
    connects = name in {"connect", "Connect", "Connection"} and (not owner or owner in CONNECTORS)
    if len(args) >= 3 and (connects or (name == "create" and owner == "URL")):
        argument = f"the third argument of {name}()"
        yield Assigned("database.password", argument, args[2], Sink.CERTAIN)
    elif name == "Client" and len(args) == 2:  # Twilio's: account and token
        if isinstance(args[0], ast.Constant) and str(args[0].value).startswith("AC"):
            yield Assigned("code.literal", "auth token", args[1], Sink.CERTAIN)
    elif name in {"add_argument", "option", "Option"} and args:
        yield from _option(node, args[0])
    elif name in POSITIONS and (name not in OWNERS or owner in OWNERS[name]):
        position, called_so, rule = POSITIONS[name]
        if len(args) > position:
            yield Assigned(rule, called_so, args[position], Sink.CERTAIN)
    elif name in SETTERS and len(args) >= 2:
        yield from _set(args[-2], args[-1])
    elif name in HEADERS and len(args) == 2 and isinstance(args[0], ast.Constant):
        yield Assigned("code.literal", str(args[0].value), args[1], Sink.LOOSE)


def _option(node: ast.Call, option: ast.expr) -> Iterator[Assigned]:
    """Yield the default of an option of the command line."""
    name = option.value if isinstance(option, ast.Constant) else ""
    if isinstance(name, str) and sureness(name) is Sureness.SURE:
        yield from (
            Assigned("code.literal", name, one.value)
            for one in node.keywords
            if one.arg == "default"
        )


def _set(target: ast.expr, value: ast.expr) -> Iterator[Assigned]:
    if isinstance(target, ast.Constant) and isinstance(target.value, str):
        rule = "flask.secret-key" if snake(target.value) in FLASK else "code.literal"
        yield Assigned(rule, target.value, value, Sink.CERTAIN)


def _fallback(
    node: ast.Call,
    name: str,
    owner: str,
    constants: Mapping[str, str],
    wrappers: Mapping[str, Wrapper],
) -> Iterator[Assigned]:
    """`os.environ.get("DB_PASSWORD", "…")` and its kin, with `default=`, also the app's own."""
    if not node.args or (name in {"get", "pop", "setdefault"} and owner in INPUTS):
        return
    variable = node.args[0]
    text = variable.value if isinstance(variable, ast.Constant) else None
    if isinstance(variable, ast.Name):
        text = constants.get(variable.id, variable.id)
    if not isinstance(text, str) or sureness(text) is Sureness.NO:
        return
    own = wrappers.get(name)
    default = _stand_in(node, owner, own)
    known = name in READERS or own is not None
    if default is None or not (known or (text.isupper() and not describes(name))):
        return
    used = known and name not in TAKING
    sink = Sink.LOOSE
    if owner in ENVIRONMENTS or used:
        sink = Sink.CERTAIN
    elif owner:
        sink = container(owner)
    if text.isupper() and known:
        sink = Sink.CERTAIN
    if own is None and name not in TAKING and _is_complaint(default):
        sink = Sink.MESSAGE
    yield Assigned("env.fallback", text, default, sink)


def _stand_in(node: ast.Call, owner: str, own: Wrapper | None) -> ast.expr | None:
    """Return what a reader of the environment gives for a variable that is missing."""
    default = next((one.value for one in node.keywords if one.arg in FALLBACKS), None)
    if default is None and len(node.args) > 1 and (own is None or owner in ENVIRONMENTS):
        default = node.args[-1]
    return own.fallback(node) if default is None and own else default


def _is_complaint(node: ast.expr) -> bool:
    """Return whether a text says that something is missing, as for a reader of another module."""
    text = node.value if isinstance(node, ast.Constant) else None
    return isinstance(text, str) and len(text.split()) >= 3 and bool(COMPLAINT.search(text))
