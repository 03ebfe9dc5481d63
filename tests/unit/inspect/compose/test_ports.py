"""`ports` and `expose`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from grader.inspect.compose.project import Port, Reading


def file(*entries: str, key: str = "ports") -> str:
    lines = "".join(f"      - {entry}\n" for entry in entries)
    return f"services:\n  web:\n    build: .\n    {key}:\n{lines}"


def port(target: int, published: str = "", host: str = "", protocol: str = "tcp") -> Port:
    return Port(target=target, published=published, host=host, protocol=protocol, line=5)


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("5000", [port(5000)]),
        ('"5000"', [port(5000)]),
        ("5000:5000", [port(5000, "5000")]),
        ("22:22", [port(22, "22")]),
        ("80:80", [port(80, "80")]),
        ("1:30", [port(30, "1")]),
        ('"8080:5000"', [port(5000, "8080")]),
        ("127.0.0.1:8080:5000", [port(5000, "8080", "127.0.0.1")]),
        ('"127.0.0.1::5000"', [port(5000, "", "127.0.0.1")]),
        ('"[::1]:8080:5000"', [port(5000, "8080", "::1")]),
        ("5000/udp", [port(5000, protocol="udp")]),
        ("5000:5000/TCP", [port(5000, "5000")]),
        ("3000-3002", [port(3000), port(3001), port(3002)]),
        ("9090-9091:8080-8081", [port(8080, "9090"), port(8081, "9091")]),
        ("8000-9000:80", [port(80, "8000-9000")]),
        ("$P:5000", [port(5000, "8080")]),
        ("{target: 5000}", [port(5000)]),
        ("{target: '5000', published: 8080}", [port(5000, "8080")]),
        ("{target: 80, published: 8080-8090}", [port(80, "8080-8090")]),
        (
            "{target: 53, published: '53', host_ip: 127.0.0.1, protocol: udp, mode: host, name: x}",
            [port(53, "53", "127.0.0.1", "udp")],
        ),
    ],
)
def test_every_form(
    read: Callable[..., Reading],
    write: Callable[[str, str], None],
    entry: str,
    expected: list[Port],
) -> None:
    """Short and long, quoted or not: YAML's base 60 is none of Docker's."""
    write(".env", "P=8080")
    reading = read(file(entry))
    assert not reading.faults
    assert reading.project is not None
    assert list(reading.project.services["web"].networking.ports) == expected


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ("a", 'is "a", which is no port; write it like `5000:5000`, host before container.'),
        ("'5000:'", "which is no port"),
        ("5000:5000:5000", 'names the host "5000"; write an address like 127.0.0.1, or none.'),
        ("1.2.3.400:80:80", 'names the host "1.2.3.400"'),
        ("{target: 80, host_ip: localhost}", 'names the host "localhost"'),
        ("-5", "which is no port"),
        ("5000.5", "which is no port"),
        ("5000:a", "which is no port"),
        ('""', "which is no port"),
        ("'1:'" + "'" * 2, "which is no port"),
        ("1:" * 5000 + "1", "which is no port"),
        ("0", 'names the port "0"; ports go from 1 to 65535.'),
        ("70000:80", ""),
        ("80:70000", 'names the port "70000"'),
        ("80:5001-5000", 'names the port "5001-5000"'),
        ("1-60000", "names more than 100 ports"),
        ("80:5000-5001", "two ranges of different lengths"),
        ("8000-8005:80-81", "two ranges of different lengths"),
        ("5000/http", 'names the protocol "http"; it can be tcp or udp.'),
        ("true", "is true; it should be text in quotes."),
        ("[5000]", "is [5000]; it should be text in quotes."),
        ("{published: 80}", "lacks `target`"),
        ("{target: a}", 'ports[0].target is "a"; it should be the number of a port.'),
        ("{target: 80, published: a}", 'ports[0].published is "a"'),
        ("{target: 80, publish: 80}", "Did you mean 'published'?"),
    ],
)
def test_faults(faults: Callable[..., tuple[str, ...]], entry: str, sentence: str) -> None:
    """Each says what to write."""
    said = faults(file(entry))
    assert len(said) == bool(sentence)
    assert not sentence or said[0].startswith("compose.yml:5: services.web.ports[0]")
    assert sentence in "".join(said)


@pytest.mark.parametrize(
    ("entry", "expected"),
    [("5000", [5000]), ("'5000'", [5000]), ("5000/tcp", [5000]), ("3000-3002", [3000, 3001, 3002])],
)
def test_exposed_ports(read: Callable[..., Reading], entry: str, expected: list[int]) -> None:
    """A number, text, or a range."""
    reading = read(file(entry, key="expose"))
    assert reading.project is not None
    assert list(reading.project.services["web"].networking.expose) == expected


@pytest.mark.parametrize("entry", ["80:80", "a", "1-60000", "true", "0"])
def test_faults_of_exposed_ports(faults: Callable[..., tuple[str, ...]], entry: str) -> None:
    """It takes no port of the host."""
    (said,) = faults(file(entry, key="expose"))
    assert said.startswith("compose.yml:5: services.web.expose[0] ")
