"""Secrets that are drawn when the corpus is made, so that none of them stands in a repository."""

from __future__ import annotations

import base64
import random
import re
import string
from collections.abc import Callable

UPPER, LOWER = string.ascii_uppercase, string.ascii_lowercase
HEX = "0123456789abcdef"
ALNUM = string.ascii_letters + string.digits
WORDS = (
    "Vino",
    "Trout",
    "Kestrel",
    "Ombra",
    "Zephyr",
    "Quarry",
    "Lumen",
    "Tundra",
    "Cobalt",
    "Fjord",
)
INNER = re.compile(r"<<([A-Za-z]\w*(?::(?:(?!<<|>>).)*)?)>>", re.DOTALL)


class Draw:
    """Fills templates in: `<<hex:32>>`, `<<pw>>`, `<<token:github>>`, `<<b64of:…>>`."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._kinds: dict[str, Callable[[str], str]] = {
            "hex": lambda size: self._of("0123456789abcdef", int(size)),
            "HEX": lambda size: self._of("0123456789ABCDEF", int(size)),
            "digits": lambda size: self._of(string.digits, int(size)),
            "alnum": lambda size: self._mixed(int(size)),
            "b64": lambda size: self._of(ALNUM + "+/", int(size)),
            "b64url": lambda size: self._of(ALNUM + "-_", int(size)),
            "b64of": lambda text: base64.b64encode(text.encode()).decode(),
            "pw": lambda _: self._password("!?*.+"),
            "pwbare": lambda _: self._password("_.-"),
            "pwjson": lambda _: self._password("!_.*"),
            "uuid": lambda _: "-".join(self._of("0123456789abcdef", n) for n in (8, 4, 4, 4, 12)),
            "bcrypt": lambda _: "$2b$12$" + self._of(ALNUM + "./", 53),
            "werkzeug": lambda _: f"scrypt:32768:8:1${self._of(ALNUM, 16)}${self._of(HEX, 128)}",
            "jwt": lambda _: self._jwt(),
            "pem": lambda kind: self._pem(f"{kind}PRIVATE KEY"),
            "pemjson": lambda _: self._pem("PRIVATE KEY").replace("\n", "\\n"),
            "pub": lambda _: self._pem("PUBLIC KEY"),
            "cert": lambda _: self._pem("CERTIFICATE"),
            "minified": lambda _: "".join(
                f"function {self._of(LOWER, 2)}(e,t){{return e[t]||{n}}};" for n in range(200)
            ),
            "token": lambda service: TOKENS[service](self._of),
        }  # fmt: skip

    def fill(self, template: str) -> str:
        """`template` with every drawing in its place, the inner ones first."""
        while INNER.search(template):
            template = INNER.sub(self._one, template)
        return template

    def _one(self, found: re.Match[str]) -> str:
        kind, _, rest = found[1].partition(":")
        return self._kinds[kind](rest)

    def _of(self, alphabet: str, size: int) -> str:
        return "".join(self._random.choices(alphabet, k=size))

    def _mixed(self, size: int) -> str:
        """Letters and digits, with some of each kind, as a generator of passwords gives them."""
        text = [
            self._random.choice(kind)
            for kind in (string.ascii_lowercase, string.digits, string.ascii_uppercase)
        ]
        text += self._random.choices(ALNUM, k=max(0, size - 3))
        self._random.shuffle(text)
        return "".join(text)

    def _password(self, signs: str) -> str:
        """Return what a person makes up: a word or two, digits, a sign."""
        form = self._random.choice(
            ("{a}{n}{s}", "{a}{s}{n}", "{b}{n}{a}", "{a}{s}{b}{n}", "{n}{a}{s}{b}")
        )
        a, b = self._random.sample(WORDS, 2)
        return form.format(
            a=a, b=b.lower(), n=self._random.randint(12, 9999), s=self._random.choice(signs)
        )

    def _pem(self, kind: str) -> str:
        lines = [self._of(ALNUM + "+/", 64) for _ in range(12)]
        return "\n".join([f"-----BEGIN {kind}-----", *lines, f"-----END {kind}-----"])

    def _jwt(self) -> str:
        parts = ['{"alg":"HS256","typ":"JWT"}', f'{{"sub":"{self._of(ALNUM, 8)}"}}']
        body = ".".join(
            base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts
        )
        return f"{body}.{self._of(ALNUM + '-_', 43)}"


Of = Callable[[str, int], str]
TOKENS: dict[str, Callable[[Of], str]] = {
    "aws": lambda of: "AKIA" + of(UPPER + "234567", 16),
    "google": lambda of: "AIza" + of(ALNUM, 35),
    "github": lambda of: "ghp_" + of(ALNUM, 36),
    "gitlab": lambda of: "glpat-" + of(ALNUM, 20),
    "slack": lambda of: f"xoxb-{of(string.digits, 12)}-{of(string.digits, 12)}-{of(ALNUM, 24)}",
    "slackhook": lambda of: (
        f"https://hooks.slack.com/services/T{of(UPPER, 8)}/B{of(UPPER, 8)}/{of(ALNUM, 24)}"
    ),
    "discordhook": lambda of: (
        f"https://discord.com/api/webhooks/{of(string.digits, 18)}/{of(ALNUM, 68)}"
    ),
    "stripe": lambda of: "sk_live_" + of(ALNUM, 24),
    "sendgrid": lambda of: f"SG.{of(ALNUM, 22)}.{of(ALNUM, 43)}",
    "openai": lambda of: f"sk-{of(ALNUM, 20)}T3BlbkFJ{of(ALNUM, 20)}",
    "npm": lambda of: "npm_" + of(ALNUM, 36),
    "pypi": lambda of: "pypi-AgEIcHlwaS5vcmc" + of(ALNUM, 80),
    "telegram": lambda of: f"{of('123456789', 9)}:AA{of(ALNUM, 33)}",
    "azure": lambda of: of(ALNUM + "+/", 86) + "==",
}  # fmt: skip
"""Services to how their credentials look."""
