"""What stands for the values of the exam's services while a Compose file is read."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from grader.model import ServiceSpec
from grader.run.compose.stand_ins import StandIns, filled
from grader.run.environment.layout import RunningService
from grader.service_catalogue import built_in

MAIL = ServiceSpec(name="mail")


def running(**values: str) -> RunningService:
    server = SimpleNamespace(tenant=SimpleNamespace(values=values))
    return cast("RunningService", SimpleNamespace(manifest=built_in()["mail"], server=server))


def test_names_and_ports_are_known_all_else_is_drawn() -> None:
    """A Compose file may say more of a host that it knows."""
    found = StandIns.draw([MAIL])
    assert found.values["mail.host"] == "mail"
    assert found.values["mail.port"] == str(built_in()["mail"].port)
    assert len(found.values["mail.password"]) == 32
    assert found.values["mail.url"] != StandIns.draw([MAIL]).values["mail.url"]
    assert found.hidden == {"mail.password", "mail.url"}


def test_each_stands_for_what_the_service_gives() -> None:
    """In texts, lists and mappings; keys stay."""
    drawn = StandIns.draw([MAIL])
    url, user = drawn.values["mail.url"], drawn.values["mail.user"]
    real = drawn.real([running(host="mail", url="smtp://app:pw@mail:1025", user="app")])
    written: dict[str, Any] = {
        "environment": {"MAIL_URL": url, "USER": f"<{user}>", url: "key"},
        "command": ["send", f"--to={url}"], "mem_limit": 5, "none": None,
    }  # fmt: skip
    assert filled(written, real) == {
        "environment": {"MAIL_URL": "smtp://app:pw@mail:1025", "USER": "<app>", url: "key"},
        "command": ["send", "--to=smtp://app:pw@mail:1025"], "mem_limit": 5, "none": None,
    }  # fmt: skip


def test_without_services_nothing_changes() -> None:
    written = {"a": ["b"]}
    assert filled(written, StandIns().real([])) is written
