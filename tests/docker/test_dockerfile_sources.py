"""Whatever BuildKit would load for a Dockerfile, our reading of it has named before.

BuildKit is the judge: it is told to load nothing, and says what it was kept from.
"""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from grader.inspect.buildkit.sources import SourceUse
from grader.inspect.dockerfile import inline_dockerfile
from grader.sandbox.build import BuildRequest, build, full_name
from grader.sandbox.build_log import BuildFailed
from grader.sandbox.engine import Engine
from tests.unit.inspect.generated_dockerfiles import generate

SAMPLE = int(os.environ.get("GRADER_TEST_DOCKERFILES", "40"))
"""How many are given to the engine."""
START = 1_000_000
"""The first seed: others than those of the unit tests."""


def test_what_buildkit_would_load_was_seen(engine: Engine, tmp_path: Path) -> None:
    """Each source that BuildKit is kept from is one of those found, or the file is refused."""
    del engine  # it is there
    seeds = range(START, START + SAMPLE)
    with ThreadPoolExecutor(max_workers=2) as pool:
        denied = list(pool.map(lambda seed: denied_source(seed, tmp_path), seeds))
    unseen = [(seed, one) for seed, one in zip(seeds, denied, strict=True) if not seen(seed, one)]
    assert not unseen
    assert sum(map(bool, denied)) >= len(seeds) / 5, "too few of them load anything"


def denied_source(seed: int, folder: Path) -> str:
    """What BuildKit was kept from loading; empty where it refused the file, or built it."""
    request = BuildRequest(
        context=folder,
        dockerfile=inline_dockerfile(text_of(seed), {}).for_builder(),
        contexts={},
        labels={},
        deadline=60,
    )
    result = build(request, cancel=threading.Event())
    return result.denied if isinstance(result, BuildFailed) else ""


def text_of(seed: int) -> bytes:
    return generate(seed, sources=3, steps=2).text.encode()


def seen(seed: int, denied: str) -> bool:
    """Whether the source `denied` is among those that were found in the Dockerfile of `seed`."""
    found = inline_dockerfile(text_of(seed), {})
    names = {
        f"docker-image://{full_name(one.text)}" if one.use is SourceUse.IMAGE else one.text
        for one in (*found.sources, *found.disputed)
    }
    undecided = any(one.use is SourceUse.UNDECIDED for one in found.sources)
    return not denied or undecided or denied in names
