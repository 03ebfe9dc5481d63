"""What keeps the objects: each app has an account, and a request says nothing of another's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from grader.services.double.http import HttpRequest

if TYPE_CHECKING:
    from grader.services.objects.moto_store import MotoStore

ADA, BOB = "111111111111", "222222222222"


@pytest.fixture
def store() -> Iterator[MotoStore]:
    """One with a bucket for each of two accounts; moto keeps them for the whole process."""
    from grader.services.objects.moto_store import MotoStore  # which takes its time to load

    made = MotoStore()
    made.make(ADA, "of-ada")
    made.make(BOB, "of-bob")
    yield made
    made.remove(ADA)
    made.remove(BOB)


def request(method: str, target: str, body: bytes = b"", **headers: str) -> HttpRequest:
    """Return a request of one whose signature was found to be right; moto looks at none."""
    headers = {
        "authorization": f"AWS4-HMAC-SHA256 Credential={ADA}/20300101/us-east-1/s3/aws4_request",
        **headers,
    }
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return HttpRequest(method=method, target=target, headers=named, body=body, host="", port=0)


def test_what_an_app_stores_is_found_and_read(store: MotoStore) -> None:
    put = store.ask(ADA, request("PUT", "/of-ada/a%20b?x=1", b"hello"), "")
    assert put.status == 200
    assert [name for name, _ in store.objects(ADA, "of-ada")] == ["a b"]
    assert store.find(ADA, "of-ada", "a b").value == b"hello"
    got = store.ask(ADA, request("GET", "/of-ada/a%20b"), "")
    assert (got.status, got.body, got.size) == (200, b"hello", 5)
    assert {name.lower() for name in got.headers}.isdisjoint({"content-length", "connection"})


def test_a_key_that_is_not_there_is_none(store: MotoStore) -> None:
    assert store.find(ADA, "of-ada", "no") is None
    assert store.ask(ADA, request("GET", "/of-ada/no"), "").status == 404


def test_another_app_s_bucket_is_closed(store: MotoStore) -> None:
    store.put(BOB, "of-bob", "x", b"of bob", "text/plain")
    assert store.ask(ADA, request("GET", "/of-bob/x"), "").status in {403, 404}
    assert list(store.objects(ADA, "of-ada")) == []


def test_what_the_suite_puts_has_its_type(store: MotoStore) -> None:
    store.put(ADA, "of-ada", "x.txt", b"hello", "text/plain")
    head = store.ask(ADA, request("HEAD", "/of-ada/x.txt"), "")
    found = {name.lower(): text for name, text in head.headers.items()}
    assert (found["content-type"], head.body, head.size) == ("text/plain", b"", 5)


def test_a_bucket_s_acl_says_who_lists_it(store: MotoStore) -> None:
    assert not store.lists_to_all(ADA, "of-ada")
    asked = request("PUT", "/of-ada?acl", x_amz_acl="public-read")
    assert store.ask(ADA, asked, "acl").status == 200
    assert store.lists_to_all(ADA, "of-ada")
    assert not store.lists_to_all(BOB, "of-bob")


def test_a_request_says_neither_bucket_nor_account_by_its_headers() -> None:
    """The host that it names, and moto's own headers, are the app's to write."""
    from grader.services.objects.moto_store import environ

    asked = request(
        "POST", "/b/k%2Fl", b"a=1", host="of-bob.s3.amazonaws.com", x_moto_account_id=BOB,
        content_type="application/x-www-form-urlencoded", content_length="9",
    )  # fmt: skip
    found = environ(ADA, asked, "uploads")
    assert (found["HTTP_HOST"], found["HTTP_X_MOTO_ACCOUNT_ID"]) == ("localhost", ADA)
    assert (found["PATH_INFO"], found["RAW_URI"]) == ("/b/k/l", "/b/k%2Fl?uploads")
    assert (found["CONTENT_LENGTH"], found["CONTENT_TYPE"]) == ("3", "binary/octet-stream")
