"""A container of a student's that does not start: whose fault that is, whatever the engine says."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
import requests
from docker.errors import APIError

from grader.app_spec import Limits
from grader.errors import DiskFull, EngineUnavailable, PlatformError
from grader.sandbox.container import AppContainer, CannotStart, ContainerSpec
from grader.sandbox.engine import Engine, translated

SAID = (
    'exec: "no space left on device": executable file not found in $PATH',
    "exec /app/app.py: exec format error",
    "unable to find user unexpected EOF: no matching entries in passwd file",
    "Cannot connect to the Docker daemon: error during connect",
    "rpc error: code = Unavailable desc = transport is closing",
    "invalid volume specification: '/': connection reset by peer",
    'chdir to cwd ("/is the docker daemon running") set in config.json failed',
    "no command specified",
    "",
)


class Api:
    """The engine's interface; one call of it is refused."""

    def __init__(self, refused: str, error: Exception) -> None:
        self._refused, self._error = refused, error
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Any:
        def call(*_: object, **__: object) -> dict[str, str]:
            self.calls.append(name)
            if name == self._refused:
                raise self._error
            return {"Id": "made"}

        return call


def container(api: Api, confirm: Any) -> AppContainer:
    recipe = ContainerSpec(image="i", network="n", env={}, limits=Limits(), labels={})
    engine = SimpleNamespace(client=SimpleNamespace(api=api))
    return AppContainer(cast("Engine", engine), recipe, confirm)


@pytest.mark.parametrize("said", SAID)
@pytest.mark.parametrize("refused", ["create_container", "start"])
def test_what_is_refused_is_the_students_once_the_platform_is_sound(
    said: str, refused: str
) -> None:
    """By no word of the refusal: it quotes what the student wrote."""
    confirmed: list[str] = []
    one = container(
        Api(refused, APIError("500", explanation=said)), lambda: confirmed.append("sound")
    )
    with pytest.raises(CannotStart, match=r"\A") as caught:
        one.start()
    assert str(caught.value) == said
    assert confirmed == ["sound"]


@pytest.mark.parametrize("said", SAID)
@pytest.mark.parametrize("fault", [DiskFull("full"), EngineUnavailable("gone"), PlatformError("x")])
def test_what_is_refused_is_the_platforms_where_that_is_not_sound(
    said: str, fault: PlatformError
) -> None:
    """Also where it reads as a student's mistake."""

    def confirm() -> None:
        raise fault

    with pytest.raises(type(fault)):
        container(Api("start", APIError("500", explanation=said)), confirm).start()


def test_what_could_not_be_made_can_be_started_again() -> None:
    """A suite goes on with an app that its image did not let come back."""
    api = Api("create_container", APIError("400", explanation="no"))
    one = container(api, lambda: None)
    one.id = "old"
    with pytest.raises(CannotStart):
        one.recreate()
    assert one.id == ""
    assert not one.state().running
    assert one.logs() == ""
    assert list(one.written_files()) == []
    assert one.user_ids() == set()
    for again in (one.kill, one.restart, one.recreate):
        with pytest.raises(CannotStart):
            again()
    assert "kill" not in api.calls
    assert "stop" not in api.calls


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (APIError("500", explanation="/x: no space left on device"), PlatformError),
        (APIError("500", explanation="connection reset by peer"), PlatformError),
        (OSError(28, "No space left on device"), DiskFull),
        (requests.ReadTimeout("read timed out"), EngineUnavailable),
        (requests.ConnectionError("no space left on device"), EngineUnavailable),
        (FileNotFoundError(2, "no such socket"), EngineUnavailable),
    ],
)
def test_an_error_of_the_engine_is_known_by_its_kind(
    error: Exception, kind: type[PlatformError]
) -> None:
    """Not by its words."""
    with pytest.raises(PlatformError) as caught, translated():
        raise error
    assert type(caught.value) is kind
