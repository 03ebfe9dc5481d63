"""What the Compose file says. It is read, and not started, for these."""

import re
import shlex

import pytest

DATA = "/var/lib/mysql"
DATADIR = re.compile(r"(?:--|^\s*)datadir[\s=]+[\"']?([^\s\"']+)", re.MULTILINE)
"""Where MySQL is told to keep its data, as an option or in a file."""
CLIENT = re.compile(
    r"(?<![\w./-])(/\S*/bin/)?(mysqladmin|mysql|mysqlshow|mysqlcheck|mysqlsh|mariadb(-\w+)?)"
    r"(?![\w./-])(?!\s+(--version|-V|--help|-\?))|"
    r"(?<![\w./-])(/usr/local/bin/)?healthcheck\.sh\s[^|;&]*--connect\b|/dev/tcp/|\b(nc|ncat|netcat)\b|\b3306\b|ASKS_MYSQL"
)
"""What asks MySQL, or at least whether it takes connections"""
HEEDLESS = {"", ":", "true", "echo", "printf", "sleep", "cat", "tee", "head", "tail", "wc", "date"}
"""Commands that succeed whatever they are given."""
PASSIVE = HEEDLESS | {
    "test", "[", "grep", "egrep", "awk", "sed", "ls", "stat", "pidof", "pgrep", "ps", "which",
    "type", "command", "service", "systemctl", "killall", "find",
}  # fmt: skip
"""Commands that do not ask MySQL, whatever they are told of it."""
REDIRECTION = re.compile(r"[0-9]*>>?\s*&[0-9]|&>>?\s*\S+|[0-9]*>>?\s*[^\s&;|]+")
INNER = re.compile(r"\$\(([^()]*)\)|`([^`]*)`")
COMPOUND = {"if", "while", "until", "for", "case", "{", "(", "[[", "function", "select"}
"""What begins more than one command; how that ends is not worked out."""
WRAPPERS = re.compile(r"^((exec|env|timeout(\s+-\S+)*\s+\S+|[A-Za-z_]\w*=\S*)\s+)+")


@pytest.fixture
def mysql(compose):
    """The MySQL service."""
    return compose.services[compose.database]


def command_of(test):
    """The command of a health check as one line, without CMD or CMD-SHELL in front."""
    words = [test] if isinstance(test, str) else [str(word) for word in test]
    if words and words[0] in {"CMD", "CMD-SHELL"}:
        words = words[1:]
    if len(words) > 2 and words[0].rpartition("/")[2] in {"sh", "bash"} and words[1][-1:] == "c":
        words = words[2:3]
    return " ".join(words).strip()


def pieces(command):
    """The commands of a line, each with what stands before it: `;`, `&&`, `||` or `|`."""
    command, count = REDIRECTION.sub(" ", command), 1
    while count:  # what stands for the output of commands, from the innermost on
        command, count = INNER.subn(
            lambda found: " ASKS_MYSQL " if CLIENT.search(found[0]) else " output ", command
        )
    lexer = shlex.shlex(command, posix=False, punctuation_chars=";&|\n")
    lexer.whitespace, lexer.whitespace_split, lexer.commenters = " \t\r", True, "#"
    found = [("", [])]
    for word in lexer:
        if word and not word.strip(";&|\n"):
            found.append((word.strip("\n") or ";", []))
        else:
            found[-1][1].append(word)
    return [(sign, " ".join(words)) for sign, words in found if words]


def succeeds_without_mysql(command):
    """Whether a health check says yes though nobody answers as MySQL; None where that is unclear.

    Each command that asks MySQL fails then; others are taken to succeed.
    """
    try:
        listed = pieces(command)
    except ValueError:  # quotes that do not end
        return None
    outcome = True
    for sign, text in listed:
        inverted = text.startswith("! ")
        words = WRAPPERS.sub("", text.removeprefix("! ")).split()
        name = words[0].rpartition("/")[2].strip("\"'") if words else ""
        if name in COMPOUND or text.startswith("("):
            return None
        if (sign == "&&" and not outcome) or (sign == "||" and outcome):
            continue
        fails = name == "false" or (name not in PASSIVE and bool(CLIENT.search(text)))
        fails = fails or ("ASKS_MYSQL" in text and name not in HEEDLESS)
        if sign == "|":  # it reads what the one before it says, which is nothing
            fails = name not in HEEDLESS and (not outcome or fails)
        if name == "exit":
            return (words[1:2] or ["0" if outcome else "1"])[0].strip("\"';") == "0"
        outcome = fails if inverted else not fails
    return outcome


@pytest.mark.criterion("compose.healthcheck")
def test_mysql_has_a_health_check(compose, mysql, submission):
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
    script = script_of(submission, mysql, command)
    asks = CLIENT.search(f"{command} {script}")
    assert asks, (
        f"The healthcheck of {compose.database!r} is {command!r}, which says nothing about MySQL: "
        "have it ask MySQL itself, with mysqladmin ping."
    )
    assert not succeeds_without_mysql(script or command), (
        f"The healthcheck of {compose.database!r} is {command!r}, which says yes also where MySQL "
        "does not answer: its result has to be that of the command that asks MySQL."
    )


def script_of(submission, mysql, command):
    """The text of the script that a health check runs, where the repository has it; else empty."""
    words = [word for word in command.split() if word.startswith("/")][:1]
    for mount in mysql["mounts"]:
        for word in words:
            target, source = mount["target"].rstrip("/"), mount["source"].rstrip("/")
            if word == target or word.startswith(f"{target}/"):
                return submission.text(f"{source}{word.removeprefix(target)}")
    return ""


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


def configured(submission, mysql):
    """What MySQL is told: its command, and the files that are mounted where it is configured."""
    yield mysql["command"]
    for mount in mysql["mounts"]:
        if mount["target"].startswith(("/etc/mysql", "/etc/my.cnf")):
            for path in submission.files():
                if path == mount["source"] or path.startswith(f"{mount['source'].rstrip('/')}/"):
                    yield submission.text(path)


@pytest.mark.criterion("volumes.path")
def test_mysql_keeps_its_data_there(submission, mysql):
    """MySQL is not told to keep its data elsewhere."""
    for text in configured(submission, mysql):
        for folder in DATADIR.findall(text):
            assert folder.rstrip("/") == DATA, (
                f"MySQL is told to keep its data in {folder}, which is no folder of the named "
                f"volume: leave datadir out, so that the data is in {DATA}."
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


@pytest.mark.criterion("networks.declared")
def test_the_app_reaches_mysql_by_its_name(compose):
    """Not by a container's name, a hostname, an alias or an address."""
    for name, service in compose.services[compose.app]["reaches"].items():
        assert service != compose.database, (
            f"The app reaches MySQL as {name!r}. That is not its service's name, which always "
            f"leads there: give the app {compose.database!r} for a host."
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
