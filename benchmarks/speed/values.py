"""The values that the naive way gives to an app, as challenge.yml names them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from benchmarks.speed.services import NaiveService
from grader.exam.draw import Draw
from grader.exam.protocol import InjectedValues
from grader.model import Challenge
from grader.service_catalogue import PLACEHOLDER


def app_variables(
    challenge: Challenge, seed: int, services: Sequence[NaiveService]
) -> tuple[dict[str, str], InjectedValues]:
    """Return the app's variables, and what the suite is told of them.

    As in a grade: secrets are new for each run, what is drawn comes from the seed.
    """
    values, hidden = dict[str, str](), set[str]()
    for one in services:
        own = one.server.tenant.values.items()
        values |= {f"{one.manifest.name}.{key}": value for key, value in own}
        hidden |= one.manifest.secret_values
    filled, secret = dict[str, str](), dict[str, str]()
    for name, template in challenge.app.env.items():
        used = PLACEHOLDER.findall(template)
        for key in used:
            if key.startswith("secret."):
                values.setdefault(key, secrets.token_urlsafe(32))
            elif key.startswith("draw."):
                values.setdefault(key, Draw(f"{seed}:{key}").word())
        filled[name] = PLACEHOLDER.sub(lambda found: values[found[1]], template)
        if any(key.startswith("secret.") or key in hidden for key in used):
            secret[name] = filled[name]
    return filled, InjectedValues.of(filled, secret)
