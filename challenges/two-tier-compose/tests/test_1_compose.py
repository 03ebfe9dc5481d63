"""What the Compose file says. It is read, and not started, for these."""

import re

import pytest

DATA = "/var/lib/mysql"
EMPTY_CHECK = re.compile(r"^(/bin/)?(true|:|exit(\s+0)?|echo\b[^|&;]*|sleep\b[^|&;]*)$")


@pytest.fixture
def mysql(compose):
    """The MySQL service."""
    return compose.services[compose.database]


def command_of(test):
    """The command of a health check as one line, without CMD or CMD-SHELL in front."""
    words = [test] if isinstance(test, str) else [str(word) for word in test]
    if words and words[0] in {"CMD", "CMD-SHELL"}:
        words = words[1:]
    return " ".join(words).strip()


@pytest.mark.criterion("compose.healthcheck")
def test_mysql_has_a_health_check(compose, mysql):
    """The health check asks MySQL, and is not switched off."""
    check = mysql["healthcheck"]
    assert check is not None, (
        f"The service {compose.database!r} has no healthcheck, so nobody can tell when MySQL is "
        "ready. Add one, with mysqladmin ping for example."
    )
    command = command_of(check["test"])
    assert command not in {"", "NONE"}, (
        f"The healthcheck of {compose.database!r} is switched off; let it ask MySQL."
    )
    assert not EMPTY_CHECK.fullmatch(command), (
        f"The healthcheck of {compose.database!r} is {command!r}, which says nothing about MySQL."
    )


def waits_for(compose, name, database, seen=()):
    """Whether the service `name` is started only once `database` is healthy.

    Waiting for a service that waits in its turn, to make the tables for example, is waiting too.
    """
    for other, condition in compose.services[name]["depends_on"].items():
        if condition == "service_started" or other in seen or other not in compose.services:
            continue
        if other == database:
            if condition == "service_healthy":
                return True
        elif waits_for(compose, other, database, (*seen, name)):
            return True
    return False


@pytest.mark.criterion("compose.waits")
def test_the_app_waits_for_mysql(compose):
    """depends_on with condition: service_healthy."""
    said = compose.services[compose.app]["depends_on"].get(compose.database)
    found = f"its condition is {said}" if said else "it is not among them"
    assert waits_for(compose, compose.app, compose.database), (
        f"The service {compose.app!r} has to depend on {compose.database!r} with condition: "
        f"service_healthy; in your depends_on {found}."
    )


def named_volumes(compose, mysql):
    """The mounts of MySQL that are volumes which the file declares."""
    return [
        mount
        for mount in mysql["mounts"]
        if mount["kind"] == "volume" and mount["source"] in compose.volumes
    ]


@pytest.mark.criterion("volumes.named")
def test_mysql_has_a_named_volume(compose, mysql):
    """A volume of the top level's `volumes` is mounted in MySQL's service."""
    mounts = [f"{mount['kind']} at {mount['target']}" for mount in mysql["mounts"]]
    found = ", ".join(mounts) or "nothing at all"
    assert named_volumes(compose, mysql), (
        f"The service {compose.database!r} mounts no named volume, but {found}. Declare one under "
        "`volumes` at the top level of the file, and mount it in the service."
    )


@pytest.mark.criterion("volumes.path")
def test_the_volume_holds_the_data(compose, mysql):
    """The named volume is mounted on /var/lib/mysql."""
    targets = [mount["target"].rstrip("/") for mount in named_volumes(compose, mysql)]
    assert DATA in targets, (
        f"MySQL keeps its data in {DATA}, but the named volume is mounted on {targets[0]}."
    )


@pytest.mark.criterion("networks.declared")
def test_both_are_on_a_declared_network(compose, mysql):
    """A network of the top level's `networks`, other than `default`, has both services on it."""
    declared = set(compose.networks) - {"default"}
    assert declared, (
        "The file declares no network at its top level, so all services share the default one."
    )
    shared = declared & set(compose.services[compose.app]["networks"]) & set(mysql["networks"])
    assert shared, (
        f"None of the declared networks ({', '.join(sorted(declared))}) has both {compose.app!r} "
        f"and {compose.database!r} on it."
    )


@pytest.mark.criterion("networks.ports")
def test_mysql_is_not_published(compose, mysql):
    """MySQL has no `ports`, on no address."""
    ports = ", ".join(f"{port['published']}:{port['target']}" for port in mysql["ports"])
    assert not mysql["ports"], (
        f"The service {compose.database!r} publishes {ports.lstrip(':')} on the host. The app "
        "reaches it by its name without; remove `ports` there."
    )


@pytest.mark.criterion("networks.ports")
def test_the_app_is_published(compose):
    """Port 5000 of the host leads to port 5000 of the app."""
    ports = compose.services[compose.app]["ports"]
    found = ", ".join(f"{port['published']}:{port['target']}" for port in ports) or "no port"
    right = any(str(port["target"]) == str(port["published"]) == "5000" for port in ports)
    assert right, f'The service {compose.app!r} has to publish "5000:5000"; it publishes {found}.'
