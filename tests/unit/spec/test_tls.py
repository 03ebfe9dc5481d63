"""`tls` of the app and of roles: what is read, and the sentence for each that does not fit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.spec.loader import load
from tests.unit.spec.test_roles import with_roles

Problems = Callable[..., list[str]]
Write = Callable[..., Path]
PORT = "  port: 5000\n"
ENV = '  env: {CERTIFICATE: "${tls.certificate}", KEY: "${tls.key}", CA: "${tls.authority}"}\n'


def test_the_apps_port_and_the_files(write: Write) -> None:
    exam = load(write((PORT, f"{PORT}  tls: 8443\n"), ("KEY: ", 'CERT: "${tls.key}", KEY: ')))
    assert (exam.app.tls, exam.speaks_tls) == (8443, True)
    assert exam.app.env["CERT"] == "${tls.key}"


def test_an_exam_without_it(write: Write) -> None:
    exam = load(write())
    assert (exam.app.tls, exam.speaks_tls) == (0, False)


def test_a_role_has_it_on_its_port_or_another(write: Write) -> None:
    roles = (
        "{app: {}, proxy: {images: [nginx], port: 443, tls: true}, "
        "edge: {images: [nginx], port: 80, tls: 8443}, plain: {images: [nginx], tls: false}}"
    )
    exam = load(write(*with_roles(roles, env=ENV)))
    assert {one.name: one.tls for one in exam.roles} == {
        "app": 0, "proxy": 443, "edge": 8443, "plain": 0,
    }  # fmt: skip
    assert exam.speaks_tls


@pytest.mark.parametrize(
    ("roles", "said"),
    [
        ("{app: {tls: 8443}}", "submission.roles.app.tls: of the app it is said in `app`"),
        (
            "{app: {}, proxy: {images: [nginx], tls: true}}",
            "submission.roles.proxy.tls is true, and the role names no port; write `port: 443`",
        ),
        ("{app: {}, proxy: {images: [nginx], tls: 0}}", "submission.roles.proxy.tls is 0"),
        ("{app: {}, proxy: {images: [nginx], tls: on it}}", "submission.roles.proxy.tls is"),
    ],
)
def test_what_does_not_fit_in_a_role(problems: Problems, roles: str, said: str) -> None:
    found = problems(*with_roles(roles))
    assert any(said in one for one in found), found


def test_what_does_not_fit_in_the_app(problems: Problems) -> None:
    found = problems((PORT, f"{PORT}  tls: 5000\n"))
    assert any("app.tls is app.port as well" in one for one in found), found
    found = problems((PORT, f"{PORT}  tls: true\n"))
    assert any("app.tls is true" in one for one in found), found
    found = problems((PORT, f"{PORT}  tls: 8443\n"), ("mode: dockerfile", "mode: command"))
    assert any("app.tls: with `mode: command` nothing is reached" in one for one in found), found


def test_the_files_are_of_exams_that_ask_for_tls(problems: Problems) -> None:
    """A path that nobody fills in is found before a student meets it."""
    found = problems(("KEY: ", 'CERT: "${tls.certificate}", KEY: '))
    assert any("app.env.CERT uses ${tls.certificate}; it can use" in one for one in found), found
    found = problems((PORT, f"{PORT}  tls: 8443\n"), ("KEY: ", 'CERT: "${tls.cert}", KEY: '))
    assert any("Did you mean 'tls.certificate'?" in one for one in found), found
