"""Each service that is a program of ours: the image that it asks for, the server it starts."""

from __future__ import annotations

from typing import Any

import pytest

from grader.model import BaseImage, ServiceSpec
from grader.sandbox.images import ResolvedImage
from grader.services.base import Service, ServiceImage
from grader.services.identity.service import IdentityService
from grader.services.mail.service import MailService
from grader.services.objects.service import ObjectService
from grader.services.payments.service import PaymentService
from grader.testing import fake_engine
from tests.unit.services.sql_servers import container, placement

OPTIONS = {
    "payments": {"webhook": "/hooks"},
    "identity": {"callback": "/callback"},
}
"""What an exam has to say of some of them."""


@pytest.mark.parametrize(
    ("service", "name", "maker", "wanted"),
    [
        (MailService(), "mail", "mail_image", "aiosmtpd"),
        (PaymentService(), "payments", "web_image", "h11"),
        (IdentityService(), "identity", "identity_image", "joserfc"),
        (ObjectService(), "objects", "objects_image", "moto"),
    ],
)
def test_it_takes_the_image_with_its_library_and_starts_a_program(
    monkeypatch: pytest.MonkeyPatch, service: Service, name: str, maker: str, wanted: str
) -> None:
    """The program runs as nobody, can write nothing, and has the service's name on its network."""
    base = BaseImage(reference=f"grader/{name}:trixie", packages="sha256:1")
    found = ResolvedImage(reference=name, image="made", substitution=None, base=base)
    monkeypatch.setattr(f"grader.sandbox.images.{maker}", lambda *_, **__: found)
    settings: Any = None
    spec = ServiceSpec(name=name, image="", options=tuple(OPTIONS.get(name, {}).items()))
    image = service.image(fake_engine(), spec, settings, lambda text: None)
    assert image == ServiceImage(image="made", wanted=wanted, base=base)

    made: list[tuple[str, dict[str, str], str, dict[str, Any]]] = []
    commands: list[list[str]] = []
    started: list[bool] = []

    def placed(image: str, environment: dict[str, str], alias: str, *_: object, **more: Any) -> Any:
        made.append((image, environment, alias, more))
        one = container(with_command=commands.append)
        one.start = lambda: started.append(True)
        return one

    monkeypatch.setattr("grader.services.double.server.placed", placed)
    server = service.start(image, spec, placement())
    assert started == [True]
    ((of, environment, alias, more),) = made
    assert (of, alias) == ("made", name)
    assert (more["user"], more["read_only"], more["cap_drop"]) == ("65534:65534", True, ["ALL"])
    assert server.tenant.values["host"] == name
    assert environment["GRADER_PASSWORD"] in server.secrets().values()
    ((*_, program),) = commands
    assert not [word for word in server.secrets().values() if word in program]
