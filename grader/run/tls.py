"""The certificate of a run: issued by an authority that lives as long as its making.

Its files are mounted where the submission looks for them: below `/run/tls` in the container of an
image, or over the files of that name that a Compose project mounts from its folder `tls`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from grader.exam.reached import TlsAddress
from grader.exam.tls_trust import NAME
from grader.inspect.compose.paths import Outside, inside
from grader.model import Challenge
from grader.run.context import RunContext
from grader.run.redaction import Redactor
from grader.sandbox.certificates import Authority
from grader.sandbox.mounts import FileMount

FOLDER = "/run/tls"
"""Where the container of an image has the files."""
PROJECT_FOLDER = "tls"
"""Where a Compose project has them, seen from its file."""
FILES = {
    "tls.certificate": "certificate.pem",
    "tls.key": "key.pem",
    "tls.authority": "authority.pem",
}
"""The placeholders of `app.env`, to the names of the files."""
DAYS = 7
"""How long the certificate is good: longer than any run, and one that is kept for a look."""
ALWAYS = (NAME, "127.0.0.1", "::1")
"""Names that are in each certificate."""
LABEL = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
"""A part of a host name."""
LONGEST_NAME = 253
MOST_NAMES = 40
SHORTEST_LINE = 20
"""Characters of a line of the key below which it says nothing of it."""


@dataclass(frozen=True, kw_only=True)
class TlsFiles:
    """What the exam gives a submission for TLS; empty where it asks for none."""

    authority: str = ""
    """The certificate of the authority, in PEM."""
    contents: Mapping[str, str] = field(default_factory=dict)
    """By the name of the file."""

    def mounts(self, folder: Path) -> tuple[FileMount, ...]:
        """Write the files into `folder`, and return them as a container of an image has them."""
        if not self.contents:
            return ()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, content in self.contents.items():
            (folder / name).write_text(content, "ascii")
            (folder / name).chmod(0o644)  # whichever user the app runs as; the folder is ours alone
        return tuple(
            FileMount(source=folder / name, target=f"{FOLDER}/{name}") for name in self.contents
        )


NO_FILES = TlsFiles()


def tls_values(challenge: Challenge) -> dict[str, str]:
    """Return what the placeholders for TLS stand for; none where the exam asks for none."""
    if not challenge.speaks_tls:
        return {}
    folder = f"./{PROJECT_FOLDER}" if challenge.mode == "compose" else FOLDER
    return {key: f"{folder}/{name}" for key, name in FILES.items()}


def issue(context: RunContext, names: Iterable[str]) -> TlsFiles:
    """Return the files of a certificate for `names` and this machine; hides the key.

    None where the exam asks for no TLS.
    """
    if not context.challenge.speaks_tls:
        return NO_FILES
    authority = Authority(f"practical exam {context.run}", days=DAYS)
    others = [one for one in dict.fromkeys(names) if _is_host(one)]
    issued = authority.issue([*ALWAYS, *others[:MOST_NAMES]], days=DAYS)
    hide_key(context.redactor, issued.key)
    contents = (issued.certificate, issued.key, authority.certificate)
    return TlsFiles(
        authority=authority.certificate, contents=dict(zip(FILES.values(), contents, strict=True))
    )


def hide_key(redactor: Redactor, key: str) -> None:
    """Have no report show a key in PEM: neither all of it nor a line.

    Whether an app gives it away is looked for by its second line: the first one is the same in all.
    """
    lines = [line for line in key.splitlines() if "-----" not in line]
    long = [line for line in lines if len(line) >= SHORTEST_LINE]
    redactor.hide({"tls.key": lines[1]})
    redactor.hide_parts({f"tls.key line {at}": line for at, line in enumerate(long, 1)})


def project_paths(root: Path, compose: str) -> dict[str, str]:
    """Return where the files stand in a submission whose Compose file is at `compose`.

    To their names. Links are followed, as wherever a Compose file names a path.
    """
    folder = str(PurePosixPath(compose).parent)
    found = {}
    for name in FILES.values():
        path = f"{PROJECT_FOLDER}/{name}"
        try:
            found[inside(root, folder, path)] = name
        except Outside:  # then it is refused wherever it is mounted
            continue
    return found


def tls_address(address: tuple[str, int], port: int) -> TlsAddress:
    """Return how the suite reaches at `address` what speaks TLS on `port` of its container."""
    shown = f"https://{NAME}" if port == 443 else f"https://{NAME}:{port}"
    return TlsAddress(host=address[0], port=address[1], shown=shown, name=NAME)


def _is_host(name: str) -> bool:
    return len(name) <= LONGEST_NAME and all(LABEL.fullmatch(one) for one in name.split("."))
