"""Credentials that are known by their form: private keys, and tokens of well-known services.

The forms are the services' own; each pattern begins with fixed text, so that text without that is
never searched, and has no part that can be read in two ways.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from grader.inspect.secrets.finding import Hit, Severity
from grader.inspect.secrets.values import UNKNOWN, entropy, is_placeholder


@dataclass(frozen=True)
class Form:
    """The form of one service's credentials."""

    service: str
    sign: str
    """Text that each of them has."""
    pattern: str


FORMS = (
    Form("AWS access key", "AKIA", r"AKIA[A-Z2-7]{16}"),
    Form("AWS access key", "ASIA", r"ASIA[A-Z2-7]{16}"),
    Form("Google API key", "AIza", r"AIza[\w-]{35}"),
    Form("Google OAuth secret", "GOCSPX-", r"GOCSPX-[\w-]{28}"),
    Form("Google access token", "ya29.", r"ya29\.[\w-]{30,200}"),
    *(Form("GitHub token", f"gh{kind}_", rf"gh{kind}_[A-Za-z0-9]{{36,251}}") for kind in "pousr"),
    Form("GitHub token", "github_pat_", r"github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}"),
    Form("GitLab token", "glpat-", r"glpat-[\w-]{20,60}"),
    Form("GitLab token", "gldt-", r"gldt-[\w-]{20,60}"),
    Form("GitLab token", "glrt-", r"glrt-[\w-]{20,60}"),
    Form("Slack token", "xox", r"xox[abeoprs]-[\w-]{10,200}"),
    Form("Slack token", "xapp-", r"xapp-\d-[A-Z0-9]{8,20}-\d+-[a-f0-9]{30,80}"),
    Form("Slack webhook", "hooks.slack.com",
         r"hooks\.slack\.com/(?:services|workflows)/[A-Z0-9]{6,14}/[A-Z0-9]{6,14}/\w{16,30}"),
    Form("Discord webhook", "/api/webhooks/",
         r"discord(?:app)?\.com/api/webhooks/\d{17,20}/[\w-]{60,80}"),
    Form("Stripe key", "k_live_", r"[prs]k_live_[A-Za-z0-9]{16,120}"),
    Form("Stripe key", "k_test_", r"[rs]k_test_[A-Za-z0-9]{16,120}"),
    Form("Stripe webhook secret", "whsec_", r"whsec_[A-Za-z0-9+/=]{24,80}"),
    Form("Twilio key", "SK", r"SK[0-9a-f]{32}"),
    Form("SendGrid key", "SG.", r"SG\.[\w-]{16,32}\.[\w-]{32,64}"),
    Form("Mailgun key", "key-", r"key-[0-9a-f]{32}"),
    Form("Mailchimp key", "-us", r"[0-9a-f]{32}-us\d{1,2}"),
    Form("Brevo key", "xkeysib-", r"xkeysib-[0-9a-f]{64}-\w{16}"),
    Form("npm token", "npm_", r"npm_[A-Za-z0-9]{36}"),
    Form("PyPI token", "pypi-", r"pypi-AgE[\w-]{50,300}"),
    Form("Docker Hub token", "dckr_pat_", r"dckr_pat_[\w-]{20,40}"),
    Form("OpenAI key", "T3BlbkFJ", r"sk-[\w-]{16,100}T3BlbkFJ[\w-]{16,100}"),
    Form("OpenAI key", "sk-proj-", r"sk-proj-[\w-]{40,200}"),
    Form("Anthropic key", "sk-ant-", r"sk-ant-[\w-]{32,150}"),
    Form("Hugging Face token", "hf_", r"hf_[A-Za-z]{34}"),
    Form("Telegram bot token", ":AA", r"\d{8,10}:AA[\w-]{33}"),
    Form("DigitalOcean token", "o_v1_", r"do[opr]_v1_[0-9a-f]{64}"),
    Form("Square token", "sq0", r"sq0(?:atp|csp|idp)-[\w-]{22,43}"),
    Form("Shopify token", "shp", r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}"),
    Form("Azure storage key", "AccountKey=", r"AccountKey=[A-Za-z0-9+/]{86}=="),
    Form("Databricks token", "dapi", r"dapi[0-9a-f]{32}"),
    Form("HashiCorp Vault token", "hvs.", r"hvs\.[\w-]{24,200}"),
    Form("Terraform Cloud token", ".atlasv1.", r"[A-Za-z0-9]{14}\.atlasv1\.[\w-]{60,70}"),
    Form("Heroku key", "HRKU-", r"HRKU-[\w-]{36,80}"),
    Form("Linear key", "lin_api_", r"lin_api_[A-Za-z0-9]{40}"),
    Form("Notion token", "ntn_", r"ntn_[A-Za-z0-9]{40,60}"),
    Form("Razorpay key", "rzp_live_", r"rzp_live_[A-Za-z0-9]{14}"),
    Form("Braintree token", "access_token$",
         r"access_token\$production\$[0-9a-z]{16}\$[0-9a-f]{32}"),
    Form("PlanetScale password", "pscale_", r"pscale_(?:pw|tkn)_[\w-]{32,64}"),
    Form("New Relic key", "NRAK-", r"NRAK-[A-Z0-9]{27}"),
    Form("age key", "AGE-SECRET-KEY-1", r"AGE-SECRET-KEY-1[0-9A-Z]{58}"),
)  # fmt: skip
JWT = re.compile(r"(?<![\w-])eyJ[\w-]{10,2000}\.eyJ[\w-]{10,4000}\.[\w-]{20,1000}")
PRIVATE_KEY = re.compile(
    r"-----BEGIN ((?:[A-Z0-9]{2,12} ){0,3})PRIVATE KEY(?: BLOCK)?-----"
    r"(?P<body>(?:[A-Za-z0-9+/=\s\\:,.\"'-]|\\n){0,400})"
)
PUTTY = re.compile(r"^PuTTY-User-Key-File-\d: (\S+)", re.MULTILINE)
BODY = re.compile(r"[A-Za-z0-9+/]{40}")
MAX_HITS = 200
"""Of one form in one file."""


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z0-9_])(?:{pattern})(?![A-Za-z0-9_])")


def find_tokens(text: str) -> Iterator[tuple[str, int, str]]:
    """Each token in `text`: its service, where it begins, itself. Placeholders are left out."""
    for form in FORMS:
        if form.sign not in text:
            continue
        for count, found in enumerate(_compiled(form.pattern).finditer(text)):
            if count >= MAX_HITS:
                break
            if is_live(found[0]):
                yield form.service, found.start(), found[0]


def is_live(token: str) -> bool:
    """Whether a token of the right form is more than a drawing of one."""
    body = re.sub(r"^[A-Za-z]{1,6}[-_.]", "", token)
    lower = token.lower()
    return (
        entropy(body) >= 2.7
        and "example" not in lower
        and "your" not in lower
        and not is_placeholder(body)
        and UNKNOWN not in token
        and not re.search(r"1234567890|0123456789|abcdefghij", lower)
    )


def find_keys(text: str) -> Iterator[tuple[str, int, str]]:
    """Each private key in `text`: what kind, where it begins, how its body begins."""
    if "PRIVATE KEY" in text:
        for found in PRIVATE_KEY.finditer(text):
            body = re.sub(r"\\[nr]|[\s\"']", "", found["body"])
            start = BODY.search(body)
            if start and is_live(start[0]):
                yield f"{found[1]}PRIVATE KEY", found.start(), start[0]
    if "PuTTY-User-Key-File" in text:
        for found in PUTTY.finditer(text):
            yield f"PuTTY key ({found[1][:20]})", found.start(), found[0]


def find_jwts(text: str) -> Iterator[tuple[int, str]]:
    """Each signed web token in `text`; where it begins, and itself."""
    if "eyJ" in text:
        for count, found in enumerate(JWT.finditer(text)):
            if count >= MAX_HITS:
                return
            yield found.start(), found[0]


def known_forms(text: str, line: int | None = None) -> Iterator[Hit]:
    """Hits for every credential in `text` that is known by its form.

    They stand at `line`, or where they stand in `text` with None.
    """

    def at(start: int) -> int:
        return line if line is not None else text.count("\n", 0, start) + 1

    for service, start, token in find_tokens(text):
        yield Hit(
            rule="token", severity=Severity.THIRD_PARTY, line=at(start), name=service, value=token
        )
    for kind, start, body in find_keys(text):
        yield Hit(
            rule="private-key", severity=Severity.THIRD_PARTY, line=at(start), name=kind, value=body
        )
