"""The labelled corpus of the benchmark, drawn again with several seeds."""

from __future__ import annotations

import pytest

from benchmarks.secrets.corpus import Case, corpus
from benchmarks.secrets.score import figures
from grader.inspect.secrets import Blob, Scan, scan_blobs


def scan(case: Case) -> Scan:
    return scan_blobs([Blob(path=case.path, content=case.content)])


@pytest.mark.parametrize("seed", [1, 2])
def test_secrets_are_found_and_nothing_else(seed: int) -> None:
    """Recall and precision of 0.98 or more, over at least 150 files of either kind."""
    cases = corpus(seed)
    assert sum(bool(case.secrets) for case in cases) >= 150
    assert sum(not case.secrets for case in cases) >= 150
    reported = {case.name: frozenset(one.line for one in scan(case).findings) for case in cases}
    found = figures(cases, reported)
    assert found.recall >= 0.98, found.missed
    assert found.precision >= 0.98, found.false


def test_no_finding_holds_its_value() -> None:
    """Neither do skipped files, nor what either prints; two characters of it at most."""
    for case in corpus(4):
        if not case.secrets or case.whole or case.path.endswith(".ipynb"):
            continue
        text = repr(scan(case))
        for line in {min(secret) for secret in case.secrets}:
            rows = case.content.decode("utf-8", "replace").splitlines()
            for word in rows[line - 1].replace('"', " ").replace("'", " ").split():
                drawn = len(word) >= 12 and any(map(str.isdigit, word)) and word.isalnum()
                assert not (drawn and word in text), f"{case.name}: {word}"
