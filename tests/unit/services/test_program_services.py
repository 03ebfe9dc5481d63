"""Each service that is a program of ours: the image that it asks for, the server it starts."""

from __future__ import annotations

from typing import Any

import pytest

from grader.model import ServiceSpec
from grader.sandbox.images import ResolvedImage
from grader.sandbox.images.packaged import PackagedImage
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
    ("service", "name", "recipe", "program"),
    [
        (MailService(), "mail", "grader/mail:trixie", "aiosmtpd"),
        (PaymentService(), "payments", "grader/web:trixie", "h11"),
        (IdentityService(), "identity", "grader/identity:trixie", "joserfc"),
        (ObjectService(), "objects", "grader/objects:trixie", "moto"),
    ],
)
def test_it_takes_the_image_with_its_library_and_starts_a_program(
    monkeypatch: pytest.MonkeyPatch, service: Service, name: str, recipe: str, program: str
) -> None:
    """The program runs as nobody, can write nothing, and has the service's name on its network."""

    def obtain(image: PackagedImage, *_: object, **__: object) -> ResolvedImage:
        return ResolvedImage(reference=image.program, image="made", substitution=None)

    monkeypatch.setattr(PackagedImage, "obtain", obtain)
    settings: Any = None
    spec = ServiceSpec(name=name, image="", options=tuple(OPTIONS.get(name, {}).items()))
    assert service.wanted(spec).name == recipe
    image = service.image(fake_engine(), spec, settings, lambda text: None)
    assert image == ServiceImage(image="made", wanted=program)

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
