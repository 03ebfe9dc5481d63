"""A page that an app answered with: parsed, and with the request as evidence in what fails."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn

from bs4 import BeautifulSoup, Tag
from bs4.exceptions import ParserRejectedMarkup

from grader.exam.address import ACCEPTED, joined
from grader.exam.controls import controls_of
from grader.exam.form import Form
from grader.text import clean, clip

if TYPE_CHECKING:
    from grader.exam.reply import Browser, Reply

LONGEST = 1024 * 1024
"""Bytes of a page that are parsed: more is no page that a person reads."""
DEEPEST = 20_000
"""How many tags of a page are looked at."""


class Page:
    """An answer as HTML. What it is asked for and does not have fails the criterion."""

    def __init__(self, reply: Reply, client: Browser) -> None:
        """Raise `Mismatch` where `reply`, an answer to `client`, is no HTML."""
        self.reply = reply
        """The answer that it was: `page.reply.headers` and all else."""
        self.client = client
        kind = reply.headers.get("Content-Type", "")
        if kind.partition(";")[0].strip().lower() not in {"text/html", "application/xhtml+xml"}:
            self.fail(
                "The answer has to be a page (text/html); its Content-Type is "
                f"{clip(clean(kind), 80)!r}."
            )
        if len(reply.body) > LONGEST or reply.body.count(b"<") > DEEPEST:
            self.fail("The page is too large to be read: it has more tags or text than any page.")
        try:
            self.soup = BeautifulSoup(reply.text, "lxml")
            """The page for BeautifulSoup: `soup.find_all("li")` and all that it knows."""
        except (ParserRejectedMarkup, RecursionError):
            self.fail("The page cannot be read as HTML.")
        client.start_at(self.base)

    @property
    def name(self) -> str:
        """The request that it answered: `GET /entries`."""
        return f"{self.reply.sent.method} {self.reply.sent.path.partition('?')[0]}"

    @property
    def url(self) -> str:
        """Its whole URL, as evidence shows it."""
        return self.client.url(self.reply.sent.path)

    @cached_property
    def base(self) -> str:
        """The URL that its addresses start at: its own, or that of `<base href>`."""
        found = self.soup.find("base", href=True)
        if not isinstance(found, Tag):
            return self.url
        try:
            return joined(self.url, str(found["href"]))
        except ValueError:
            return self.url

    def path_of(self, address: str) -> str | None:
        """Return the path and query on the app that `address` leads to.

        None where it leads elsewhere.
        """
        return self.client.path_of(address, self.base)

    def follow(self, link: Tag | str, **options: Any) -> Reply:
        """GET where `link` leads to, an element with `href` or an address, as a browser would.

        Fails where that is another site; options as for `Client.request`.
        """
        address = str(link.get("href") or "") if isinstance(link, Tag) else link
        path = self.path_of(address)
        if path is None:
            shown = clip(clean(address), 200)
            self.fail(f"{shown!r} on {self.name} leads to another site than the app.")
        headers = {"Accept": ACCEPTED} | dict(options.pop("headers", None) or {})
        return self.client.get(path, headers=headers, referer=self.reply.sent.path, **options)

    @property
    def title(self) -> str:
        """What stands in `<title>`; empty where there is none."""
        found = self.soup.find("title")
        return found.get_text(strip=True) if found else ""

    @cached_property
    def text(self) -> str:
        """What a reader sees, without what can be edited or chosen in the fields of forms."""
        seen = BeautifulSoup(self.reply.text, "lxml")
        for field in seen.find_all(["textarea", "option"]):
            if field.name == "option" or not field.has_attr("readonly"):
                field.clear()
        return seen.get_text()

    @property
    def strings(self) -> set[str]:
        """Each piece of text on it, without the space around."""
        return set(self.soup.stripped_strings)

    def find(self, selector: str) -> list[Tag]:
        """All elements that the CSS selector finds, in the order of the page."""
        return list(self.soup.select(selector))

    def one(self, selector: str) -> Tag:
        """Return the first element that the CSS selector finds; fails where there is none."""
        found = self.soup.select_one(selector)
        if found is None:
            self.fail(f"There is no {selector} on {self.name}.")
        return found

    def expect(self, text: str) -> Page:
        """Return the page, if a reader sees `text` on it."""
        if " ".join(text.split()) not in " ".join(self.text.split()):
            self.fail(f"{self.name} should show {clip(text, 200)!r}; it does not.")
        return self

    @cached_property
    def controls(self) -> dict[int, list[Tag]]:
        """The controls of each form that are not disabled, by `id()` of the form's tag."""
        return controls_of(self.soup)

    @property
    def forms(self) -> list[Form]:
        """Its forms, in the order of the page."""
        return [Form(tag, self) for tag in self.soup.find_all("form")]

    def form(
        self,
        where: str = "form",
        *,
        having: Collection[str] = (),
        action: str | None = None,
        method: str | None = None,
    ) -> Form:
        """Return the form that the CSS selector `where` finds and that has the fields `having`.

        `action` is the path on the app that it is sent to, by itself or by one of its buttons,
        `method` is `GET` or `POST`: only such forms are looked at where they are given. Where none
        has all fields, it is the first with the most of them: filling it in says what is missing.
        Fails where there is no form at all.
        """
        found = [Form(tag, self) for tag in self.soup.select(where) if tag.name == "form"]
        if action is not None:
            sent = [form.sent_to(action) for form in found]
            found = [form for form in sent if form is not None]
        if method is not None:
            found = [form for form in found if form.sends_by(method)]
        if not found:
            named = "" if where == "form" else f" that {where!r} finds"
            named += f" that is sent to {action}" if action is not None else ""
            named += f" by {method}" if method is not None else ""
            self.fail(f"There is no form{named} on {self.name}.")
        wanted = set(having)
        return max(found, key=lambda form: len(wanted & set(form.fillable)))

    def fail(self, message: str) -> NoReturn:
        """Fail the criterion with `message`, the request and the page being the evidence."""
        self.reply.fail(message)
