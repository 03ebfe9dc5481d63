"""`secrets.image`: what anybody can read from an image without running it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from grader.criteria import SECRETS_IMAGE
from grader.image_names import ImageFacts
from grader.inspect.secrets.criteria import NOT_LOOKED_AT, kept, skipped, worst
from grader.inspect.secrets.dockerfile import read_dockerfile
from grader.inspect.secrets.file_roles import FileRole
from grader.inspect.secrets.finding import Finding, Hit, Scan, Severity, Skipped
from grader.inspect.secrets.tokens import known_forms
from grader.model import CheckResult, Outcome
from grader.text import clean, clip

WITH_ARGUMENTS = re.compile(r"RUN \|\d+ ")
"""How an engine begins a RUN that was given build arguments: `RUN |1 A=1 /bin/sh -c make`."""
WORD = re.compile(r"\S+")
ARGUMENT = re.compile(r"(?:^|\s)([A-Za-z_]\w*)=(.*?)(?=\s[A-Za-z_]\w*=|$)", re.DOTALL)
MISPLACED = re.compile(
    r"(?:^|/)(?:\.env(?:\.(?!example|sample|template|dist)[\w-]+)?|\.git/.*|id_(?:rsa|ed25519|ecdsa)|"
    r"[^/]*\.(?:pem|key|p12|pfx))$"
)
"""Files that have no place in an image, where a secret is found in them."""

Told = dict[str, tuple[str, Severity]]
"""What was found, by name: a sentence of it, and how grave it is."""


def check_image(
    image: ImageFacts, files: Scan, *, bases: Sequence[ImageFacts] = (), cut: str = ""
) -> CheckResult:
    """Return whether environment, build arguments, history and files of an image hold no secret.

    `files` is a scan of its layers, and `cut` says where that was not read whole. What code holds
    is `secrets.tree`'s matter; here count the files that have no place in an image: `.env`, `.git`,
    private keys. What an image has from its `bases` is not the student's.
    """
    environment = _beyond(image.environment, (one.environment for one in bases))
    history = _beyond(image.history, (one.history for one in bases))
    found = _environment(environment)
    for name, told in _history(history).items():
        found.setdefault(name, told)
    for one in files.findings:
        if one.sure and MISPLACED.search(one.path):
            _take(found, one)
    unread = "\n".join(filter(None, (skipped(files), cut)))
    gap = cut or next((f"{one.path}: {one.reason}." for one in files.unread if _counts(one)), "")
    if not found and gap:
        return CheckResult(
            criterion=SECRETS_IMAGE,
            outcome=Outcome.NOT_REACHED,
            rationale=f"{NOT_LOOKED_AT.format('the files of your image')}: {gap} Copy only what "
            "the app needs; a .dockerignore keeps the rest out.",
            evidence=unread,
        )
    if not found:
        return CheckResult(criterion=SECRETS_IMAGE, outcome=Outcome.PASSED, evidence=unread)
    share, said = kept(worst(severity for _, severity in found.values()))
    if gap:
        share, said = Fraction(0), "Not all of its files could be looked at: no points are kept."
    told_of = "; ".join(sentence for sentence, _ in found.values())
    return CheckResult(
        criterion=SECRETS_IMAGE,
        outcome=Outcome.FAILED,
        rationale=f"Everybody who has your image can read this: {told_of}. "
        "Give secrets when the container starts (`environment`, `env_file`), never to the build.",
        evidence=f"{said}\ndocker history --no-trunc and docker inspect show them; values left out "
        f"here.\n{unread}".rstrip(),
        kept=share,
    )


def _counts(one: Skipped) -> bool:
    """Return whether what was not read could be a file that has no place in an image."""
    return one.ends or bool(MISPLACED.search(one.path.partition("!/")[0]))


def _beyond(lines: Sequence[str], bases: Iterable[Sequence[str]]) -> list[str]:
    known = {line for base in bases for line in base}
    return [line for line in lines if line not in known]


def _environment(lines: Sequence[str]) -> Told:
    """Return what `NAME=value` lines give away."""
    found: Told = {}
    for line in lines:
        name, _, value = line.partition("=")
        for hit in _read(f"ENV {_pair(name, value)}"):
            what = f"{name} is set in the image's environment (ENV)"
            if hit.rule == "url.password":
                what = f"the password in a URL, {what}"
            found.setdefault(name, (what, hit.severity))
    return found


def _history(lines: Sequence[str]) -> Told:
    """Return what the commands give away that the image was made with."""
    found: Told = {}
    for line in lines:
        for instruction in _instructions(line.replace("\n", " ; ")):
            for hit in _read(instruction):
                name = clip(clean(hit.name), 60)
                what = f"{name} stands in the image's history (ARG or RUN)"
                if hit.rule == "dockerfile.copies-env":
                    name, what = ".env", "a .env file is copied into the image"
                found.setdefault(name, (what, hit.severity))
    return found


def _instructions(line: str) -> Iterator[str]:
    """Yield a line of an image's history as a Dockerfile would have it."""
    if begin := WITH_ARGUMENTS.match(line):
        shell = _shell(line, begin.end())
        if shell is not None:
            for name, value in ARGUMENT.findall(line[begin.end() : shell]):
                yield f"ARG {_pair(name, value)}"
            line = f"RUN {line[shell:]}"
    yield line.partition(" # buildkit")[0]


def _shell(line: str, start: int) -> int | None:
    """Return where the path of the shell begins that `-c` gives the command to.

    None where none does.

    Each word is looked at once: a search for path, words and `-c` in one would take their product.
    """
    shell: int | None = None
    end = start
    for word in WORD.finditer(line, start):
        if shell is not None and line[end : word.start()] != " ":
            shell = None  # what an engine writes has one blank between two words
        if shell is None and word[0].startswith("/") and word.start() > start:
            shell = word.start()
        elif shell is not None and re.fullmatch(r"-\w*c", word[0]) and word.end() < len(line):
            return shell
        end = word.end()
    return None


def _pair(name: str, value: str) -> str:
    quoted = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'{name}="{quoted}"'


def _read(instruction: str) -> list[Hit]:
    found = [*read_dockerfile(instruction, FileRole.RUNS), *known_forms(instruction)]
    return [hit for hit in found if hit.sure]


def _take(found: Told, one: Finding) -> None:
    """Note a file; the gravest of what stands in it counts."""
    known = found.get(one.path)
    severity = worst([one.severity, *([known[1]] if known else [])])
    found[one.path] = (f"the file /{one.path} is in it", severity)
