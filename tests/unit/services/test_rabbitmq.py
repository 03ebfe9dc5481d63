"""What is read of a RabbitMQ server's answers, and what its users may do."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from grader.errors import PlatformError
from grader.sandbox.images.rabbitmq import LAYER
from grader.sandbox.images.recipes import ASSETS, Recipe
from grader.sandbox.images.references import ImageReference, counterpart
from grader.service_catalogue import built_in
from grader.services.base import NotClean, OutOfTime, Reusable, Server, Service
from grader.services.rabbitmq.access import ALL, NOTHING, RabbitAccess, RabbitUser, draw_writer
from grader.services.rabbitmq.admin import (
    ASK,
    MOST_BYTES,
    AdminRequest,
    RabbitAdmin,
    answer_to,
    path_of,
)
from grader.services.rabbitmq.administered import AdministeredRabbit
from grader.services.rabbitmq.operations import operations_of
from grader.services.rabbitmq.refusals import refusals_in
from grader.services.rabbitmq.reuse import ReusedRabbit
from grader.services.rabbitmq.server import DISK, MEMORY, PORT, RabbitServer, tenant_of
from grader.services.rabbitmq.service import RabbitService
from grader.services.rabbitmq.state import (
    FILES,
    PARTS,
    SESSIONS_PART,
    BrokerState,
    difference,
    foreign,
    state,
)
from grader.services.rabbitmq.users import create, password_hash, remove


def answered(status: int, body: Any) -> bytes:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return base64.b64encode(b"HTTP/1.1 %d X\r\nserver: Cowboy\r\n\r\n%s" % (status, text))


class Container:
    """An engine whose container answers each request with what `answers` has for its path."""

    def __init__(self, answers: dict[str, Any], *, code: int = 0, status: int = 200) -> None:
        self.answers = answers
        self.code = code
        self.status = status
        self.asked: list[list[str]] = []
        self.environment: dict[str, str] = {}
        self.changed: list[str] = []

    def exec_create(
        self, container: str, words: Sequence[str], *, environment: dict[str, str], stderr: bool
    ) -> dict[str, str]:
        assert container == "c"
        assert not stderr
        self.environment = environment
        self.asked += [list(words[at : at + 3]) for at in range(3, len(words), 3)]
        self._now = [words[at + 1] for at in range(3, len(words), 3)]
        return {"Id": "x"}

    def exec_start(self, started: str) -> bytes:
        found = [self.answers.get(path.split("?")[0]) for path in self._now]
        return b"".join(answered(self.status, one) + b"\n" for one in found)

    def exec_inspect(self, started: str) -> dict[str, int]:
        return {"ExitCode": self.code}


def admin(container: Container) -> RabbitAdmin:
    return RabbitAdmin(container, "secret-word")


class Lent:
    """A server of a run, without a container of its own."""

    def __init__(self, container: Container) -> None:
        self._admin = admin(container)
        self._container = container
        self.access = RabbitAccess.draw(reader=True)
        self.guest_access: tuple[RabbitAccess, ...] = ()
        self.writer: RabbitUser | None = None

    def ask(self, requests: Sequence[AdminRequest], *, seconds: float = 1) -> list[Any]:
        return self._admin.ask("c", requests, seconds=seconds)

    def get(self, *paths: str, seconds: float = 1) -> list[Any]:
        return self._admin.get("c", *paths, seconds=seconds)

    def changed_files(self) -> list[str]:
        return self._container.changed

    def begin(self, access: RabbitAccess) -> None:
        self.access = access


def lent(container: Container) -> AdministeredRabbit:
    return Lent(container)


# -- users -------------------------------------------------------------------------------------


def test_users_are_told_apart_and_their_passwords_hidden() -> None:
    one, other = RabbitAccess.draw(reader=True), RabbitAccess.draw("guest", reader=False)
    users = [*one.users, *other.users, draw_writer()]
    assert len({user.name for user in users}) == len({user.password for user in users}) == 4
    assert one.vhost != other.vhost
    for user in users:
        assert user.password not in repr(user)
    assert other.app.name.startswith("guest_")


def test_each_user_may_do_what_it_is_for() -> None:
    access, writer = RabbitAccess.draw(reader=True), draw_writer()
    reader = access.reader
    assert reader is not None
    assert (access.app.configure, access.app.write, access.app.read) == (ALL, ALL, ALL)
    assert (reader.configure, reader.write, reader.read) == (NOTHING, NOTHING, NOTHING)
    assert (writer.configure, writer.write, writer.read) == (NOTHING, ALL, ALL)
    assert dict(access.app.limits)["max-connections"] < 1000
    assert not reader.limits


def test_a_password_is_kept_as_rabbitmq_has_it() -> None:
    """Its salt, and the digest of salt and password."""
    found = base64.b64decode(password_hash("word", b"salt"))
    assert found == b"salt" + hashlib.sha256(b"saltword").digest()


def test_what_an_app_is_given_leads_to_its_virtual_host() -> None:
    access = RabbitAccess(vhost="exam_1", app=RabbitUser(name="student", password="word"))
    tenant = tenant_of(access)
    assert tenant.values["url"] == f"amqp://student:word@rabbitmq:{PORT}/exam_1"
    assert set(tenant.values) == {one.name for one in built_in()["rabbitmq"].placeholders}


def test_no_password_is_sent_to_the_container() -> None:
    """Hashes are: whoever lists processes there learns nothing."""
    container = Container({})
    server = lent(container)
    create(server, server.access)
    sent = json.dumps(container.asked)
    for user in server.access.users:
        assert user.name in sent
        assert user.password not in sent
    assert "secret-word" not in sent
    assert base64.b64decode(container.environment["GRADER_ASKS"]).endswith(b":secret-word")


def test_accounts_go_before_what_they_have() -> None:
    """So that nothing begins any more; what is gone already is no fault."""
    container = Container({}, status=404)
    server = lent(container)
    remove(server, [server.access], draw_writer())
    kinds = [one[1].split("/")[2] for one in container.asked]
    assert kinds == ["users", "users", "users", "vhosts"]
    assert {one[0] for one in container.asked} == {"DELETE"}


# -- the administrator -------------------------------------------------------------------------

ASKED = AdminRequest(method="GET", path="users")


def test_an_answer_is_the_value_that_it_holds() -> None:
    assert answer_to(ASKED, answered(200, [{"name": "x"}])) == [{"name": "x"}]
    assert answer_to(ASKED, answered(204, b"")) is None


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (answered(401, {"error": "not_authorized"}), PlatformError),
        (answered(200, b"<html>"), PlatformError),
        (answered(200, b"[" * 100_000), PlatformError),
        (b"", PlatformError),
        (base64.b64encode(b"nonsense"), PlatformError),
        (answered(200, b" " * MOST_BYTES), OutOfTime),
    ],
)
def test_what_is_no_answer_is_told(raw: bytes, kind: type[PlatformError]) -> None:
    with pytest.raises(kind):
        answer_to(ASKED, raw)


@pytest.mark.parametrize(
    ("code", "kind"), [(137, OutOfTime), (124, OutOfTime), (7, PlatformError), (1, PlatformError)]
)
def test_a_door_that_does_not_answer_is_told(code: int, kind: type[PlatformError]) -> None:
    """What runs out of its time is the app's doing."""
    with pytest.raises(kind) as found:
        admin(Container({}, code=code)).get("c", "users")
    assert isinstance(found.value, OutOfTime) == (kind is OutOfTime)


def test_a_mark_of_the_log_is_a_refused_name() -> None:
    """So that it stands in the log after what was refused before, and nobody is let in by it."""
    container = Container({}, status=401)
    admin(container).mark_log("c", "mark-1")
    assert base64.b64decode(container.environment["GRADER_ASKS"]) == b"mark-1:mark-1"
    container.status = 200
    with pytest.raises(PlatformError):
        admin(container).mark_log("c", "mark-1")


def test_names_are_quoted_in_paths() -> None:
    assert path_of("queues", "a/b ?#ä") == "queues/a%2Fb%20%3F%23%C3%A4"


def test_the_script_of_the_image_is_what_is_run() -> None:
    container = Container({"/api/users": []})
    assert admin(container).get("c", "users") == [[]]
    assert Path(ASK).name.removeprefix("rabbitmq-") in LAYER
    for name in LAYER:
        assert (ASSETS / "rabbitmq" / name).is_file()


# -- refused log-ins ---------------------------------------------------------------------------


def entry(said: str) -> str:
    return json.dumps({"time": "2026-11-29", "level": "error", "msg": said, "pid": "<0.936.0>"})


def refused(user: str, why: str = "- invalid credentials", host: str = "172.18.0.3") -> str:
    return entry(
        f"Error on AMQP connection <0.936.0> ({host}:57816 -> 172.18.0.2:5672, state: starting):\n"
        f"PLAIN login refused: user '{user}' {why}"
    )


BLANK = "attempted to log in with a blank password, which is prohibited by the internal authN"


@pytest.mark.parametrize(
    ("user", "why", "guessed"),
    [
        ("student_1", "- invalid credentials", True),
        ("student_1", BLANK, False),
        ("a' - invalid credentials\nx", "- invalid credentials", True),
        ("x\nError on AMQP connection <0.1.0> (1.2.3.4:5 -> ", "- invalid credentials", True),
        ("u" * 3000, "- invalid credentials", True),
    ],
)
def test_refusals_tell_who_came_from_where(user: str, why: str, *, guessed: bool) -> None:
    """No name that a client gives hides another's, or where it came from."""
    (found,) = refusals_in([refused(user, why)])
    assert found.user == user[:400]
    assert (found.host, found.guessed) == ("172.18.0.3", guessed)


@pytest.mark.parametrize(
    "line",
    [
        refused("x", host="127.0.0.1"),
        entry("PLAIN login refused: user 'x' - invalid credentials"),
        "PLAIN login refused: user 'x' - invalid credentials",
        "[" * 5000 + "login refused",
        '"login refused"',
        entry("accepting AMQP connection <0.1.0> (172.18.0.3:1 -> 172.18.0.2:5672)"),
    ],
)
def test_what_is_no_refusal_is_left_out(line: str) -> None:
    assert refusals_in([line]) == ()


# -- what is kept ------------------------------------------------------------------------------

NEW = {
    "/api/users": [{"name": "practical-exam-grader"}],
    "/api/overview": {"cluster_name": "rabbit@x", "queue_totals": {}},
    "/api/nodes": [{"name": "rabbit@localhost", "mem_limit": 1, "mem_used": 5}],
    "/api/": 0,
}


def test_a_state_has_each_part_and_no_counters() -> None:
    first, second = lent(Container(NEW)), lent(Container(NEW))
    found = state(first)
    assert set(found.parts) == {*PARTS, SESSIONS_PART, FILES}
    assert "mem_used" not in found.parts["settings and plugins"]
    assert state(second) == found


@pytest.mark.parametrize(
    ("path", "value", "what"),
    [
        ("/api/users", [{"name": "practical-exam-grader"}, {"name": "x"}], "accounts"),
        ("/api/operator-policies", [{"name": "x"}], "policies"),
        ("/api/nodes", [{"name": "rabbit@localhost", "mem_limit": 2}], "settings and plugins"),
        ("/api/", 3, "sessions"),
        ("/api/bindings", [{"source": "x"}], "bindings"),
        ("/api/health/checks/alarms", {"status": "failed", "reason": "x"}, "alarms"),
    ],
)
def test_a_difference_names_parts_and_no_values(path: str, value: Any, what: str) -> None:
    found = difference(state(lent(Container(NEW))), state(lent(Container({**NEW, path: value}))))
    assert found == what


def test_files_are_those_that_are_not_the_servers_own() -> None:
    paths = ["/var", "/var/lib", "/var/lib/grader-rabbitmq/x", "/tmp/y", "/etc/passwd", "/run/z"]
    assert foreign(paths) == ["/etc/passwd"]
    before = BrokerState({FILES: "[]"})
    assert difference(before, BrokerState({FILES: "['/etc/passwd']"})) == FILES


def test_a_server_that_differs_is_not_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is as it was gets new users."""
    monkeypatch.setattr("grader.services.rabbitmq.reuse.SETTLING_SECONDS", 0.05)
    container = Container(NEW)
    server = lent(container)
    kept = ReusedRabbit(server)
    before = server.access
    kept.admit()
    assert server.access.vhost != before.vhost
    container.status = 204
    kept.clean()
    container.answers = {**NEW, "/api/policies": [{"name": "x"}]}
    with pytest.raises(NotClean, match="policies"):
        kept.clean()


def test_a_server_with_a_connection_is_not_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.services.rabbitmq.reuse.ENDING_SECONDS", 0.05)
    with pytest.raises(NotClean, match="did not end"):
        ReusedRabbit(lent(Container({**NEW, "/api/": 1})))


def test_a_suite_may_ask_for_queues_and_for_a_writer() -> None:
    """What is listed has the app's own virtual host, and no more than is needed."""
    container = Container({})
    server = lent(container)
    vhost = server.access.vhost
    container.answers = {
        f"/api/queues/{vhost}": [{"name": "jobs", "messages_ready": 2, "node": "x"}]
    }
    hidden: list[dict[str, str]] = []
    found = operations_of(server, lambda names: hidden.append(dict(names)))
    assert set(found) == {"queues", "writer"}
    (queue,) = found["queues"]()
    assert (queue["name"], queue["messages_ready"]) == ("jobs", 2)
    assert "node" not in queue
    made = found["writer"]()
    assert hidden == [{"RABBITMQ_WRITER_PASSWORD": made["password"]}]
    assert found["writer"]() == made


def test_rabbitmq_is_a_service_whose_servers_can_be_lent() -> None:
    assert issubclass(RabbitService, Service)
    assert issubclass(ReusedRabbit, Reusable)
    assert issubclass(RabbitServer, Server)


@pytest.mark.parametrize(
    ("image", "made"),
    [
        ("rabbitmq", "grader/rabbitmq:4"),
        ("rabbitmq:3", "grader/rabbitmq:3"),
        ("rabbitmq:3.13-management-alpine", "grader/rabbitmq:3"),
        ("rabbitmq:4.1", "grader/rabbitmq:4"),
        ("rabbitmq:management", "grader/rabbitmq:4"),
        ("docker.io/library/rabbitmq:9", "grader/rabbitmq:4"),
    ],
)
def test_each_image_has_a_counterpart(image: str, made: str) -> None:
    """The version that is asked for, else the nearest newer, else the newest."""
    found = counterpart(ImageReference.parse(image))
    assert isinstance(found, Recipe)
    assert found.tag == made


@pytest.mark.parametrize(
    ("image", "taken"),
    [
        ("rabbitmq:3", True), ("rabbitmq:4.1-management", True), ("rabbitmq", True),
        ("rabbitmq:2", False), ("rabbitmq:1.8", False), ("redis:7", False),
    ],
)  # fmt: skip
def test_images_of_the_exam_are_rabbitmqs(image: str, taken: bool) -> None:
    pattern = built_in()["rabbitmq"].options["properties"]["image"]["pattern"]
    assert bool(re.search(pattern, image)) == taken


def test_bounds_of_the_server_leave_room_on_its_disk() -> None:
    """Publishers wait before its disk in memory is full, and before its container is."""
    text = (ASSETS / "rabbitmq" / "grader.conf").read_text("utf-8")
    settings = dict(re.findall(r"^([\w.]+) = (\S+)$", text, re.MULTILINE))
    free = int(settings["disk_free_limit.absolute"].removesuffix("MB")) * 1_000_000
    memory = int(settings["vm_memory_high_watermark.absolute"].removesuffix("MB")) * 1_000_000
    room = DISK - free
    assert room > 16 * int(settings["max_message_size"])
    # it looks after twice the time in which 250 MB/s would fill the room; others are quicker
    between = 2 * room / 250e6
    assert between * 500e6 < DISK
    assert DISK + memory < MEMORY * 3 / 4
    assert settings["management.tcp.ip"] == "127.0.0.1"


def test_a_fake_of_a_server_has_what_a_server_has() -> None:
    """The tests above look at the real thing's names."""
    assert {name for name in vars(Lent) if not name.startswith("_")} <= {*dir(RabbitServer)}
