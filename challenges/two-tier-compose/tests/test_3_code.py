"""Where the code takes passwords and keys from. It is parsed, and not run, for the first two."""

import ast
import re

import pytest

LOGIN = re.compile(r"\w://[^/@:\s]*:([^/@\s]+)@")
"""A URL with a password; the password."""
TEMPLATE = re.compile(r"\{.*\}|%.*|\$.*")
TEST_CODE = re.compile(r"(^|/)(tests?/|test_[^/]*$|[^/]*_test\.py$|conftest\.py$)")
READERS = {"environ", "environb", "getenv", "dotenv_values", "from_prefixed_env"}
SETTINGS = {"decouple", "environs", "pydantic_settings", "dynaconf"}
"""Packages that read the environment."""


@pytest.fixture
def sources(submission):
    """The app's Python files, by path, without its tests."""
    found = submission.python_sources()
    return {path: tree for path, tree in found.items() if not TEST_CODE.search(path)}


def name_of(node):
    """The last name of `a.b.c`, `x["c"]` or `c`; empty for anything else."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(slice=ast.Constant(value=str(name))):
            return name
        case _:
            return ""


def bindings(node):
    """The names that `node` gives a value, with the values: of `password="x"` the one pair."""
    match node:
        case ast.Assign(targets=targets, value=value):
            return [(name_of(target), value) for target in targets]
        case ast.AnnAssign(target=target, value=ast.expr() as value):
            return [(name_of(target), value)]
        case ast.Dict(keys=keys, values=values):
            return [(constant(key), value) for key, value in zip(keys, values, strict=True)]
        case ast.keyword(arg=str(name), value=value):
            return [(name, value)]
        case ast.arguments(args=names, defaults=values):
            given = names[len(names) - len(values) :]
            return [(name.arg, value) for name, value in zip(given, values, strict=True)]
        case _:
            return fallbacks(node)


def fallbacks(node):
    """What is taken where a variable is not set: of `getenv("SECRET_KEY", "x")` the one pair."""
    match node:
        case ast.Call(args=[ast.Constant(value=str(name)), default]):
            return [(name, default)]
        case ast.Call(args=[ast.Constant(value=str(name))], keywords=words):
            return [(name, word.value) for word in words if word.arg == "default"]
        case ast.BoolOp(values=[ast.Call(args=[ast.Constant(value=str(name))]), *others]):
            return [(name, other) for other in others]
        case _:
            return []


def constant(node):
    """The text that `node` is; empty where it is none."""
    value = node.value if isinstance(node, ast.Constant) else ""
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return value if isinstance(value, str) else ""


def alternatives(node):
    """Each of the values that an expression may take: `a or b`, `a if c else b`."""
    match node:
        case ast.BoolOp(values=values):
            return values
        case ast.IfExp(body=body, orelse=orelse):
            return [body, orelse]
        case _:
            return [node]


def may_be_secret(text, is_secret):
    """Whether a text may be a secret: it is no sentence, no path and no variable's name."""
    variable = re.fullmatch(r"[A-Z][A-Z0-9_]*", text) and is_secret(text)
    return bool(text) and not re.search(r"\s", text) and not text.startswith("/") and not variable


def literal_secrets(tree, is_secret):
    """Every secret that stands in a tree as a literal: its line, and how to name it."""
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        for name, value in bindings(node):
            texts = [constant(one) for one in alternatives(value)]
            if is_secret(name) and any(may_be_secret(text, is_secret) for text in texts):
                yield value.lineno, name
        login = LOGIN.search(constant(node))
        if login and id(node) not in prose and not TEMPLATE.fullmatch(login[1]):
            yield node.lineno, "the password in a URL"


def reads_environment(node):
    """Whether `node` is what an environment is read with."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in READERS
        case ast.ImportFrom(module=str(module)):
            return module.partition(".")[0] in SETTINGS
        case ast.Import(names=names):
            return any(one.name.partition(".")[0] in SETTINGS for one in names)
        case _:
            return False


@pytest.mark.criterion("env.code")
def test_the_code_holds_no_literal_secret(sources, is_secret):
    """No password or key is assigned, passed or fallen back to as a literal."""
    for path, tree in sources.items():
        for line, name in sorted(literal_secrets(tree, is_secret)):
            pytest.fail(
                f"{path}, line {line}: {name} stands in the code as a literal. Take it from the "
                'environment, and let it fail where it is not set: os.environ["…"].'
            )


@pytest.mark.criterion("env.code")
def test_the_code_reads_the_environment(sources):
    """Somewhere the code asks the environment."""
    found = any(reads_environment(node) for tree in sources.values() for node in ast.walk(tree))
    assert found, "No Python file of yours reads the environment; os.environ holds the secrets."


@pytest.mark.criterion("env.secret_key")
def test_no_start_without_secret_key(app, compose):
    """A container without SECRET_KEY ends, or never gets ready."""
    assert app.get("/health").status < 600  # so that it is known to start with the key
    found = compose.start_without("SECRET_KEY")
    failing = found["status"] is not None and found["status"] >= 500
    assert not found["started"] or failing, (
        f"The service {compose.app!r} was started without SECRET_KEY; it should end with a message "
        "that the variable is missing, but it started and answered GET /health with "
        f"{found['status']}."
    )
