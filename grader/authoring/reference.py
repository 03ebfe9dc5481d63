"""The reference of what a suite can use, made from the docstrings of the program itself.

`make docs` writes it to `docs/instructors/fixtures.md`. What is documented is read from the source:
methods with their arguments, attributes with the text below them. Nothing is imported of a suite.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import grader.exam
from grader.exam import (
    app,
    client,
    command,
    compose,
    composed,
    draw,
    fixtures,
    form,
    operations,
    page,
    reply,
    service_fixture,
    snapshot,
    sqlite_file,
    tls_client,
    tls_offers,
    volume,
    websocket,
    websocket_conversation,
    workflows,
)
from grader.exam.contract import checks, document
from grader.exam.services import (
    identity,
    mail,
    objects,
    payments,
    rabbitmq,
    redis,
    sql_database,
)
from grader.service_catalogue import built_in, fixture_names, load_class


@dataclass(frozen=True, kw_only=True)
class Section:
    """One class of the page."""

    heading: str
    kind: type
    left_out: frozenset[str] = frozenset()
    """Public names that are the grader's own."""


def _section(heading: str, kind: type, *left_out: str) -> Section:
    return Section(heading=heading, kind=kind, left_out=frozenset(left_out))


PROGRAM = ("fixture", "too_many")
SECTIONS = (
    _section(
        "`app`: requests",
        client.Client,
        "at",
        "listened",
        "disconnect",
        "drop_websockets",
        "waited",
        "is_own",
    ),
    _section(
        "`app`: its container",
        app.App,
        "seen_without",
        "leaks",
        "refused_logins",
        "secured",
        "disconnect",
    ),
    _section("An app alongside it", app.Probe),
    _section("A volume of it", volume.Volume),
    _section("What is in a volume", operations.VolumeFile),
    _section("A SQLite database, by `sqlite_file.opened`", sqlite_file.SqliteFile),
    _section("`run`: commands of the image", command.Command, "last"),
    _section("A command that has ended", command.Ran, "execution"),
    _section("An answer", reply.Reply),
    _section("The request behind it", reply.Sent),
    _section("A WebSocket", websocket.WebSocket, "exchange"),
    _section("How the app closed it", websocket_conversation.ClosedWebSocket),
    _section("`app.tls`: TLS", tls_client.TlsClient, "last"),
    _section("What a server takes, by `app.tls.offers()`", tls_offers.TlsOffers),
    _section("A page", page.Page, "controls", "client"),
    _section("A form", form.Form, "tag", "page"),
    _section(
        "What each service's fixture has",
        service_fixture.ServiceFixture,
        "begin_test",
        "close",
        "disturbed",
        "fixture",
        "waited",
    ),
    _section("`db`", sql_database.SqlDatabase, "begin_test", "close", "fixture", "waited"),
    _section("What `db.queries()` counts", sql_database.Counter),
    _section("What `db.logins()` notes", sql_database.Logins),
    _section("`cache`", redis.Cache, "begin_test", "close", "fixture", "waited"),
    _section("What `cache.monitor()` notes", redis.CacheCommands),
    _section("A command that it noted", redis.CacheCommand),
    _section("`broker`", rabbitmq.Broker, "begin_test", "close", "fixture", "waited"),
    _section("A message that was taken out of a queue", rabbitmq.BrokerMessage),
    _section("`mail`", mail.MailBox, *PROGRAM, "close"),
    _section("A mail that it has taken", mail.Mail),
    _section("A mail that somebody tried to send", mail.MailAttempt),
    _section("`payments`", payments.Payments, *PROGRAM),
    _section("A charge", payments.Charge),
    _section("A request for a charge", payments.ChargeAttempt),
    _section("A webhook that was handed to the app", payments.WebhookDelivery),
    _section("`identity`", identity.IdentityProvider, *PROGRAM),
    _section("What a browser was sent to the provider with", identity.AuthorizationRequest),
    _section("A request for tokens", identity.TokenRequest),
    _section("`objects`", objects.Objects, *PROGRAM),
    _section("An object", objects.StoredObject),
    _section("A request to the store", objects.ObjectRequest),
    _section("What an address of the store has", objects.Fetched),
    _section("`submission`", snapshot.Snapshot),
    _section("A workflow of it", workflows.Workflow),
    _section("A tag of its repository", operations.RepositoryTag),
    _section("`compose`", compose.ComposeFixture, "restore", "disturbed"),
    _section(
        "A service of the project, by `compose.service`",
        composed.ComposedService,
        "disturbed",
        "restore",
    ),
    _section("`draw`", draw.Draw),
    _section("`contract`", checks.Contract, "read", "document"),
    _section("What `contract.create()` made", checks.Created),
    _section("An operation of the contract", document.Operation),
)
FIXTURES = (
    "app",
    "run",
    *fixture_names(),
    "compose",
    "contract",
    "submission",
    "secrets",
    "environment",
    "draw",
)
HEAD = """\
# What a suite can use

This page is made from the program's docstrings by `make docs`. [authoring.md](authoring.md) is the
introduction, with an example of each.
"""


class _Entry(NamedTuple):
    name: str
    signature: str
    said: str


def markdown() -> str:
    """Return the page as Markdown text that ends in a newline."""
    parts = [HEAD, _rules(), _fixtures()]
    parts += [_of(section) for section in SECTIONS]
    return "\n".join(parts)


def _rules() -> str:
    """Return what holds for every suite.

    The part of the package's docstring below its first heading.
    """
    _, mark, rules = inspect.cleandoc(grader.exam.__doc__ or "").partition("\n## ")
    return f"{mark.strip()} {rules}\n"


def _fixtures() -> str:
    rows = [f"| `{name}` | {_inline(_docstring_of_fixture(name))} |" for name in FIXTURES]
    return "\n".join(["## Fixtures", "", "| fixture | what it is |", "|---|---|", *rows, ""])


def _docstring_of_fixture(name: str) -> str:
    manifests = {one.fixture: one for one in built_in().values()}
    if name in manifests:
        kind = load_class(manifests[name].fixture_class)
        said = ast.get_docstring(_class_node(kind)) or ""
        return said.splitlines()[0]
    node = _class_node(fixtures.SuiteFixtures)
    function = next(
        one for one in node.body if isinstance(one, ast.FunctionDef) and one.name == name
    )
    return ast.get_docstring(function) or ""


def _of(section: Section) -> str:
    node = _class_node(section.kind)
    entries = [one for one in _entries(node) if one.name not in section.left_out]
    lines = [f"## {section.heading}", "", ast.get_docstring(node) or "", ""]
    for entry in entries:
        first, *rest = entry.said.splitlines() or [""]
        lines += [f"- `{entry.signature}`: {first}", *(f"  {line}".rstrip() for line in rest)]
    return "\n".join([*lines, ""])


def _class_node(kind: type) -> ast.ClassDef:
    tree = ast.parse(inspect.getsource(inspect.getmodule(kind) or kind))
    return next(
        one for one in tree.body if isinstance(one, ast.ClassDef) and one.name == kind.__name__
    )


def _entries(node: ast.ClassDef) -> Iterator[_Entry]:
    """Attributes with what is said below them, then methods; public ones, in the source's order."""
    yield from _fields(node.body)
    for one in node.body:
        if isinstance(one, ast.FunctionDef) and one.name == "__init__":
            types = {arg.arg: arg.annotation for arg in (*one.args.args, *one.args.kwonlyargs)}
            yield from _fields(one.body, types)
    for one in node.body:
        if isinstance(one, ast.FunctionDef) and not one.name.startswith("_"):
            yield _Entry(one.name, _signature(one), ast.get_docstring(one) or "")


def _fields(
    body: list[ast.stmt], types: Mapping[str, ast.expr | None] | None = None
) -> Iterator[_Entry]:
    """Fields and `self.NAME = …` of a body, whose arguments have `types`."""
    for at, one in enumerate(body):
        target = _target(one)
        if target is None or target.startswith("_"):
            continue
        after = body[at + 1] if at + 1 < len(body) else None
        said = ""
        if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            said = inspect.cleandoc(str(after.value.value))
        kind = one.annotation if isinstance(one, ast.AnnAssign) else (types or {}).get(target)
        yield _Entry(target, f"{target}: {_type(kind)}" if kind else target, said)


def _target(statement: ast.stmt) -> str | None:
    """Return the attribute that a statement sets; None where it sets none."""
    match statement:
        case (
            ast.AnnAssign(target=ast.Name(id=name))
            | ast.AnnAssign(target=ast.Attribute(value=ast.Name(id="self"), attr=name))
        ):
            return name
        case ast.Assign(targets=[ast.Attribute(value=ast.Name(id="self"), attr=name)]):
            return name
        case _:
            return None


def _signature(function: ast.FunctionDef) -> str:
    """As it is called: without `self`, with the types of arguments and of what it gives."""
    decorators = {ast.unparse(one) for one in function.decorator_list}
    gives = _type(function.returns) if function.returns else ""
    if decorators & {"property", "cached_property"}:
        return f"{function.name}: {gives}"
    arguments = _arguments(function)
    if "contextmanager" in decorators or "AbstractContextManager" in gives:
        inner = re.search(r"\[(.*)\]$", gives)
        bound = f" as {inner[1]}" if inner and inner[1] != "None" else ""
        return f"with {function.name}({arguments}){bound}"
    return f"{function.name}({arguments})" + (f" -> {gives}" if gives != "None" else "")


def _type(annotation: ast.expr) -> str:
    return _plain(ast.unparse(annotation))


def _arguments(function: ast.FunctionDef) -> str:
    """Arguments as they are written, with blanks around the `=` of those that have types."""
    text = re.sub(r"^self(, )?", "", ast.unparse(function.args))
    return _plain(re.sub(r"(?<=[\w\]])=(?=[\w('])", " = ", text))


def _plain(text: str) -> str:
    """Names of types as an author thinks of them."""
    for name, said in (("Mapping", "dict"), ("Sequence", "list"), ("Collection", "list")):
        text = re.sub(rf"\b{name}\b", said, text)
    return text


def _inline(text: str) -> str:
    """Return a docstring in a cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")
