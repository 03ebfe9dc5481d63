"""`secrets.image`: what anybody can read from an image without running it."""

from __future__ import annotations

import re

from grader.inspect.secrets.finding import Scan
from grader.model import CheckResult, ImageFacts, Outcome
from grader.text import clip

CRITERION = "secrets.image"
ASSIGNED = re.compile(
    r"\b([A-Z0-9_]*(?:PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY)[A-Z0-9_]*)"
    r"=(\"[^\"]*\"|'[^']*'|\S+)",
    re.IGNORECASE,
)
URL = re.compile(r"\b[a-z][a-z0-9+]*://[^\s:/@]*:([^\s@$]+)@")
ENV_FILE = re.compile(r"^(?:COPY|ADD) (?:--\S+ )*(?:\S*/)?\.env(?:\.[\w-]+)? ")
EXAMPLES = re.compile(r"\.env\.(?:example|sample|template|dist)\b")
MISPLACED = re.compile(
    r"(?:^|/)(?:\.env(?:\.(?!example|sample|template|dist)[\w-]+)?|\.git/.*|id_(?:rsa|ed25519|ecdsa)|"
    r"[^/]*\.(?:pem|key|p12|pfx))$"
)
"""Files that have no place in an image, where a secret is found in them."""


def check_image(image: ImageFacts, files: Scan) -> CheckResult:
    """Whether environment, build arguments, history and files of an image hold no secret.

    `files` is a scan of its layers. What code holds is `secrets.tree`'s matter; here count the
    files that have no place in an image: `.env`, `.git`, private keys.
    """
    found: dict[str, str] = {}
    for line in image.environment:
        for name in _secrets(line):
            found.setdefault(name, f"{name} is set in the image's environment (ENV)")
    for line in image.history:
        for name in _secrets(line):
            found.setdefault(name, f"{name} stands in the image's history (ARG or RUN)")
        if ENV_FILE.match(line) and not EXAMPLES.search(line):
            found.setdefault(".env", "a .env file is copied into the image")
    for one in files.findings:
        if MISPLACED.search(one.path):
            found.setdefault(one.path, f"the file /{one.path} is in it")
    if not found:
        return CheckResult(criterion=CRITERION, outcome=Outcome.PASSED)
    return CheckResult(
        criterion=CRITERION,
        outcome=Outcome.FAILED,
        rationale=f"Everybody who has your image can read this: {'; '.join(found.values())}. "
        "Give secrets when the container starts (`environment`, `env_file`), never to the build.",
        evidence="docker history --no-trunc and docker inspect show them; values left out here.",
    )


def _secrets(line: str) -> list[str]:
    """The names in `line` that are given a secret of their own."""
    names = [
        name
        for name, value in ASSIGNED.findall(line)
        if value.strip("\"'") and not value.strip("\"'").startswith("$")
        and not name.upper().endswith(("_FILE", "_PATH"))
    ]  # fmt: skip
    if URL.search(line):
        names.append(f"the password in a URL ({clip(line.partition('=')[0], 40)})")
    return names
