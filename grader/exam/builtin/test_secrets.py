"""`secrets.*`: what an app was given for one run is used, and kept."""

import pytest

from grader.exam.app import App
from grader.exam.contract.document import Operation
from grader.exam.disclosures import Disclosures, provoke
from grader.exam.leaks import Leak
from grader.exam.signing import common_key, signed_in, verifies


def injected(token: str, secrets: dict[str, str]) -> bool:
    """Whether `token` is signed with a key of this run."""
    return any(verifies(token, value) for value in secrets.values())


@pytest.mark.criterion("secrets.no_fallback")
def test_without_its_secrets_it_does_not_go_on(
    app: App, secrets: dict[str, str], operations: tuple[Operation, ...]
) -> None:
    for name in sorted(secrets):
        with app.without(name) as beside:
            heard = Disclosures({})
            if beside.started and beside.client:
                provoke(beside.client.listened(heard.hear), operations)
        strange = [token for token in heard.tokens if not injected(token, secrets)]
        if strange:
            key = common_key(strange[0])
            known = f", {key!r}, which everybody tries first" if key else ""
            pytest.fail(
                f"Without {name} the app starts and signs with another key{known}. Take the key "
                f'from the environment without a default: os.environ["{name}"].'
            )
        if beside.guessed:
            pytest.fail(
                f"Without {name} the app logs in to MySQL with a password that it brings itself. "
                f'Take it from the environment without a default: os.environ["{name}"].'
            )


@pytest.mark.criterion("secrets.from_environment")
def test_what_it_signs_is_signed_with_the_injected_key(
    app: App,
    secrets: dict[str, str],
    operations: tuple[Operation, ...],
    disclosures: Disclosures,
) -> None:
    provoke(app, operations)
    for token in disclosures.tokens:
        if injected(token, secrets):
            continue
        what = "A session cookie" if signed_in([f"session={token}"], []) else "A token"
        if key := common_key(token):
            pytest.fail(
                f"{what} of the app is signed with the key {key!r}, which everybody tries first. "
                "Take SECRET_KEY from the environment."
            )
        pytest.fail(
            f"{what} of the app is signed with a key that is none of this run's. Take SECRET_KEY "
            "from the environment."
        )


@pytest.mark.criterion("secrets.runtime")
def test_no_secret_is_given_away(
    app: App, operations: tuple[Operation, ...], disclosures: Disclosures
) -> None:
    provoke(app, operations)
    leaks = disclosures.leaks
    leaks.look(app.logs().encode(), "the app's log")
    found = [str(leak) for leak in leaks.found]
    found += [str(Leak(**one)) for one in app.leaks_in_files()]
    if found:
        more = f" ({len(found) - 1} more)" if len(found) > 1 else ""
        pytest.fail(
            f"A secret of this run is given away: {found[0]}{more}. Show, log and save no "
            "passwords and keys; turn debug mode off, and give error pages of your own."
        )
