"""An HTML form as a browser sees it: what it would send, and where to.

The rules are those of https://html.spec.whatwg.org/multipage/form-control-infrastructure.html, as
far as they can matter without scripts. Line ends are sent as they are given.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urljoin, urlsplit, urlunsplit

from bs4 import Tag

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

    def __init__(self, tag: Tag, page: Page) -> None:
        self.tag = tag
        self.page = page
        own = page.controls.get(id(tag), [])
        self._controls = [one for one in own if one.get("name") and not is_button(one)]
        self._buttons = [one for one in own if is_button(one) and kind_of(one) in SUBMITS]

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of its fields, each once, without buttons."""
        return tuple(dict.fromkeys(str(one["name"]) for one in self._controls))

    @property
    def method(self) -> str:
        """`GET` or `POST`: a browser knows no others, and takes GET for them."""
        return _method(self.tag.get("method"))

    @property
    def action(self) -> str:
        """The path that it is sent to, on the app, with its query."""
        return self._resolve(self.tag.get("action"))

    def value(self, name: str) -> str:
        """What stands in the field `name` (of several, the first that has something)."""
        self._require(name)
        return next((str(value) for field, value in self._defaults() if field == name), "")

    def submit(
        self, values: Mapping[str, Any] | None = None, *, button: str | None = None
    ) -> Reply:
        """Fill in `values` by field name and send the form as a browser would; gives the answer.

        All other fields go along as the page has them: hidden ones, a CSRF token, what is selected
        or ticked. A value is a text or number; True or False for a check box; a list where several
        can be chosen; a file's name and bytes for a file; None leaves the field out. `button` is
        the name, value or text of the button to press (default: the first that submits).
        """
        sent = self._filled(values or {})
        pressed = self._button(button)
        method, action, encoding = self.method, self.action, self.tag.get("enctype")
        if pressed is not None:
            if pressed.get("name"):
                sent.append((str(pressed["name"]), str(pressed.get("value") or "")))
            if pressed.get("formmethod"):
                method = _method(pressed.get("formmethod"))
            if pressed.get("formaction"):
                action = self._resolve(pressed.get("formaction"))
        client = self.page.client
        if method == "GET":
            plain = [(name, _plain(value)) for name, value in sent]
            return client.get(f"{action.partition('?')[0]}?{urlencode(plain)}")
        if str(encoding).lower() == "multipart/form-data":
            body, kind = _multipart(sent)
        else:
            body = urlencode([(name, _plain(value)) for name, value in sent]).encode()
            kind = "application/x-www-form-urlencoded"
        return client.post(action, body=body, headers={"Content-Type": kind})

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
        if name not in self.fields:
            known = ", ".join(self.fields) or "none"
            near = nearest(name, list(self.fields))
            self.fail(f"The form{self._where} has no field named {name!r}; it has: {known}.{near}")

    @property
    def _where(self) -> str:
        return f" on {self.page.name}"

    def _defaults(self, *, every: bool = False) -> Iterator[tuple[str, Any]]:
        """What each field sends untouched; with `every`, None for those that send nothing."""
        for control in self._controls:
            name, found = str(control["name"]), list(untouched(control))
            yield from ((name, value) for value in found)
            if every and not found:
                yield name, None

    def _given(self, name: str, value: Any) -> list[str | Upload]:
        """What filling `value` into the field `name` sends."""
        controls = [one for one in self._controls if one["name"] == name]
        if value is None:
            return []
        if isinstance(value, bool):
            return self._ticked(name, controls, on=value)
        several = [value] if not isinstance(value, list) else value
        offered = [option for control in controls for option in options_of(control)]
        if not offered:
            return [one if isinstance(one, tuple) else str(one) for one in several]
        chosen = []
        for one in map(str, several):
            found = next((real for real, shown in offered if one in {real, shown}), None)
            if found is None:
                listing = ", ".join(clip(clean(real or shown), 40) for real, shown in offered[:20])
                self.fail(
                    f"The field {name!r} of the form does not offer {one!r}; it has: {listing}."
                )
            chosen.append(str(found))
        return list(chosen)

    def _ticked(self, name: str, controls: list[Tag], *, on: bool) -> list[str | Upload]:
        box = next((one for one in controls if kind_of(one) in CHOICES), None)
        if box is None:
            self.fail(f"The field {name!r} of the form should be a check box.")
        assert box is not None
        return [str(box.get("value", "on"))] if on else []

    def _button(self, wanted: str | None) -> Tag | None:
        if wanted is None:
            return self._buttons[0] if self._buttons else None
        for one in self._buttons:
            if wanted in {one.get("name"), one.get("value"), one.get_text(strip=True)}:
                return one
        known = ", ".join(
            clip(str(one.get_text(strip=True) or one.get("value") or one.get("name")), 40)
            for one in self._buttons
        )
        self.fail(f"The form{self._where} has no button {wanted!r}; it has: {known or 'none'}.")
        return None

    def _resolve(self, action: Any) -> str:
        """`action` as a path on the app: relative to the page, or to its `<base>`."""
        base = self.page.soup.find("base", href=True)
        here = self.page.url
        start = urljoin(here, str(base["href"])) if isinstance(base, Tag) else here
        parts = urlsplit(urljoin(start, str(action).strip()) if action else here)
        if not self.page.client.is_own(parts.netloc) or parts.scheme not in {"http", "https"}:
            self.fail(f"The form{self._where} is sent to another site: {clip(str(action), 200)}.")
        return urlunsplit(("", "", parts.path or "/", parts.query, ""))


def _method(text: Any) -> str:
    return "POST" if str(text or "").strip().lower() == "post" else "GET"


def _plain(value: str | Upload) -> str:
    return value[0] if isinstance(value, tuple) else value


def _multipart(sent: list[tuple[str, str | Upload]]) -> tuple[bytes, str]:
    from urllib3 import encode_multipart_formdata

    # the boundary is fixed, so that one seed sends one request
    return encode_multipart_formdata(sent, boundary="grader-form-4f1d7e0c9b")
