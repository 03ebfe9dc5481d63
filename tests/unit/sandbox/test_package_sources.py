"""Keys and sources that a build step adds to apt's: what is wrong with them, and what to take."""

from __future__ import annotations

import pytest

from grader.sandbox.build_causes import build_cause

NO_GNUPG = (
    "E: gnupg, gnupg2 and gnupg1 do not seem to be installed, but one of them is required for "
    "this operation"
)
NGINX = (
    'RUN apt-key adv --keyserver hkp://keys.example:80 --recv-keys 573B && echo "deb '
    'http://packages.example/nginx/debian/ jessie nginx" >> /etc/apt/sources.list && apt-get '
    "update && apt-get install -y ca-certificates nginx=${NGINX_VERSION} gettext-base"
)
STRETCH = (
    'RUN echo "deb http://packages.example/debian stretch main" > /etc/apt/sources.list '
    "&& apt-get update"
)
GONE = (
    "E: The repository 'http://packages.example/debian stretch Release' does not have a Release "
    "file."
)


@pytest.mark.parametrize(
    ("output", "step", "parts"),
    [
        (NO_GNUPG, NGINX,
         ("`apt-key`, which Debian has given up", "It needs gnupg, too",
          "http://packages.example/nginx/debian/ for Debian 8 (jessie)",
          "`RUN apt-get update && apt-get install -y nginx`", "/etc/apt/keyrings", "signed-by=")),
        ("/bin/sh: 1: apt-key: not found", "RUN wget -qO- https://x/k | apt-key add -",
         ("which Debian has given up", "/etc/apt/keyrings")),
        (GONE, STRETCH, ("for Debian 9 (stretch)", "Leave that source out")),
        ("E: Failed to fetch http://x 404", ('RUN echo "deb [arch=amd64] '
         'https://packages.example/linux/ubuntu focal stable" > /etc/apt/sources.list.d/x.list '
         "&& apt-get update"), ("for Ubuntu 20.04 (focal)", "Leave that source out")),
        ("W: GPG error: NO_PUBKEY 1\nE: The repository 'x' is not signed.",
         ('RUN echo "deb http://packages.example/apt/debian buster mysql-8.0" > /etc/apt/x.list '
         "&& apt-get install -y mysql-client"),
         ("Debian 10 (buster)", "apt-get install -y default-mysql-client")),
    ],
)  # fmt: skip
def test_a_key_or_a_source_of_another_time(output: str, step: str, parts: tuple[str, ...]) -> None:
    """What is gone, which release the source is for, and what Debian has in its place."""
    said = build_cause(output, step)
    assert all(part in said for part in parts), said


@pytest.mark.parametrize(
    ("output", "step"),
    [
        ("E: Unable to locate package curll", "RUN apt-get update && apt-get install -y curll"),
        ("E: Unable to locate package x", f"{STRETCH} && apt-get install x"),
        ("ERROR: No matching distribution found for flaskk", "RUN apt-key list && pip install x"),
    ],
)
def test_what_fails_of_something_else(output: str, step: str) -> None:
    """The tool's own words are told."""
    said = build_cause(output, step)
    assert "given up" not in said
    assert "(stretch)" not in said
    assert said
