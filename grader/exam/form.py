"""An HTML form as a browser sees it: what it would send, and where to.

The rules are those of https://html.spec.whatwg.org/multipage/form-control-infrastructure.html, as
far as they can matter without scripts. Line ends are sent as they are given.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from bs4 import Tag

from grader.exam.address import ACCEPTED, same_path
from grader.exam.controls import (
    CHOICES,
    SUBMITS,
    Upload,
    is_button,
    kind_of,
    options_of,
    untouched,
)
from grader.text import clean, clip, nearest

if TYPE_CHECKING:
    from grader.exam.page import Page
    from grader.exam.reply import Reply


class Form:
    """One form of a page. What it is asked for and does not have fails the criterion."""

    def __init__(self, tag: Tag, page: Page, pressed: Tag | None = None) -> None:
        """`pressed` is the button that sends it where none is named; else its first one does."""
        self.tag = tag
        self.page = page
        own = page.controls.get(id(tag), [])
        self._controls = [one for one in own if one.get("name") and not is_button(one)]
        self._buttons = [one for one in own if is_button(one) and kind_of(one) in SUBMITS]
        self._default = pressed if pressed is not None else next(iter(self._buttons), None)

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of its fields, each once, without buttons."""
        return tuple(dict.fromkeys(str(one["name"]) for one in self._controls))

    @property
    def fillable(self) -> tuple[str, ...]:
        """The names that can be given a value: its fields, and the buttons that send one."""
        named = (str(one["name"]) for one in self._buttons if one.get("name"))
        return tuple(dict.fromkeys((*self.fields, *named)))

    @property
    def method(self) -> str:
        """`GET` or `POST`: a browser knows no others, and takes GET for them."""
        return _method(self._by(self._default, "method"))

    @property
    def action(self) -> str:
        """The path that it is sent to, on the app, with its query."""
        return self._target(self._default)

    def sent_to(self, action: str) -> Form | None:
        """Return the form, with the button that sends it to the path `action`; None without one."""
        for button in (self._default, *self._buttons):
            path = self._path(button)
            if path is not None and same_path(path, action):
                return Form(self.tag, self.page, button)
        return None

    def sends_by(self, method: str) -> bool:
        """Return whether it is sent by `method`, `GET` or `POST`."""
        return self.method == method.upper()

    def value(self, name: str) -> str:
        """Return what stands in the field `name` (of several, the first that has something)."""
        self._require(name)
        return next((str(value) for field, value in self._defaults() if field == name), "")

    def submit(
        self,
        values: Mapping[str, Any] | None = None,
        *,
        button: str | None = None,
        extra: Mapping[str, Any] | None = None,
        to: str | None = None,
    ) -> Reply:
        """Fill in `values` by field name and send the form as a browser would; gives the answer.

        All other fields go along as the page has them: hidden ones, a CSRF token, what is selected
        or ticked, the button that is pressed. A value is a text or number; True or False for a
        check box; a list where several can be chosen; a file's name and bytes for a file; None
        leaves the field out. A field that is a row of buttons, as stars of a rating are, is filled
        in by pressing the one with that value. `button` is the name, value or text of the button to
        press (default: the first that submits). As somebody would who has changed the page: `extra`
        are fields that it does not have, or instead of those that it has, and `to` is another path.
        """
        pressed = self._pressed_for(values or {}, button)
        sent = self._filled(values or {}) + _pressed(pressed)
        if extra:
            sent = [one for one in sent if one[0] not in extra]
            sent += [(name, str(one)) for name, value in extra.items() for one in _several(value)]
        method = _method(self._by(pressed, "method"))
        action = to or self._target(pressed)
        client, referer = self.page.client, self.page.reply.sent.path
        accept = {"Accept": ACCEPTED}
        if method == "GET":
            query = urlencode([(name, _plain(value)) for name, value in sent])
            return client.get(f"{action.partition('?')[0]}?{query}", headers=accept,
                              referer=referer)  # fmt: skip
        if str(self._by(pressed, "enctype")).lower() == "multipart/form-data":
            body, kind = _multipart(sent)
        else:
            body = urlencode([(name, _plain(value)) for name, value in sent]).encode()
            kind = "application/x-www-form-urlencoded"
        headers = {"Content-Type": kind} | accept
        return client.post(action, body=body, headers=headers, referer=referer)

    def fail(self, message: str) -> Any:
        """Fail the criterion with `message`, the page being the evidence."""
        return self.page.fail(message)

    # -- what is sent ----------------------------------------------------------------------

    def _filled(self, values: Mapping[str, Any]) -> list[tuple[str, str | Upload]]:
        """Names and values in the order of the page, `values` in the place of what stands there."""
        for name in values:
            self._require(name)
        sent: list[tuple[str, str | Upload]] = []
        done: set[str] = set()
        for name, value in self._defaults(every=True):
            if name not in values:
                if value is not None:
                    sent.append((name, value))
            elif name not in done:
                done.add(name)
                sent += [(name, one) for one in self._given(name, values[name])]
        return sent

    def _require(self, name: str) -> None:
        if name not in self.fillable:
            known = ", ".join(self.fields) or "none"
            near = nearest(name, list(self.fields))
            self.fail(f"The form{self._where} has no field named {name!r}; it has: {known}.{near}")

    @property
    def _where(self) -> str:
        return f" on {self.page.name}"

    def _defaults(self, *, every: bool = False) -> Iterator[tuple[str, Any]]:
        """Yield what each field sends untouched; with `every`, None for those that send nothing."""
        for control in self._controls:
            name, found = str(control["name"]), list(untouched(control))
            yield from ((name, value) for value in found)
            if every and not found:
                yield name, None

    def _given(self, name: str, value: Any) -> list[str | Upload]:
        """Return what filling `value` into the field `name` sends."""
        controls = [one for one in self._controls if one["name"] == name]
        if value is None:
            return []
        if isinstance(value, bool):
            return self._ticked(name, controls, on=value)
        several = [value] if not isinstance(value, list) else value
        offered = [option for control in controls for option in options_of(control)]
        if not offered:
            return [one if isinstance(one, tuple) else str(one) for one in several]
        return [offered[self._offered(name, str(one), offered)][0] for one in several]

    def _offered(self, name: str, wanted: str, offered: list[tuple[str, str]]) -> int:
        """Return which of `offered`, as sent and as shown, is `wanted`."""
        found = next((at for at, option in enumerate(offered) if wanted in option), None)
        if found is None:
            listing = ", ".join(clip(clean(real or shown), 40) for real, shown in offered[:20])
            self.fail(
                f"The field {name!r} of the form does not offer {wanted!r}; it has: {listing}."
            )
        return int(found or 0)

    def _ticked(self, name: str, controls: list[Tag], *, on: bool) -> list[str | Upload]:
        box = next((one for one in controls if kind_of(one) in CHOICES), None)
        if box is None:
            self.fail(f"The field {name!r} of the form should be a check box.")
        assert box is not None
        return [str(box.get("value", "on"))] if on else []

    def _pressed_for(self, values: Mapping[str, Any], button: str | None) -> Tag | None:
        """Return the button to press: the one named `button`, or the one that sends of `values`."""
        pressed = self._default if button is None else self._button(button)
        for name in set(values).difference(self.fields).intersection(self.fillable):
            row = [one for one in self._buttons if one.get("name") == name]
            if values[name] is None:
                pressed = None if pressed in row else pressed
                continue
            shown = [(str(one.get("value") or ""), one.get_text(strip=True)) for one in row]
            pressed = row[self._offered(name, str(values[name]), shown)]
        return pressed

    def _button(self, wanted: str) -> Tag | None:
        for one in self._buttons:
            if wanted in {one.get("name"), one.get("value"), one.get_text(strip=True)}:
                return one
        known = ", ".join(
            clip(str(one.get_text(strip=True) or one.get("value") or one.get("name")), 40)
            for one in self._buttons
        )
        self.fail(f"The form{self._where} has no button {wanted!r}; it has: {known or 'none'}.")
        return None

    def _by(self, button: Tag | None, name: str) -> Any:
        """Return the attribute `name` of the form, or of the button in its place (`formaction`)."""
        own = button.get(f"form{name}") if button is not None else None
        return own or self.tag.get(name)

    def _path(self, button: Tag | None) -> str | None:
        """Return where pressing `button` sends it, on the app; None where that is another site."""
        action = self._by(button, "action")
        # without an action it is sent to the page itself, whatever <base> says
        return self.page.path_of(str(action)) if action else self.page.reply.sent.path

    def _target(self, button: Tag | None) -> str:
        path = self._path(button)
        if path is None:
            shown = clip(clean(str(self._by(button, "action"))), 200)
            self.fail(f"The form{self._where} is sent to another site: {shown}.")
        return str(path)


def _pressed(button: Tag | None) -> list[tuple[str, str | Upload]]:
    """Return what a button sends that is pressed; one with a picture sends where, too."""
    if button is None:
        return []
    name, value = str(button.get("name") or ""), str(button.get("value") or "")
    if kind_of(button) == "image":
        return [(f"{name}.{axis}" if name else axis, "0") for axis in "xy"]
    return [(name, value)] if name else []


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _method(text: Any) -> str:
    return "POST" if str(text or "").strip().lower() == "post" else "GET"


def _plain(value: str | Upload) -> str:
    return value[0] if isinstance(value, tuple) else value


def _multipart(sent: list[tuple[str, str | Upload]]) -> tuple[bytes, str]:
    from urllib3 import encode_multipart_formdata

    # the boundary is fixed, so that one seed sends one request
    return encode_multipart_formdata(sent, boundary="grader-form-4f1d7e0c9b")
