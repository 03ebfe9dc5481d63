"""`app.volumes`: what is taken, and the sentence for each that is not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.app_spec import VolumeSpec
from grader.spec.loader import load

Problems = Callable[..., list[str]]
Write = Callable[..., Path]
PLACE = "port: 5000"


def with_volumes(asked: str) -> str:
    return f"volumes: {asked}\n  port: 5000"


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (
            "[data]",
            'app.volumes[0] is "data"; it should be an absolute path without .., like /data.',
        ),
        ("[/data/../etc]", "it should be an absolute path without .., like /data."),
        ("[/data/]", "it should be an absolute path without .., like /data."),
        ("[/]", "it should be an absolute path without .., like /data."),
        ("[7]", "app.volumes[0] is 7; it should be text or"),
        ("[{size: 8m}]", "app.volumes[0] lacks 'path'; add it."),
        ("[{path: /data, bytes: 8m}]", "app.volumes[0].bytes is not a key known here."),
        ("[{path: /data, size: 8MB}]", "it should be a size with its unit: 64k, 512m, 1g."),
        ("[{path: /data, size: 512k}]", "app.volumes[0] has a size of 512k; it can be 1m to 256m."),
        ("[{path: /data, size: 1g}]", "app.volumes[0] has a size of 1g; it can be 1m to 256m."),
        ("[/etc]", "app.volumes[0] is '/etc', a folder of the system; take one such as /data."),
        ("[/usr/local/share]", "a folder of the system"),
        ("[/proc/1]", "a folder of the system"),
        ("[/var]", "a folder of the system"),
        ("[/data, /data]", "app.volumes[1] is '/data', which stands there already; keep one."),
        ("[/data, {path: /data/more}]", "app.volumes[1] is '/data/more', and /data is one too"),
        ("[/a/b, /a]", "app.volumes[1] is '/a', and /a/b is one too"),
        ("[/a, /b, /c, /d, /e]", "app.volumes has 5 entries; 4 are the most."),
    ],
)
def test_each_mistake_has_its_sentence(problems: Problems, asked: str, sentence: str) -> None:
    found = problems((PLACE, with_volumes(asked)))
    assert any(sentence in one for one in found), found


def test_they_are_for_one_image(problems: Problems) -> None:
    """Compose files bring their own, and commands begin afresh."""
    found = problems((PLACE, with_volumes("[/data]")), ("mode: dockerfile", "mode: compose"))
    assert any("volumes are for `mode: dockerfile`" in one for one in found), found


def test_what_is_asked_for_is_read(write: Write) -> None:
    """A path alone has the usual size; a size gives the room for files."""
    found = load(write((PLACE, with_volumes("[/data, {path: /var/lib/app, size: 8m}]"))))
    assert found.app.volumes == (
        VolumeSpec(path="/data"),
        VolumeSpec(path="/var/lib/app", size=8 << 20),
    )
    assert [one.files for one in found.app.volumes] == [16384, 2048]
    assert load(write()).app.volumes == ()
