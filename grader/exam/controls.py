"""The controls of a form: what each is, and what it sends.

The rules are those of https://html.spec.whatwg.org/multipage/form-control-infrastructure.html.
"""

from __future__ import annotations

from collections.abc import Iterator

from bs4 import BeautifulSoup, Tag

CONTROLS = {"input", "select", "textarea", "button"}
SUBMITS = {"submit", "image"}
BUTTONS = {*SUBMITS, "reset", "button"}
CHOICES = {"checkbox", "radio"}
Upload = tuple[str, bytes]
"""A file's name and content, for `<input type=file>`."""


def kind_of(control: Tag) -> str:
    """Return the type of an input or button, in lower case; the name of any other tag."""
    if control.name == "input":
        return str(control.get("type") or "text").lower()
    return (
        str(control.get("type") or "submit").lower() if control.name == "button" else control.name
    )


def is_button(control: Tag) -> bool:
    """Return whether a control is there to be pressed, and sends nothing unless it is."""
    return control.name == "button" or (control.name == "input" and kind_of(control) in BUTTONS)


def controls_of(soup: BeautifulSoup) -> dict[int, list[Tag]]:
    """Return each form's controls that are not disabled, by `id()` of the form's tag, in order.

    One pass over the page: what a hostile one nests ten thousand deep takes no longer for it.
    """
    owners: dict[int, Tag | None] = {}
    disabled: set[int] = set()
    named: dict[str, Tag] = {}
    found: list[tuple[Tag, Tag | None]] = []
    for tag in soup.find_all(name=True):
        above = id(tag.parent)
        owners[id(tag)] = tag if tag.name == "form" else owners.get(above)
        if above in disabled or (tag.name == "fieldset" and tag.has_attr("disabled")):
            disabled.add(id(tag))
        if tag.name == "form" and tag.get("id"):
            named.setdefault(str(tag["id"]), tag)
        off = id(tag) in disabled or tag.has_attr("disabled")
        if tag.name in CONTROLS and not off:
            found.append((tag, owners[id(tag)]))
    result: dict[int, list[Tag]] = {}
    for tag, around in found:
        owner = named.get(str(tag["form"])) if tag.has_attr("form") else around
        if owner is not None:
            result.setdefault(id(owner), []).append(tag)
    return result


def untouched(control: Tag) -> Iterator[str | Upload]:
    """Yield what a control sends that nobody has touched."""
    kind = kind_of(control)
    if kind in CHOICES:
        if control.has_attr("checked"):
            yield str(control.get("value", "on"))
    elif kind == "file":
        yield ("", b"")
    elif kind == "select":
        options = [one for one in control.find_all("option") if not one.has_attr("disabled")]
        chosen = [one for one in options if one.has_attr("selected")]
        if not control.has_attr("multiple"):
            chosen = chosen[-1:] or options[:1]
        yield from (option(one)[0] for one in chosen)
    elif kind == "textarea":
        yield control.get_text().removeprefix("\r").removeprefix("\n")
    else:
        yield str(control.get("value") or "")


def options_of(control: Tag) -> list[tuple[str, str]]:
    """Return what can be chosen in a control, as sent and as shown.

    Empty where anything can be typed.
    """
    if kind_of(control) in CHOICES:
        return [(str(control.get("value", "on")),) * 2]
    if control.name != "select":
        return []
    return [option(one) for one in control.find_all("option") if not one.has_attr("disabled")]


def option(tag: Tag) -> tuple[str, str]:
    """Return an option as sent and as shown; one without an end tag ends where the next begins."""
    shown = "".join(one for one in tag.find_all(string=True, recursive=False)).strip()
    return str(tag.get("value", shown)), shown
