"""Addresses of a page, resolved as a browser does."""

from __future__ import annotations

import pytest

from grader.exam.address import joined, same_path, split, target_of

BASE = "http://localhost:5000/shop/list?page=2"


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("", BASE),
        ("#top", f"{BASE}#top"),
        ("item/7", "http://localhost:5000/shop/item/7"),
        ("../about", "http://localhost:5000/about"),
        ("../../../about", "http://localhost:5000/about"),
        ("./", "http://localhost:5000/shop/"),
        ("?page=3", "http://localhost:5000/shop/list?page=3"),
        ("/cart#x", "http://localhost:5000/cart#x"),
        (" \n /cart\t", "http://localhost:5000/cart"),
        ("/ca\nrt", "http://localhost:5000/cart"),
        ("//172.18.0.3:5000/x", "http://172.18.0.3:5000/x"),
        ("///evil.example/x", "http://evil.example/x"),
        (r"\\evil.example\x", "http://evil.example/x"),
        (r"/\evil.example", "http://evil.example"),
        ("http:///evil.example", "http://evil.example"),
        (r"/a?b=\c", r"http://localhost:5000/a?b=\c"),
        ("https://localhost:5000/x", "https://localhost:5000/x"),
        ("HTTP://localhost:5000/x", "http://localhost:5000/x"),
        ("mailto:a@b.c", "mailto:a@b.c"),
        ("javascript:alert(1)//", "javascript:alert(1)//"),
    ],
)
def test_an_address_is_joined_as_in_a_browser(address: str, url: str) -> None:
    """Relative to its page; blanks, backslashes and surplus slashes as browsers read them."""
    assert joined(BASE, address) == url


@pytest.mark.parametrize("address", ["http://[", "http://h:port/", "//[::1"])
def test_what_is_no_address_is_said(address: str) -> None:
    """As a `ValueError`, for the caller to say whose it is."""
    with pytest.raises(ValueError):
        split(joined(BASE, address))


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("http://h:5000", "/"),
        ("http://h:5000/a%20b?c=d#e", "/a%20b?c=d"),
        ("http://h:5000//evil.example/x", "/evil.example/x"),
        ("http://h:5000?x=1", "/?x=1"),
    ],
)
def test_a_target_is_path_and_query(url: str, target: str) -> None:
    """Never a fragment, and never anything that is another host where it is asked for."""
    assert target_of(split(url)) == target


def test_paths_are_compared_decoded() -> None:
    """A query is no part of the path."""
    assert same_path("/users/%61da/delete?x=1", "/users/ada/delete")
    assert not same_path("/users/ADA", "/users/ada")
