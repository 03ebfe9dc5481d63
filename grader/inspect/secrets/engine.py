"""detect-secrets, asked for what our own rules do not know.

Its plugins are called directly: no settings, filters, baselines or comments of a repository take
part, and nothing is verified over a network. Its detectors of keywords and of URLs are left to our
own rules, which know what a placeholder is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from grader.inspect.secrets.finding import Hit, Severity
from grader.inspect.secrets.names import ABOUT, Sureness, snake, sureness
from grader.inspect.secrets.tokens import is_live
from grader.inspect.secrets.values import is_common, is_hash, looks_random

CANDIDATE = re.compile(r"(?<![A-Za-z0-9_+/=.:-])[A-Za-z0-9_+/=.:-]{24}")
MAX_LINE = 1000
MAX_LINES = 2000
"""Lines of one file that the plugins see."""
LIMIT = 4.5
"""Bits of entropy, detect-secrets' own default for base64."""
SERVICES = (
    ("artifactory", "ArtifactoryDetector", ("AKC", "rtifactory")),
    ("cloudant", "CloudantDetector", ("cloudant", "CLOUDANT")),
    ("softlayer", "SoftlayerDetector", ("softlayer", "SOFTLAYER")),
    ("ibm_cloud_iam", "IbmCloudIamDetector", ("ibm", "IBM")),
    ("ibm_cos_hmac", "IbmCosHmacDetector", ("cos", "COS")),
    ("discord", "DiscordBotTokenDetector", (".",)),
    ("square_oauth", "SquareOAuthDetector", ("sq0",)),
    ("mailchimp", "MailchimpDetector", ("-us",)),
    ("telegram_token", "TelegramBotTokenDetector", (":",)),
    ("npm", "NpmDetector", ("_authToken",)),
    ("gitlab_token", "GitLabTokenDetector", ("gl", "GR")),
)
"""Modules of detect-secrets, their plugins, and text without which they find nothing."""
INNOCENT = re.compile(
    r"(?i)integrity|checksum|fingerprint|revision|data:|base64,|\bsha\d|digest|etag|commit|\bhref|\bsrc\b"
    r"|certificate|ssh-(?:rsa|ed25519)|public|nonce|\buuid|guid|\bhash|://|alphabet|charset|ascii"
)
GIVEN = re.compile(
    r"([\w.$\[\]\"'-]{1,80})[\"'\])]{0,3}\s{0,9}(?::\s?[\w\[\]]{1,30}\s?)?[=:(,]\s{0,9}b?[\"']$"
)


@lru_cache(maxsize=1)
def _plugins() -> tuple[tuple[Any, tuple[str, ...]], ...]:
    from importlib import import_module

    return tuple(
        (getattr(import_module(f"detect_secrets.plugins.{module}"), name)(), signs)
        for module, name, signs in SERVICES
    )


@lru_cache(maxsize=1)
def _entropy_plugin() -> Any:
    from detect_secrets.plugins.high_entropy_strings import Base64HighEntropyString

    return Base64HighEntropyString(limit=LIMIT)


def ask(text: str, *, entropy: bool) -> Iterator[Hit]:
    """What detect-secrets finds in `text` beside our own rules.

    `entropy` says whether a random text in quotes counts, whatever its name is.
    """
    seen = -1
    count = 0
    number, counted = 1, 0
    for found in CANDIDATE.finditer(text):
        start = text.rfind("\n", 0, found.start()) + 1
        if start <= seen:
            continue
        seen = start
        end = text.find("\n", start)
        line = text[start : end if end >= 0 else len(text)]
        if len(line) > MAX_LINE:
            continue
        count += 1
        if count > MAX_LINES:
            return
        number += text.count("\n", counted, start)
        counted = start
        yield from _services(line, number)
        if entropy and not INNOCENT.search(line):
            yield from _random(line, number)


def _services(line: str, number: int) -> Iterator[Hit]:
    for plugin, signs in _plugins():
        if any(sign in line for sign in signs):
            for value in plugin.analyze_string(line):
                token = value.strip(" =:\"'\t")
                if is_live(token) and looks_random(token):
                    yield Hit(rule="token", severity=Severity.THIRD_PARTY, line=number,
                              name=str(plugin.secret_type), value=token)  # fmt: skip


def _random(line: str, number: int) -> Iterator[Hit]:
    plugin = _entropy_plugin()
    for value in plugin.analyze_string(line):
        if not 24 <= len(value) <= 200 or plugin.calculate_shannon_entropy(value) <= LIMIT:
            continue
        given = GIVEN.search(line[: line.find(value)])
        name = given[1].strip("[]\"'.$") if given else ""
        if (
            name
            and _is_drawn(value)
            and not ABOUT.search(f"_{snake(name)}")
            and (sureness(name) is not Sureness.NO or len(value) >= 32)
        ):
            yield Hit(rule="random", severity=Severity.DEFAULT, line=number, name=name, value=value)


def _is_drawn(value: str) -> bool:
    """Whether a machine drew `value` rather than that somebody wrote words in it."""
    kinds = [re.findall(pattern, value) for pattern in ("[a-z]", "[A-Z]", r"\d")]
    if min(map(len, kinds)) < 3 or is_hash(value) or is_common(value) or not looks_random(value):
        return False
    words = re.findall(r"[A-Z]?[a-z]{4,}", value)
    return sum(map(len, words)) * 3 < len(value)
