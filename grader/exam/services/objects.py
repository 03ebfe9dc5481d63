"""The `objects` fixture: what the app has stored, who may read it, and what comes next."""

from __future__ import annotations

import base64
import http.client
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn
from urllib.parse import quote, urlsplit

from requests.structures import CaseInsensitiveDict

from grader.deadline.orders import SECONDS, OrderConversation
from grader.exam.faults import Mismatch, PlatformFault
from grader.exam.services.program import ProgramFixture
from grader.text import clean, clip

LARGEST = 5 * 1024 * 1024
"""Bytes of an object that a suite stores."""
READ_SECONDS = 15.0
SHOWN = 5
"""Keys that a message names."""


@dataclass(frozen=True, kw_only=True)
class StoredObject:
    """An object of the bucket."""

    key: str
    """Its key, without the bucket."""
    size: int
    """In bytes."""
    content_type: str
    """`binary/octet-stream` where the app gave none."""
    metadata: Mapping[str, str]
    """The app's own, by names in small letters without `x-amz-meta-`."""
    at: float
    """When it was stored, in seconds as `time.time` has them."""


@dataclass(frozen=True, kw_only=True)
class ObjectRequest:
    """A request to the store, of the app or of who has an address of it."""

    method: str
    """In capitals."""
    path: str
    """`/bucket/key`, decoded; at most 300 characters."""
    code: int
    """What it was answered; 0 where the connection was cut instead."""
    how: str
    """How it was signed: `header`, `query` (presigned); empty where it was not."""
    at: float
    """In seconds as `time.time` has them."""


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """What somebody gets who has an address of the store and no key."""

    status: int
    """200 where it may be read, 403 where it may not."""
    headers: Mapping[str, str]
    """Of the answer; names are matched in any case."""
    content: bytes
    """The body."""


class Objects(ProgramFixture):
    """The object store: what the app's bucket holds, who may read it, and what comes next."""

    fixture = "objects"

    # -- what it holds ---------------------------------------------------------------------

    def list(self, prefix: str = "") -> Sequence[StoredObject]:
        """Return the objects of the bucket whose keys begin with `prefix`, in their order."""
        found = [StoredObject(**one) for one in self._all("objects")]
        return [one for one in found if one.key.startswith(prefix)]

    def exists(self, key: str) -> bool:
        """Whether the bucket has an object of that key."""
        return any(one.key == key for one in self.list())

    def read(self, key: str) -> bytes:
        """Return the content of an object; fails the criterion where there is none."""
        told = self._order("read", key=key, seconds=READ_SECONDS)["content"]
        if told is None:
            self._fail(f"There should be an object {clip(clean(key), 100)!r}")
        return base64.b64decode(told)

    def wait_for(
        self, prefix: str = "", *, count: int = 1, within: float = 10.0
    ) -> Sequence[StoredObject]:
        """Return the objects whose keys begin with `prefix` once there are `count` of them.

        Fails the criterion where there are fewer after `within` seconds.
        """
        self._wait(lambda: len(self.list(prefix)) >= count, within)
        found = self.list(prefix)
        if len(found) < count:
            begin = f" whose keys begin with {prefix!r}" if prefix else ""
            self._fail(f"{count} objects{begin} should have come within {within:g} s")
        return found

    def put(self, key: str, content: bytes, content_type: str = "binary/octet-stream") -> None:
        """Store an object of at most 5 MiB, as somebody else would that has the key."""
        assert len(content) <= LARGEST, "put() takes at most 5 MiB"
        self._order("put", key=key, content=base64.b64encode(content).decode(), kind=content_type)

    def requests(self) -> Sequence[ObjectRequest]:
        """Return the requests to the store in this run, in order, without the suite's orders."""
        return [ObjectRequest(**one) for one in self._all("requests")]

    # -- who may read ----------------------------------------------------------------------

    def fetch(self, address: str) -> Fetched:
        """Get what an address of the store has for somebody without a key.

        A presigned one that the app gives out, or one without a signature. Fails the criterion
        where it leads elsewhere.
        """
        try:
            parts = urlsplit(address)
            own = f"{parts.scheme}://{parts.netloc}" == self._told["url"]
            target = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
            target.encode("ascii")
        except ValueError:
            own, target = False, ""
        if not own or any(one <= " " for one in target):
            shown = clip(clean(address), 200)
            wanted = f"{self._told['url']}/…"
            msg = f"It should be an address of the object store, {wanted}; it is {shown!r}."
            raise Mismatch(msg)
        return self._got(target)

    def is_public(self, key: str) -> bool:
        """Whether anybody can read the object without a key or a signature."""
        return self._got(f"/{self._told['bucket']}/{quote(key)}").status == 200

    def is_listed(self) -> bool:
        """Whether anybody can list the bucket."""
        return self._got(f"/{self._told['bucket']}").status == 200

    # -- what comes next -------------------------------------------------------------------

    def refuse(self, times: int | None = None, *, code: int = 503) -> None:
        """Have the next `times` requests answered `code`, or all until `accept`."""
        self._ask_for(refuse=-1 if times is None else times, code=code)

    def drop(self, times: int, *, kept: bool = True) -> None:
        """Have the connection cut in place of an answer, for the next `times` changes.

        Where `kept`, they are carried out all the same.
        """
        self._ask_for(drop=times, kept=kept)

    def delay(self, seconds: float) -> None:
        """Have each request answered after `seconds`, at most 60, until `accept`."""
        self._ask_for(delay=seconds)

    def accept(self) -> None:
        """Answer at once again, as at the beginning."""
        self._ask_for()

    # -- inside ----------------------------------------------------------------------------

    def too_many(self) -> str:
        """Return the sentence for an app that stores or asks more than the exam keeps."""
        return (
            "Your app asks the object store for more than the exam keeps (3000 writes, 64 MiB, "
            "5000 requests in a run)."
        )

    def _got(self, target: str) -> Fetched:
        conversation = OrderConversation((self._told["host"], self._told["port"]), SECONDS)
        try:
            host = {"Host": urlsplit(self._told["url"]).netloc, "Connection": "close"}
            conversation.request("GET", target, headers=host)
            answer = conversation.getresponse()
            return Fetched(
                status=answer.status, headers=CaseInsensitiveDict(answer.headers.items()),
                content=answer.read(),
            )  # fmt: skip
        except (OSError, http.client.HTTPException) as error:
            msg = f"{self.title} did not answer: {error}"
            raise PlatformFault(msg) from error
        finally:
            conversation.close()

    def _fail(self, said: str) -> NoReturn:
        found = self.list()
        keys = ", ".join(repr(clip(clean(one.key), 60)) for one in found[:SHOWN])
        more = ", …" if len(found) > SHOWN else ""
        there = f"there are {len(found)}: {keys}{more}" if found else "the bucket is empty"
        msg = f"{said}; {there}."
        raise Mismatch(msg)
