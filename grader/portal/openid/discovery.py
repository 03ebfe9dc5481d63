"""What a provider says of itself, and what of it is taken."""

from __future__ import annotations

from typing import Any

from grader.portal.openid.settings import WELL_KNOWN, is_protected

ALGORITHMS = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
)  # fmt: skip
"""How ID tokens may be signed: with a key of the provider's own, which nobody else has."""
USUAL = "RS256"
"""What every provider has to know."""
NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")
SECRET_WAYS = ("client_secret_basic", "client_secret_post")
"""How the client's secret is shown, the better way first."""


class MetadataUnusable(ValueError):
    """What a provider says of itself cannot be used; the message is for the operator."""


def usable_metadata(discovery: str, told: Any) -> dict[str, Any]:
    """Return what is taken of the metadata `told` at `discovery`. Raises `MetadataUnusable`.

    Authlib hands all of it to its session as options, and trusts whatever algorithm it names:
    what is not known here is left out.
    """
    if not isinstance(told, dict):
        msg = "the metadata is no JSON object"
        raise MetadataUnusable(msg)
    issuer = told.get("issuer")
    if not isinstance(issuer, str) or issuer.rstrip("/") != discovery.removesuffix(WELL_KNOWN):
        msg = "the issuer is another one than that of the discovery address"
        raise MetadataUnusable(msg)
    found: dict[str, Any] = {"issuer": issuer}
    for name in NEEDED:
        if not _is_endpoint(told.get(name)):
            msg = f"{name} is missing, or not of https"
            raise MetadataUnusable(msg)
        found[name] = told[name]
    if _is_endpoint(told.get("userinfo_endpoint")):
        found["userinfo_endpoint"] = told["userinfo_endpoint"]
    signed = _words(told, "id_token_signing_alg_values_supported") or [USUAL]
    algorithms = [one for one in ALGORITHMS if one in signed]
    if not algorithms:
        msg = f"ID tokens are signed in no way of {', '.join(ALGORITHMS)}"
        raise MetadataUnusable(msg)
    found["id_token_signing_alg_values_supported"] = algorithms
    ways = _words(told, "token_endpoint_auth_methods_supported") or [SECRET_WAYS[0]]
    chosen = [one for one in SECRET_WAYS if one in ways]
    if not chosen:
        msg = f"the token endpoint takes a secret in no way of {', '.join(SECRET_WAYS)}"
        raise MetadataUnusable(msg)
    found["token_endpoint_auth_method"] = chosen[0]
    return found


def _is_endpoint(address: object) -> bool:
    return isinstance(address, str) and is_protected(address)


def _words(told: dict[str, Any], name: str) -> list[str]:
    value = told.get(name)
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
