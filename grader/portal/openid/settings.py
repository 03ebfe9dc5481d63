"""How people sign in, as the environment says: by password, at a provider, or both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from grader.errors import UsageError
from grader.portal.care.mail_server import ADDRESS, LOOPBACK
from grader.text import clean, clip

DISCOVERY = "GRADER_PORTAL_OIDC"
CLIENT = "GRADER_PORTAL_OIDC_CLIENT"
SECRET_FILE = "GRADER_PORTAL_OIDC_SECRET_FILE"  # noqa: S105 - the name of a variable
NAME = "GRADER_PORTAL_OIDC_NAME"
LINK = "GRADER_PORTAL_OIDC_LINK"
CREATE = "GRADER_PORTAL_OIDC_CREATE"
LOCAL = "GRADER_PORTAL_LOCAL_SIGN_IN"
WELL_KNOWN = "/.well-known/openid-configuration"
CALLBACK = "/sign-in/openid/callback"
"""Where the provider sends people back to; what a client is registered with."""
EVERYBODY, ADMINISTRATORS = "everybody", "administrators"
LONGEST_NAME = 60


@dataclass(frozen=True, kw_only=True)
class ProviderSettings:
    """An OpenID Connect provider, and what its word is worth here."""

    discovery: str
    """The address of its metadata."""
    client: str
    """What it knows this portal by."""
    secret_file: Path
    name: str
    """What people call it."""
    portal: str
    """The portal's own address."""
    link: bool = False
    """Whether an account is linked at the first sign-in by a verified e-mail address."""
    create: bool = False
    """Whether an account is made at the first sign-in of somebody who has none."""

    @property
    def redirect_uri(self) -> str:
        """Where it sends people back to."""
        return self.portal + CALLBACK

    def secret(self) -> str:
        """Return the client's secret. Raises `UsageError` where there is none."""
        try:
            found = self.secret_file.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            msg = f"The file that {SECRET_FILE} names cannot be read: {error}."
            raise UsageError(msg) from error
        if not found:
            msg = (
                f"{self.secret_file}, which {SECRET_FILE} names, is empty: write the secret there."
            )
            raise UsageError(msg)
        return found


@dataclass(frozen=True, kw_only=True)
class SignInSettings:
    """How people sign in."""

    provider: ProviderSettings | None = None
    local: bool = True
    """Whether passwords are for everybody; otherwise for administrators alone."""

    def takes_password(self, *, administrator: bool) -> bool:
        """Return whether somebody may sign in by a password."""
        return self.local or administrator

    @property
    def elsewhere(self) -> str:
        """Say where people sign in who may not do so by a password."""
        name = self.provider.name if self.provider else "the provider"
        return f"Passwords are for administrators here. Sign in with {name} on the sign-in page."


def sign_in_settings(environment: Mapping[str, str]) -> SignInSettings:
    """Return how people sign in by `environment`. Raises `UsageError` that names the variable."""
    provider = _provider(environment)
    local = environment.get(LOCAL, "") or EVERYBODY
    if local not in {EVERYBODY, ADMINISTRATORS}:
        msg = f"{LOCAL} has to be {EVERYBODY} or {ADMINISTRATORS}."
        raise UsageError(msg)
    if local == ADMINISTRATORS and provider is None:
        msg = (
            f"With {LOCAL}={ADMINISTRATORS} nobody else could sign in: name an OpenID Connect "
            f"provider in {DISCOVERY}, too."
        )
        raise UsageError(msg)
    return SignInSettings(provider=provider, local=local == EVERYBODY)


def is_protected(address: str) -> bool:
    """Return whether `address` is one of https, or of this machine."""
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return False
    if not host or parts.username or parts.password or parts.fragment:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)


def _provider(environment: Mapping[str, str]) -> ProviderSettings | None:
    discovery = environment.get(DISCOVERY, "")
    if not discovery:
        return None
    if not is_protected(discovery) or not discovery.endswith(WELL_KNOWN):
        msg = (
            f"{DISCOVERY} has to be the provider's discovery address, like "
            f"https://login.school.example{WELL_KNOWN}; http:// is for this machine alone."
        )
        raise UsageError(msg)
    client, secret = environment.get(CLIENT, ""), environment.get(SECRET_FILE, "")
    if not client or not secret:
        msg = (
            "Name what the provider knows this portal by: the client's id in "
            f"{CLIENT}, and a file with its secret in {SECRET_FILE}."
        )
        raise UsageError(msg)
    portal = environment.get(ADDRESS, "").rstrip("/")
    if not is_protected(portal):
        msg = (
            f"To send people back from the provider, name the portal's own address in {ADDRESS}, "
            "like https://exams.school.example; http:// is for this machine alone."
        )
        raise UsageError(msg)
    name = clip(clean(environment.get(NAME, "")), LONGEST_NAME).strip()
    found = ProviderSettings(
        discovery=discovery, client=client, secret_file=Path(secret), portal=portal,
        name=name or urlsplit(discovery).hostname or "", link=_switch(environment, LINK),
        create=_switch(environment, CREATE),
    )  # fmt: skip
    found.secret()  # what is missing is said at the start, and not to a student
    return found


def _switch(environment: Mapping[str, str], variable: str) -> bool:
    said = environment.get(variable, "")
    if said not in {"", "0", "1"}:
        msg = f"{variable} has to be 1 or 0."
        raise UsageError(msg)
    return said == "1"
