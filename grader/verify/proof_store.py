"""Proofs on disk: one file for each, named by its key, written whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

from grader.model import Outcome, exact
from grader.verify.trials import Proof

FORMAT = 1
KEPT = 10_000
"""How many proofs are kept; those of the five exams are about 850."""
SECONDS_KEPT = 30 * 86_400
"""How long a proof counts: packages that builds download, and much else, change meanwhile."""
MAX_BYTES = 1 << 20


@dataclass(frozen=True, kw_only=True)
class StoredProof:
    """A proof, and the images that it counts with only."""

    proof: Proof
    bases: Mapping[str, str]
    """What builds and services start from, by name, to the ids of the images that stood for it."""


class ProofStore:
    """A folder of proofs. Several programs may use it at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, key: str) -> StoredProof | None:
        """Return the proof of `key`; None where there is none, it is too old, or damaged."""
        try:
            with self._path(key).open("rb") as file:
                digest, _, body = file.read(MAX_BYTES).partition(b"\n")
            if digest != _digest(key, body):
                return None
            stored = _parsed(json.loads(body))
            age = time.time() - datetime.fromisoformat(stored.proof.when).timestamp()
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None
        return stored if 0 <= age <= SECONDS_KEPT else None

    def write(self, key: str, stored: StoredProof, *, label: Mapping[str, Any]) -> None:
        """Put a proof in its place; `label` tells people what it is of. Raises `OSError`."""
        body = json.dumps({"format": FORMAT, **label, **_plain(stored)}).encode()
        self._folder.mkdir(parents=True, exist_ok=True)
        half = self._folder / f".{key}.{os.getpid()}-{threading.get_ident()}.part"
        try:
            half.write_bytes(_digest(key, body) + b"\n" + body)
            half.replace(self._path(key))
        finally:
            half.unlink(missing_ok=True)

    def remove(self, key: str) -> None:
        """Forget the proof of `key`, where there is one. Raises `OSError`."""
        self._path(key).unlink(missing_ok=True)

    def prune(self) -> None:
        """Remove proofs that are old or too many, and what killed programs left half written."""
        if not self._folder.is_dir():
            return
        ages = []
        with os.scandir(self._folder) as found:
            for entry in found:
                try:
                    ages.append((time.time() - entry.stat().st_mtime, entry.path))
                except FileNotFoundError:
                    continue  # another program's, and in its place by now
        for number, (age, path) in enumerate(sorted(ages)):
            is_half = path.endswith(".part")
            if number >= KEPT or age > (3600 if is_half else SECONDS_KEPT):
                Path(path).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}.json"


def _digest(key: str, body: bytes) -> bytes:
    """Tell a file that is damaged, or has another's name."""
    return hashlib.sha256(key.encode() + b"\n" + body).hexdigest().encode()


def _plain(stored: StoredProof) -> dict[str, Any]:
    proof = stored.proof
    return {
        "when": proof.when,
        "earned": str(proof.earned),
        "outcomes": dict(proof.outcomes),
        "lost_parts": sorted(map(list, proof.lost_parts)),
        "seconds": [list(one) for one in proof.seconds],
        "bases": dict(stored.bases),
    }


def _parsed(body: Any) -> StoredProof:
    """Read what `_plain` wrote; raises `ValueError`, `KeyError` or `TypeError` for the rest."""
    if body["format"] != FORMAT:
        msg = "another format"
        raise ValueError(msg)
    proof = Proof(
        when=body["when"],
        earned=exact(Fraction(body["earned"])),
        outcomes={str(name): Outcome(one) for name, one in body["outcomes"].items()},
        lost_parts=frozenset((str(name), str(part)) for name, part in body["lost_parts"]),
        seconds=tuple((str(phase), float(lasted)) for phase, lasted in body["seconds"]),
    )
    bases = {str(name): str(image) for name, image in body["bases"].items()}
    return StoredProof(proof=proof, bases=bases)
