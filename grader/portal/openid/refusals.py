"""Why nobody is signed in: sentences for people that say what to do next."""

from __future__ import annotations

from grader.portal.errors import ActionRefused

AGAIN = "Start again with the button below."
BY_CLAIM = {
    "aud": "it was made for another application",
    "azp": "it was made for another application",
    "iss": "it comes from another provider",
    "nonce": "it belongs to another sign-in",
    "exp": "it has expired; if this stays, a clock is wrong, on the portal's machine or there",
    "iat": "it was made in the future; a clock is wrong, on the portal's machine or there",
    "nbf": "it is not valid yet; a clock is wrong, on the portal's machine or there",
    "sub": "it does not say who you are",
}
MISTAKES = {"invalid_client", "unauthorized_client", "unsupported_response_type",
            "unsupported_grant_type", "invalid_scope", "invalid_request"}  # fmt: skip
"""Errors of a client that is registered otherwise than the portal is configured."""
BUSY = {"server_error", "temporarily_unavailable"}


class SignInRefused(ActionRefused):
    """Nobody is signed in; the message is for the person, `status` for the answer."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


def away(name: str) -> SignInRefused:
    """Return what is raised where the provider does not answer."""
    said = f"{name} does not answer just now. Try again in a minute; nothing is lost meanwhile."
    return SignInRefused(said, 503)


def stale(name: str) -> SignInRefused:
    """Return what is raised for an answer to nothing that this browser has begun."""
    said = (
        f"This sign-in with {name} was used before, took longer than ten minutes, or began in "
        f"another browser. {AGAIN}"
    )
    return SignInRefused(said, 401)


def misconfigured(name: str) -> SignInRefused:
    """Return what is raised where the operator has something to do."""
    said = (
        f"{name} and this portal do not fit together: that is for the portal's operator, who finds "
        "the reason in the log of the pages. Tell your instructor."
    )
    return SignInRefused(said, 502)


def refused(name: str, error: str) -> SignInRefused:
    """Return what is raised for an error of the provider's, by its code."""
    if error == "access_denied":
        return SignInRefused(f"{name} has not let you in, or you have stopped there. {AGAIN}", 401)
    if error == "invalid_grant":
        said = f"The answer of {name} was used before, or is too old. {AGAIN}"
        return SignInRefused(said, 401)
    if error in BUSY:
        return away(name)
    if error in MISTAKES:
        return misconfigured(name)
    return SignInRefused(f"{name} has not signed you in. {AGAIN}", 401)


def untrusted(name: str, claim: str) -> SignInRefused:
    """Return what is raised for an answer that is not to be believed, by what is wrong with it."""
    why = BY_CLAIM.get(claim, "its signature or its form is wrong")
    said = f"The answer of {name} is not to be trusted: {why}. You are not signed in. {AGAIN}"
    return SignInRefused(said, 502)
