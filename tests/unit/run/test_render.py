"""The Compose file that the grader writes: the student's meaning, the exam's limits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from grader.app_spec import Limits
from grader.inspect.compose.project import (
    ComposeImage,
    ComposeService,
    Condition,
    Dependency,
    HealthCheck,
    Mount,
    MountKind,
    Port,
    Project,
    ServiceEnvironment,
    ServiceLifecycle,
    ServiceLines,
    ServiceNetworking,
    ServiceProcess,
)
from grader.inspect.compose.replicas import expanded
from grader.run.compose.render import (
    ComposeRendering,
    ProjectResources,
    RenderedDatabase,
    RenderedProbe,
    render,
)

WEB = ComposeService(
    name="web",
    lines=ServiceLines(own=1),
    process=ServiceProcess(command=("python", "app.py")),
    environment=ServiceEnvironment(values={"DB_HOST": "db", "SECRET_KEY": "$x"}),
    networking=ServiceNetworking(
        ports=(Port(target=5000, published="5000"),), networks={"back": ("board",)}
    ),
    lifecycle=ServiceLifecycle(
        depends_on=(
            Dependency(service="db", condition=Condition.HEALTHY),
            Dependency(service="adminer"),
        ),
        restart="always",
    ),
    mounts=(
        Mount(kind=MountKind.BIND, source="src", target="/app"),
        Mount(kind=MountKind.TMPFS, target="/run/x"),
    ),
)
DB = ComposeService(
    name="db",
    lines=ServiceLines(own=9),
    image=ComposeImage(reference="mariadb:11"),
    environment=ServiceEnvironment(values={"MARIADB_DATABASE": "board"}),
    networking=ServiceNetworking(networks={"back": ()}),
    lifecycle=ServiceLifecycle(
        healthcheck=HealthCheck(test=("CMD", "true"), interval=0.001, timeout=90, retries=1000),
        restart="always",
    ),
    mounts=(Mount(kind=MountKind.VOLUME, source="data", target="/var/lib/mysql"),),
)
PROJECT = Project(
    path="compose.yml",
    services={
        "web": WEB,
        "db": DB,
        "adminer": ComposeService(
            name="adminer", lines=ServiceLines(own=20), image=ComposeImage(reference="adminer")
        ),
    },
    volumes=("data", "unused"),
    networks=("back",),
)


RESOURCES = ProjectResources(
    images={"web": "sha256:1", "db": "sha256:2"},
    networks={"back": "grader-1-inside-0"},
    volumes={"data": "grader-1-data", "unused": "grader-1-unused"},
    binds={("web", "/app"): "/state/binds/web-0"},
    binds_writable=True,
)
DATABASE = RenderedDatabase(name="db", environment={"GRADER_PASSWORD": "secret"}, cpus=2.0)
PROBE = RenderedProbe(name="grader-app-probe-0", environment={"DB_HOST": "db"})


def written(**changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "name": "grader-1",
        "project": PROJECT,
        "app": "web",
        "database": DATABASE,
        "started": ("web", "db"),
        "resources": RESOURCES,
        "limits": Limits(memory=1000, pids=9, cpus=0.5),
        "labels": {"run": "1"},
    }
    return render(ComposeRendering(**values | changes))


def test_every_container_is_bounded_and_nothing_is_published() -> None:
    """Limits, dropped rights and labels of ours; no ports, no builds, no names."""
    services = written()["services"]
    assert set(services) == {"web", "db"}
    for service in services.values():
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["labels"]["run"] == "1"
        assert service["mem_limit"] == service["memswap_limit"]
        assert not {"ports", "build", "container_name", "privileged"} & set(service)
        assert service["logging"]["options"]["max-size"] == "2m"
        assert service["cap_drop"] == ["ALL"]
        assert service["pids_limit"] > 0
        assert service["cpus"] > 0
        assert service["stop_grace_period"] == "2s"
    assert services["web"]["cpus"] == 0.5
    assert "cap_add" not in services["web"]
    assert services["web"]["pids_limit"] == 9
    assert services["web"]["mem_limit"] == 1000


def test_a_database_has_what_mysql_needs_and_no_more() -> None:
    """Memory and rights of its own; as many processors as the machine has, and two at most."""
    database = written()["services"]["db"]
    assert database["mem_limit"] == 1 << 30
    assert database["pids_limit"] == 512
    assert database["cpus"] == 2.0
    assert written(database=replace(DATABASE, cpus=1.0))["services"]["db"]["cpus"] == 1.0
    assert set(database["cap_add"]) == {
        "CHOWN", "DAC_OVERRIDE", "FOWNER", "KILL", "SETGID", "SETUID",
    }  # fmt: skip


ALL = replace(RESOURCES, images={"web": "sha256:1", "db": "sha256:2", "adminer": "sha256:3"})


def other(**database: Any) -> dict[str, Any]:
    """The service alongside app and database, as one of which `database` says what it is."""
    made = written(
        started=("web", "db", "adminer"), resources=ALL, database=replace(DATABASE, **database)
    )
    found: dict[str, Any] = made["services"]["adminer"]
    return found


def test_another_store_has_a_databases_bounds_and_the_exams_processors() -> None:
    store = other(stores=("db", "adminer"), large=("db", "adminer"))
    assert (store["mem_limit"], store["pids_limit"], store["cpus"]) == (1 << 30, 512, 0.5)
    assert store["memswap_limit"] == store["mem_limit"]
    assert store["cap_drop"] == ["ALL"]
    assert set(store["cap_add"]) == {
        "CHOWN", "DAC_OVERRIDE", "FOWNER", "KILL", "SETGID", "SETUID",
    }  # fmt: skip


def test_a_store_beyond_their_number_has_the_apps_bounds() -> None:
    """It becomes an account of its own all the same."""
    store = other(stores=("db", "adminer"), large=("db",))
    assert (store["mem_limit"], store["memswap_limit"], store["pids_limit"]) == (1000, 1000, 9)
    assert "SETUID" in store["cap_add"]


def test_a_proxy_may_become_another_account_and_nothing_else() -> None:
    """Its root writes into nobody else's files, and it has the app's bounds."""
    proxy = other(proxies=("adminer",))
    assert proxy["cap_drop"] == ["ALL"]
    assert set(proxy["cap_add"]) == {"CHOWN", "SETGID", "SETUID"}
    assert (proxy["mem_limit"], proxy["pids_limit"], proxy["cpus"]) == (1000, 9, 0.5)
    assert proxy["security_opt"] == ["no-new-privileges:true"]


def test_what_is_neither_has_no_rights() -> None:
    assert "cap_add" not in other()
    assert other()["mem_limit"] == 1000


def test_networks_and_volumes_are_ours() -> None:
    """The student's names stand for networks and volumes of the run; what is unused is left out."""
    made = written()
    assert made["networks"] == {"back": {"name": "grader-1-inside-0", "external": True}}
    assert made["volumes"] == {"data": {"name": "grader-1-data", "labels": {"run": "1"}}}
    assert made["services"]["web"]["networks"] == {"back": {"aliases": ["board", "grader-app"]}}
    assert made["services"]["db"]["networks"] == {"back": {"aliases": ["grader-database"]}}


def test_the_students_meaning_is_kept() -> None:
    """Command, environment, mounts, and whom it waits for of those that are started."""
    web = written()["services"]["web"]
    assert web["command"] == ["python", "app.py"]
    assert web["environment"] == {"DB_HOST": "db", "SECRET_KEY": "$x"}
    assert web["depends_on"] == {"db": {"condition": "service_healthy", "required": True}}
    assert web["volumes"] == [
        {
            "type": "bind",
            "target": "/app",
            "source": "/state/binds/web-0",
            "bind": {"create_host_path": False},
        },
        {"type": "tmpfs", "target": "/run/x", "tmpfs": {"size": 500}},
    ]


def test_a_bind_is_read_only_where_it_could_not_be_removed() -> None:
    """A grader that is not root cannot remove what a container's root has written."""
    (bind, _) = written(resources=replace(RESOURCES, binds_writable=False))["services"]["web"][
        "volumes"
    ]
    assert bind["read_only"] is True


def test_a_health_check_runs_at_our_pace() -> None:
    """Not every millisecond, and often enough at the start."""
    check = written()["services"]["db"]["healthcheck"]
    assert check["test"] == ["CMD", "true"]
    assert check["interval"] == "5000ms"
    assert check["timeout"] == "5000ms"
    assert check["retries"] == 5
    assert check["start_interval"] == "250ms"


def test_a_brokers_health_check_has_its_time() -> None:
    """Each run of it takes a second of CPU, and more on a busy machine."""
    slow = replace(DATABASE, slow=("db",))
    check = written(database=slow)["services"]["db"]["healthcheck"]
    assert (check["timeout"], check["start_interval"]) == ("20000ms", "2000ms")


def test_restarts_are_few() -> None:
    """An app that asks for it is restarted after a crash, MySQL never."""
    services = written()["services"]
    assert services["web"]["restart"] == "on-failure:5"
    assert services["db"]["restart"] == "no"
    assert written(probe=PROBE)["services"]["web"]["restart"] == "no"


def test_an_app_alongside_the_project_takes_nothing_of_its_own() -> None:
    """It uses the volumes that are there, under a name that no request for the app goes to."""
    made = written(probe=PROBE)
    assert made["volumes"] == {"data": {"name": "grader-1-data", "external": True}}
    aliases = made["services"]["web"]["networks"]["back"]["aliases"]
    assert "grader-app" not in aliases
    assert "grader-app-probe-0" in aliases


def test_mysql_takes_mariadbs_variables_and_the_graders_password() -> None:
    """The twin knows MySQL's names."""
    environment = written()["services"]["db"]["environment"]
    assert environment["MARIADB_DATABASE"] == "board"
    assert environment["GRADER_PASSWORD"] == "secret"
    assert "GRADER_PASSWORD" not in written()["services"]["web"]["environment"]


def test_the_app_can_be_given_another_environment() -> None:
    """To see what it does without a variable."""
    web = written(probe=PROBE)["services"]["web"]
    assert web["environment"] == {"DB_HOST": "db"}


def test_each_container_of_a_service_has_its_names_and_one_of_its_own() -> None:
    """The gateway's; a probe has neither."""
    whole = expanded(PROJECT, {"grader-web-2": "web"})
    resources = replace(
        RESOURCES, images={**RESOURCES.images, "grader-web-2": "sha256:1"},
        binds={**RESOURCES.binds, ("grader-web-2", "/app"): "/state/binds/web-0"},
    )  # fmt: skip
    changes: dict[str, Any] = {
        "project": whole, "resources": resources,
        "reached": {"web": "grader-replica-0", "grader-web-2": "grader-replica-1"},
    }  # fmt: skip
    services = written(started=("web", "db", "grader-web-2"), **changes)["services"]
    assert services["web"]["networks"]["back"]["aliases"] == [
        "board", "grader-app", "grader-replica-0",
    ]  # fmt: skip
    assert set(services["grader-web-2"]["networks"]["back"]["aliases"]) == {
        "board", "web", "grader-replica-1",
    }  # fmt: skip
    for key in ("image", "command", "volumes", "environment", "mem_limit", "depends_on"):
        assert services["grader-web-2"][key] == services["web"][key]
    probe = written(started=("web",), probe=PROBE, **changes)["services"]["web"]
    assert "grader-replica-0" not in probe["networks"]["back"]["aliases"]
