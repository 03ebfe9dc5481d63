"""`ports` and `expose`: in their short and long forms."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Any

from grader.inspect.compose.project import Port
from grader.inspect.compose.source import ComposeSource, scalar, show
from grader.yamldoc import Place

SHORT = re.compile(
    r"(?:(?P<host>\[[0-9A-Fa-f:.]+\]|[0-9A-Fa-f:.]*?):)??"
    r"(?:(?P<published>\d+(?:-\d+)?)?:)?(?P<target>\d+(?:-\d+)?)(?:/(?P<protocol>[A-Za-z]+))?"
)
PROTOCOLS = ("tcp", "udp", "sctp")
MAX_RANGE = 100
FORMS = "write it like `5000:5000`, host before container"


def read_ports(source: ComposeSource, place: Place, value: list[Any]) -> tuple[Port, ...]:
    """Return the entries of `ports`; a range is one for each of its ports."""
    ports: list[Port] = []
    for index, item in enumerate(value):
        here = (*place, index)
        if isinstance(item, dict):
            ports += _long(source, here, item)
        elif (text := source.word(here, item)) is not None:
            ports += _short(source, here, text)
    if any(port.published for port in ports):
        source.note(place, "is published elsewhere: the exam picks a free port of the machine.")
    return tuple(ports)


def read_expose(source: ComposeSource, place: Place, value: list[Any]) -> tuple[int, ...]:
    """Return the ports of `expose`."""
    ports: list[int] = []
    for index, item in enumerate(value):
        text = source.word((*place, index), item)
        if text is None:
            continue
        if found := re.fullmatch(r"(\d+(?:-\d+)?)(?:/[A-Za-z]+)?", text):
            ports += _range(source, (*place, index), found[1])
        else:
            source.fault((*place, index), f'is {show(text)}; write the port alone, like "5000".')
    return tuple(ports)


def _short(source: ComposeSource, place: Place, text: str) -> Iterator[Port]:
    found = SHORT.fullmatch(text.strip()[:100])
    if found is None:
        source.fault(place, f"is {show(text)}, which is no port; {FORMS}.")
        return iter(())
    return _ports(
        source,
        place,
        targets=found["target"],
        published=found["published"] or "",
        host=(found["host"] or "").strip("[]"),
        protocol=found["protocol"] or "tcp",
    )


def _long(source: ComposeSource, place: Place, item: dict[str, Any]) -> Iterator[Port]:
    target, published = scalar(item.get("target")), scalar(item.get("published"))
    if not target:
        source.fault(place, "lacks `target`, the port in the container; add it.")
    elif not target.isdecimal():
        source.fault((*place, "target"), f"is {show(target)}; it should be the number of a port.")
    elif not re.fullmatch(r"(\d+(-\d+)?)?", published):
        source.fault((*place, "published"), f"is {show(published)}; it should be a port's number.")
    else:
        return _ports(
            source,
            place,
            targets=target,
            published=published,
            host=item.get("host_ip", ""),
            protocol=item.get("protocol") or "tcp",
        )
    return iter(())


def _ports(
    source: ComposeSource, place: Place, *, targets: str, published: str, host: str, protocol: str
) -> Iterator[Port]:
    inner = _range(source, place, targets)
    outer = _range(source, place, published) if len(inner) > 1 and published else [published]
    if not _is_address(host):
        said = f"names the host {show(host)}; write an address like 127.0.0.1, or none."
        source.fault(place, said)
    elif protocol.lower() not in PROTOCOLS:
        source.fault(place, f"names the protocol {show(protocol)}; it can be tcp or udp.")
    elif published and len(inner) > 1 and len(outer) != len(inner):
        source.fault(place, "has two ranges of different lengths; make them equal.")
    else:
        for index, target in enumerate(inner):
            yield Port(
                target=target,
                published=str(outer[index if len(outer) > 1 else 0]),
                host=host,
                protocol=protocol.lower(),
                line=source.line(place),
            )


def _is_address(host: str) -> bool:
    try:
        return not host or bool(ipaddress.ip_address(host))
    except ValueError:
        return False


def _range(source: ComposeSource, place: Place, text: str) -> list[int]:
    first, _, last = text.partition("-")
    if len(first) > 5 or len(last) > 5 or not 0 < int(first) <= int(last or first) < 65536:
        source.fault(place, f"names the port {show(text)}; ports go from 1 to 65535.")
        return []
    if int(last or first) - int(first) >= MAX_RANGE:
        source.fault(place, f"names more than {MAX_RANGE} ports; name those that are used.")
        return []
    return list(range(int(first), int(last or first) + 1))
