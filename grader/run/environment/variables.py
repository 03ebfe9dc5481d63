"""The values that an app is given: those of its services, new secrets, and what the seed draws."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence

from grader.exam.draw import Draw
from grader.run.context import RunContext
from grader.run.environment.layout import Environment
from grader.run.tls import tls_values
from grader.service_catalogue import PLACEHOLDER
from grader.services.base import Tenant


def app_variables(
    context: RunContext, environment: Environment, guests: Sequence[Tenant] | None = None
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the app's variables, and those of their values that are secret, by name.

    With what `guests` have, one for each service, in the place of the run's own.
    """
    values: dict[str, str] = {}
    hidden = set[str]()
    tenants = [one.server.tenant for one in environment.services] if guests is None else guests
    for service, tenant in zip(environment.services, tenants, strict=True):
        name = service.manifest.name
        values |= {f"{name}.{key}": value for key, value in tenant.values.items()}
        hidden |= service.manifest.secret_values
    whose = f" of {' and '.join(one.user for one in guests)}" if guests else ""
    return fill(context, values, hidden, whose=whose)


def fill(
    context: RunContext, values: Mapping[str, str], hidden: Collection[str] = (), *,
    whose: str = "",
) -> tuple[dict[str, str], dict[str, str]]:  # fmt: skip
    """Return the challenge's `app.env` with `values` and new secrets filled in; its secret part.

    Secrets are new for each run, and so are the values named in `hidden`; what is drawn without
    being one comes from the run's seed. `whose` tells those of one app from those of another.
    """
    values = {**tls_values(context.challenge), **values}
    filled, secret = {}, {}
    for name, template in context.challenge.app.env.items():
        used = PLACEHOLDER.findall(template)
        for key in used:
            if key.startswith("secret."):
                values[key] = context.redactor.drawn.setdefault(key, secrets.token_urlsafe(32))
            elif key.startswith("draw."):
                values.setdefault(key, Draw(f"{context.seed}:{key}").word())
        filled[name] = PLACEHOLDER.sub(lambda found: values[found[1]], template)
        if any(key.startswith("secret.") or key in hidden for key in used):
            secret[name] = filled[name]
    known = context.redactor.secrets.values() if whose else ()
    context.redactor.hide(
        {f"{key}{whose}": value for key, value in secret.items() if value not in known}
    )
    return filled, secret
