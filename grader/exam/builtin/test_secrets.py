"""`secrets.*`: what an app was given for one run is used, and kept."""

import pytest

from grader.exam.app import App
from grader.exam.contract.document import Operation
from grader.exam.disclosures import Disclosures, provoke
from grader.exam.keys import injected, literals, password_of
from grader.exam.leaks import Leak
from grader.exam.replay import counts, difference, first_counted
from grader.exam.signing import COMMON_KEYS, Token, common_key, signed_anew, unsigned
from grader.exam.snapshot import Snapshot
from grader.text import clip

STRANGE_KEY = "a key that nobody but this grader has drawn: 7Qm2xV"
TRIED = 10
"""Keys of tutorials that are tried on every app; each is a request."""


def known(token: Token) -> str:
    """Words for a key of tutorials that `token` is signed with; empty where it is none."""
    key = common_key(token)
    return f' that everybody tries first ("{key[:2]}…", {len(key)} characters)' if key else ""


@pytest.mark.criterion("secrets.from_environment")
def test_what_it_signs_is_signed_with_the_injected_key(
    secrets: dict[str, str], disclosures: Disclosures
) -> None:
    for token in disclosures.tokens:
        if name := password_of(token, secrets):
            pytest.fail(
                f"{token.what} of the app is signed with this run's {name}. A password is no key: "
                "whoever knows it makes sessions. Take SECRET_KEY from the environment."
            )
        if not injected(token, secrets):
            what = known(token) or " that is none of this run's"
            pytest.fail(
                f"{token.what} of the app is signed with a key{what}. Take SECRET_KEY from the "
                "environment."
            )


@pytest.mark.criterion("secrets.from_environment")
def test_it_logs_in_with_the_injected_password(app: App) -> None:
    if refused := app.refused_logins():
        service, user = refused[0].service, refused[0].user
        pytest.fail(
            f"{service} has refused the user {clip(user, 32)!r}: the password is not the one that "
            "the app was given. Take it from the environment."
        )


@pytest.mark.criterion("secrets.from_environment")
def test_a_session_counts_with_the_injected_key_only(
    app: App,
    secrets: dict[str, str],
    operations: tuple[Operation, ...],
    disclosures: Disclosures,
    submission: Snapshot,
) -> None:
    """Try what we sign, where some page shows a session's holder more than a stranger."""
    paths = ["/", *(one.path for one in operations if one.method == "GET" and not one.parameters)]
    tokens = [token for token in disclosures.tokens if injected(token, secrets)]
    found = difference(app, tokens, paths)
    if found is None:
        return
    name = injected(found.token, secrets)
    key = secrets[name]
    if counts(app, found, signed_anew(found.token, key, key)) is False:
        pytest.fail(
            f"{found.token.what} that is signed with this run's {name} is not accepted at "
            f"{found.path}: what the app checks is not signed with {name} alone."
        )
    stranger = signed_anew(found.token, key, STRANGE_KEY)
    for token, how in ((stranger, "signed with a key of our own"),
                       (unsigned(found.token), "without a signature")):  # fmt: skip
        if token and counts(app, found, token):
            pytest.fail(
                f"{found.token.what} {how} is accepted at {found.path}: anybody can write one. "
                "Verify the signature before you believe what it says."
            )
    others = [one for one in (*COMMON_KEYS[:TRIED], *literals(submission)) if one != key]
    forged = [signed_anew(found.token, key, one) for one in others]
    at = first_counted(app, found, forged)
    if at is not None:
        other = others[at]
        pytest.fail(
            f'{found.token.what} that we have signed with the key "{other[:2]}…" '
            f"({len(other)} characters) is accepted at {found.path}: only {name} may count. Leave "
            "out SECRET_KEY_FALLBACKS and any other key."
        )
    with app.changed(name) as probe:
        there = probe.client if probe.started else None
        still = there and counts(there, found, found.token, stranger=stranger)
    if still:
        pytest.fail(
            f"After {name} was changed, {found.token.what.lower()} from before still counts at "
            f"{found.path}: sessions have to end with the key that they were signed with."
        )


@pytest.mark.criterion("secrets.no_fallback")
def test_without_its_secrets_it_does_not_go_on(
    app: App,
    secrets: dict[str, str],
    operations: tuple[Operation, ...],
    disclosures: Disclosures,
) -> None:
    if app.refused_logins() or not all(injected(token, secrets) for token in disclosures.tokens):
        return  # it asks the environment for nothing to begin with: secrets.from_environment
    for name in sorted(secrets):
        strange, guessed = without(app, name, secrets, operations, disclosures)
        if strange:
            pytest.fail(
                f"Without {name} the app starts and signs with another key{known(strange[0])}. "
                f'Take the key from the environment without a default: os.environ["{name}"].'
            )
        if guessed:
            pytest.fail(
                f"Without {name} the app logs in with a password that it brings itself. "
                f'Take it from the environment without a default: os.environ["{name}"].'
            )


def without(
    app: App,
    name: str,
    secrets: dict[str, str],
    operations: tuple[Operation, ...],
    disclosures: Disclosures,
) -> tuple[list[Token], bool]:
    """Return what an app without the secret `name` signs with other keys, and whether it guesses.

    One that has ended by itself is not started again; one that goes on is heard.
    """
    if ended := app.seen_without(name):
        return [], ended.guessed
    with app.without(name) as probe:
        heard = Disclosures({})
        if probe.started and probe.client:
            listened = probe.client.listened(heard.hear)
            provoke(listened, operations)
            disclosures.repeat(listened)
    return [token for token in heard.tokens if not injected(token, secrets)], probe.guessed


@pytest.mark.criterion("secrets.runtime")
def test_no_secret_is_given_away(app: App, disclosures: Disclosures) -> None:
    found = [str(leak) for leak in disclosures.leaks.found]
    found += [str(Leak(**one)) for one in app.leaks()]
    if found:
        more = f" ({len(found) - 1} more)" if len(found) > 1 else ""
        pytest.fail(
            f"A secret of this run is given away: {found[0]}{more}. Show, log and save no "
            "passwords and keys; turn debug mode off, and give error pages of your own."
        )
