"""Sign-ins that a browser has begun, kept in its own signed session until it comes back."""

from __future__ import annotations

import time
from collections.abc import MutableMapping
from typing import Any

from authlib.integrations.flask_client import FlaskIntegration

KEY = "openid"
SECONDS = 600
"""How long somebody may take at the provider."""
MOST = 3
"""Sign-ins of one browser at a time; a cookie has no room for many."""
KEPT = ("redirect_uri", "code_verifier", "nonce", "target")


class Attempts(FlaskIntegration):  # type: ignore[misc]  # Authlib has no types
    """Keeps what Authlib needs once the browser comes back: each is good for once."""

    def set_state_data(
        self, session: MutableMapping[str, Any], state: str, data: dict[str, Any]
    ) -> None:
        """Keep what belongs to `state`; the oldest make room."""
        kept = {name: data[name] for name in KEPT if name in data}
        begun = self._begun(session) | {state: {"at": time.time(), "data": kept}}
        latest = sorted(begun, key=lambda one: float(begun[one]["at"]))[-MOST:]
        session[KEY] = {one: begun[one] for one in latest}

    def get_state_data(
        self, session: MutableMapping[str, Any], state: str | None
    ) -> dict[str, Any] | None:
        """Return what belongs to `state`; None where this browser has not begun it just now."""
        found = self._begun(session).get(state or "")
        return None if found is None else found["data"]

    def clear_state_data(self, session: MutableMapping[str, Any], state: str | None) -> None:
        """Have `state` be used."""
        begun = self._begun(session)
        begun.pop(state or "", None)
        session[KEY] = begun

    def _begun(self, session: MutableMapping[str, Any]) -> dict[str, Any]:
        now = time.time()
        found = session.get(KEY, {})
        return {state: one for state, one in found.items() if 0 <= now - one["at"] < SECONDS}
