"""New values for a submission's secrets, drawn so that what was equal stays equal."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from itertools import islice
from urllib.parse import quote, unquote_plus

from grader.inspect.compose.names import Role, is_secret, role

FERNET = re.compile(r"[A-Za-z0-9_-]{43}=")
"""A key of the `cryptography` package: 32 bytes in base64."""
BEFORE_PASSWORD = re.compile(r"://[^:/@\s]{0,200}:")
MAX_PASSWORD = 500


class Drawer:
    """Gives each secret its value for one run."""

    def __init__(self, random: Callable[[], str], database: str = "db") -> None:
        """`random` gives a new url-safe text; `database` is the host of the database."""
        self._random = random
        self._database = database
        self._by_old: dict[str, str] = {}
        self._by_role: dict[str, str] = {}
        self._new: set[str] = set()
        self.drawn: dict[str, str] = {}
        """Every secret that was drawn, by the name it was first drawn for."""

    def renew(self, name: str, old: str) -> str:
        """Return a value for the secret `name` in place of `old`.

        The same for each that was equal.
        """
        if not old:
            return self.make_up(name)
        if old not in self._by_old:
            self._by_old[old] = self._like(old)
        return self._drawn(name, self._by_old[old])

    def make_up(self, name: str) -> str:
        """Return a value for a variable that has none, by what its name stands for."""
        kind = role(name)
        match kind:
            case Role.ROOT | Role.PASSWORD:
                return self._drawn(name, self._one(kind))
            case Role.SECRET | Role.OTHER:
                return self._drawn(name, self._one(name))
            case Role.USER:
                return f"student_{self._hex(kind)}"
            case Role.DATABASE:
                return f"exam_{self._hex(kind)}"
            case Role.HOST:
                return self._database
            case Role.URL:
                user, password, place = map(self.make_up, ("USER", "PASSWORD", "DATABASE"))
                return f"mysql+pymysql://{user}:{password}@{self._database}:3306/{place}"
            case _:
                return {
                    Role.LISTEN: "0.0.0.0",  # noqa: S104 - within its container
                    Role.PORT: "5000",
                    Role.DATABASE_PORT: "3306",
                    Role.OWNER: "1000",
                    Role.TAG: "latest",
                }[kind]

    def stand_in(self, name: str, *, structural: bool) -> str:
        """Return a value for a variable that nothing gives.

        A secret is drawn, so that servers start with it. Of all else Compose makes an empty text; a
        port, a user's number or an image's tag that the file depends on (`structural`) gets a usual
        value, or nothing of the file could be looked at.
        """
        if is_secret(name):
            return self.make_up(name)
        usual = {Role.PORT, Role.DATABASE_PORT, Role.OWNER, Role.TAG}
        return self.make_up(name) if structural and role(name) in usual else ""

    def in_urls(self, text: str) -> str:
        """`text` with each replaced password of a URL in it renewed, percent-encoded or not."""
        parts, at = [], 0
        for begin in BEFORE_PASSWORD.finditer(text):
            end = self._end_of_password(text, begin.end())
            if begin.end() >= at and end:
                old = text[begin.end() : end]
                new = self._by_old.get(old) or self._by_old[unquote_plus(old)]
                parts += [text[at : begin.end()], quote(new, safe="")]
                at = end
        return "".join([*parts, text[at:]])

    def _end_of_password(self, text: str, start: int) -> int:
        """Return where the replaced password ends that begins at `start`; 0 where there is none."""
        window = text[start : start + MAX_PASSWORD]
        for found in reversed(list(islice(re.finditer("@", window), 10))):
            old = window[: found.start()]
            if old in self._by_old or unquote_plus(old) in self._by_old:
                return start + found.start()
        return 0

    @property
    def new(self) -> AbstractSet[str]:
        """The new values."""
        return self._new

    def _like(self, old: str) -> str:
        new = self._random()
        if FERNET.fullmatch(old):
            return base64.urlsafe_b64encode(hashlib.sha256(new.encode()).digest()).decode()
        return new

    def _one(self, key: str) -> str:
        if key not in self._by_role:
            self._by_role[key] = self._random()
        return self._by_role[key]

    def _hex(self, kind: Role) -> str:
        return hashlib.sha256(self._one(kind).encode()).hexdigest()[:8]

    def _drawn(self, name: str, value: str) -> str:
        key = name
        while self.drawn.get(key, value) != value:  # two files may give a name two values
            key += "'"
        self.drawn[key] = value
        self._new.add(value)
        return value
