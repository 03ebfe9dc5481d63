"""Corpora that other people wrote and labelled, read from folders that are given.

None of them is a part of this repository, and none is fetched: whoever measures brings them.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from benchmarks.secrets.corpus import Case
from benchmarks.secrets.golang import samples
from grader.inspect.secrets.file_roles import INSTALLED

MARK = re.compile(rb"(?i)hard.?c[o0]d")
SECTION = re.compile(rb"(?i)(in|non-?)?compliant")
NO_SECRET = re.compile(rb"(?i)^\W*(?:user(?:name)?|<username>)\W|arn:aws|DB_USER=|\bcomment\b")
"""Marked lines in whispers' fixtures that hold a user's name, a resource's name, or prose."""
OTHER_MATTERS = frozenset({"page.html", "arn.yml", "arn.xml", "apikeys-known.yml"})
"""Fixtures of comments and of resources' names; and of tokens with their ends cut off."""
GENERAL = re.compile(
    r"generic|curl|jwt|private-key|password|kubernetes|connection|\.uri\.|url|hash|pkcs|netrc|pgpass|"
    r"htpasswd|odbc|basic|credentials|\.pem\.|psexec|http\.|mysql|postgres|mongodb|redis|jdbc|slack\.webhook"
)
"""Rules for what is no token of one service: passwords, keys, whole phrases."""
PUBLIC = re.compile(
    r"client-id|access-id|pub-key|public|browser|project-api-key|workspace-id|app-id$"
)
"""Rules for identifiers and for keys that every visitor is given: no secrets."""


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """Files with what they hold, and where they are from."""

    name: str
    cases: list[Case]


def whispers(folder: Path) -> list[Corpus]:
    """Return the configuration fixtures of adeptex/whispers.

    Lines that say that they are hard-coded.

    Lines in a part called compliant hold none. The fixtures for code are a corpus by themselves.
    """
    fixtures = folder / "tests" / "fixtures"
    kinds: dict[str, list[Case]] = {"configuration": [], "code": []}
    for path in sorted(one for one in fixtures.rglob("*") if one.is_file()):
        name = path.relative_to(fixtures).as_posix()
        if path.name not in OTHER_MATTERS:
            kind = "code" if name.startswith("ast/") else "configuration"
            kinds[kind].append(_marked(name, path.read_bytes()))
    return [Corpus(name=f"whispers, {kind}", cases=cases) for kind, cases in kinds.items()]


def _marked(name: str, raw: bytes) -> Case:
    secrets: list[frozenset[int]] = []
    unclear: set[int] = set()
    compliant: bool | None = None
    for number, line in enumerate(raw.splitlines(), start=1):
        if section := SECTION.search(line):
            compliant = not section[1]
        if compliant is not True and MARK.search(line) and not NO_SECRET.search(line):
            secrets.append(frozenset({number}))
        elif compliant is False:
            unclear.add(number)  # some of these hold a secret that is not marked
    return Case(name=name.replace("/", "+"), path=name.rpartition("/")[2], content=raw,
                secrets=tuple(secrets), unclear=frozenset(unclear))  # fmt: skip


def gitleaks_rules(folder: Path) -> list[Corpus]:
    """Return true and false samples of gitleaks' rules, for services and for all else."""
    rules = folder / "cmd" / "generate" / "config" / "rules"
    kinds: dict[str, list[Case]] = {"services": [], "passwords and keys": []}
    for path in sorted(rules.glob("*.go")):
        for one in samples(path.read_text("utf-8"), seed=1):
            if PUBLIC.search(one.rule):
                continue
            kind = "passwords and keys" if GENERAL.search(one.rule) else "services"
            kinds[kind] += _examples(one.rule, one.true, one.false)
    return [Corpus(name=f"gitleaks' rules, {kind}", cases=cases) for kind, cases in kinds.items()]


def yaml_rules(title: str, folder: Path) -> list[Corpus]:
    """Examples of rules in Kingfisher's and Nosey Parker's form, for services and for all else."""
    kinds: dict[str, list[Case]] = {"services": [], "passwords and keys": []}
    for path in sorted(folder.rglob("*.yml")):
        for rule in yaml.safe_load(path.read_text("utf-8")).get("rules") or []:
            name = str(rule["id"])
            helper = (
                PUBLIC.search(name)
                or not rule.get("visible", True)
                or "identifier" in rule.get("categories", ())
            )
            if helper or "fuzzy" in rule.get("categories", ()):
                continue  # an identifier alongside a secret, or what its authors call a guess
            general = GENERAL.search(name) or "generic" in rule.get("categories", ())
            kinds["passwords and keys" if general else "services"] += _examples(
                name, rule.get("examples") or (), rule.get("negative_examples") or ()
            )
    return [Corpus(name=f"{title}, {kind}", cases=cases) for kind, cases in kinds.items()]


def _examples(rule: str, true: object, false: object) -> Iterator[Case]:
    for kind, texts in (("true", true), ("false", false)):
        for number, text in enumerate(texts if isinstance(texts, list | tuple) else ()):
            raw = str(text).strip("\n").encode("utf-8", "replace") + b"\n"
            lines = frozenset(range(1, raw.count(b"\n") + 1))
            yield Case(
                name=f"{rule}-{kind}-{number}".replace("/", "+"), path="sample.src", content=raw,
                secrets=(lines,) if kind == "true" else (), whole=kind == "true",
            )  # fmt: skip


def credsweeper(folder: Path) -> list[Corpus]:
    """Return what Samsung's CredSweeper says of its own samples.

    Of other lines nobody says anything.
    """
    kinds: dict[str, dict[str, set[int]]] = {"services": {}, "passwords and keys": {}}
    for one in json.loads((folder / "tests" / "data" / "output.json").read_text("utf-8")):
        kind = "passwords and keys" if ANY.fullmatch(one["rule"]) else "services"
        for line in one["line_data_list"][:1]:
            path = line["path"].removeprefix("./").partition("tests/samples/")[2]
            kinds[kind].setdefault(path, set()).add(line["line_num"])
    corpora = []
    for kind, files in kinds.items():
        cases = []
        for path, lines in sorted(files.items()):
            target = folder / "tests" / "samples" / path
            if not target.is_file():
                continue
            raw = target.read_bytes()
            every = frozenset(range(1, raw.count(b"\n") + 2))
            cases.append(Case(name=path.replace("/", "+"), path=target.name, content=raw,
                              secrets=tuple(frozenset({line}) for line in sorted(lines)),
                              unclear=every - lines))  # fmt: skip
        corpora.append(Corpus(name=f"CredSweeper's samples, {kind}", cases=cases))
    return corpora


ANY = re.compile(
    r"Password|SQL Password|Token|Key|Secret|PEM Private Key|UUID|CMD .*|Auth|CURL .*|Credential"
    r"|Salt|API|JSON Web Token"
    r"|JWK|URL Credentials|Nonce|OTP.*|Basic Authorization|Bearer Authorization|.*PEM.*"
    r"|AWS S3 Bucket|Firebase Domain|Certificate"
)
"""Its rules for anything with a telling name, or that is no secret."""


def flask_repositories(folder: Path) -> list[Corpus]:
    """Public Flask repositories, each in a folder `owner+name`, with the labels of two readings.

    The labels name files by digests and hold nothing of what stands there. The first set is the one
    that the rules were corrected with; the other was read and scanned once they were written.
    """
    given = json.loads(LABELS.read_text("utf-8"))
    kinds: dict[str, list[Case]] = {}
    for repository, about in sorted(given["read"].items()):
        root = folder / repository
        for path in sorted(one for one in root.rglob("*") if one.is_file()):
            inner = path.relative_to(root).as_posix()
            if INSTALLED.intersection(inner.split("/")):
                continue  # packages of others, which nobody labelled
            digest = hashlib.sha256(f"{repository}/{inner}".encode()).hexdigest()[:20]
            lines = given["files"].get(digest, {})
            case = Case(
                name=f"{repository}+{digest}", path=inner, content=path.read_bytes(),
                secrets=tuple(frozenset({line}) for line in lines.get("secrets", ())),
                unclear=frozenset(lines.get("unclear", ())),
            )  # fmt: skip
            kinds.setdefault(f"{about['set']} set", []).append(case)
            if WRITTEN.search(inner):
                kinds.setdefault(f"{about['set']} set, what students write", []).append(case)
    return [
        Corpus(name=f"Flask repositories, {kind}", cases=cases) for kind, cases in kinds.items()
    ]


LABELS = Path(__file__).parent / "flask-repositories.json"
WRITTEN = re.compile(
    r"(?i)\.(?:py|sql|env|md)$|(?:^|/)(?:docker-)?compose[\w.-]*\.ya?ml$|dockerfile|(?:^|/)\.env|readme"
)
"""Python, Compose, Dockerfile, `.env`, SQL and README."""
READERS: Mapping[str, Callable[[Path], list[Corpus]]] = {
    "whispers": whispers,
    "gitleaks": gitleaks_rules,
    "kingfisher": lambda folder: yaml_rules("Kingfisher's rules", folder / "data" / "rules"),
    "credsweeper": credsweeper,
    "flask": flask_repositories,
    "noseyparker": lambda folder: yaml_rules("Nosey Parker's rules", folder / "crates"),
}
"""Names of corpora, as on the command line, to what reads each from its folder."""
