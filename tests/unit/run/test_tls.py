"""The certificate of a run: for whom it is, where its files are, and who sees its key."""

from __future__ import annotations

import base64
import ssl
import stat
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509

from grader.app_spec import AppSpec, RoleSpec
from grader.inspect.compose.project import Mount, MountKind
from grader.model import Challenge, Submission
from grader.run.compose.bind_mounts import copy_binds, put_files
from grader.run.compose.certificate import given_files, with_certificate
from grader.run.compose.project_roles import ComposeChoice
from grader.run.compose.resolve import resolve_roles
from grader.run.compose.routes import ProjectRoutes, reached_by
from grader.run.compose.stand_ins import StandIns
from grader.run.context import RunContext
from grader.run.environment.layout import EnvironmentSpec
from grader.run.environment.variables import fill
from grader.run.redaction import Redactor
from grader.run.tls import (
    FILES,
    TlsFiles,
    hide_key,
    issue,
    project_paths,
    tls_address,
    tls_values,
)
from grader.sandbox.gateway import Gateway
from grader.settings import REPOSITORY, Settings
from grader.spec.loader import load
from grader.testing import a_challenge
from tests.unit.run.conftest import Begin
from tests.unit.run.test_compose_roles import roles


def secure_app() -> AppSpec:
    return replace(a_challenge().app, tls=8443)


def secure(**changes: object) -> Challenge:
    return a_challenge(**{"app": secure_app(), **changes})


def test_an_exam_without_tls_has_none_of_it(begin: Begin, tmp_path: Path) -> None:
    context = begin()
    assert issue(context, ["app"]) == TlsFiles()
    assert TlsFiles().mounts(tmp_path / "tls") == ()
    assert not (tmp_path / "tls").exists()
    assert tls_values(context.challenge) == {}


def test_each_run_has_an_authority_of_its_own(begin: Begin, tmp_path: Path) -> None:
    """The certificate is for the names of the run, and the key is the certificate's."""
    context = begin(app=secure_app())
    first, other = (issue(context, ["web", "bad name", "-x", "a" * 64, "b.c"]) for _ in range(2))
    assert first.authority != other.authority
    trusting = ssl.create_default_context(cadata=first.authority)
    assert len(trusting.get_ca_certs()) == 1
    path = tmp_path / "both.pem"
    path.write_text(first.contents["key.pem"] + first.contents["certificate.pem"])
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(path)
    shown = x509.load_pem_x509_certificate(first.contents["certificate.pem"].encode())
    names = shown.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost", "web", "b.c"]
    assert [str(one) for one in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1", "::1"]


def test_no_report_shows_the_key(begin: Begin) -> None:
    """Neither whole, nor a line of it, nor the lines without their ends, nor in Base64."""
    context = begin(app=secure_app())
    key = issue(context, ["app"]).contents["key.pem"]
    lines = [line for line in key.splitlines() if "-----" not in line]
    coded = base64.b64encode(lines[7].encode()).decode()
    said = context.redactor.shown(f"{key}\n{''.join(lines)}\n{lines[4]} and {coded}")
    assert coded[4:-4] not in said
    assert not any(line in said for line in lines if len(line) >= 20)
    assert lines[3][:30] not in said
    assert "[tls.key line 5]" in said
    assert context.redactor.secrets == {"tls.key": lines[1]}


def test_a_short_line_says_nothing_and_is_not_looked_for() -> None:
    """What is that short would be found in ordinary words."""
    redactor = Redactor()
    first, second = "a" * 64, "d" * 64
    hide_key(redactor, f"-----BEGIN PRIVATE KEY-----\n{first}\n{second}\nbc==\n-----END-----\n")
    assert redactor.shown(f"{first} {second} bc==") == "[tls.key line 1] [tls.key] bc=="


def test_files_of_an_image_are_read_only_and_for_every_user(begin: Begin, tmp_path: Path) -> None:
    context = begin(app=secure_app())
    mounts = issue(context, ["app"]).mounts(tmp_path / "tls")
    assert stat.S_IMODE((tmp_path / "tls").stat().st_mode) == 0o700
    assert [one.target for one in mounts] == [f"/run/tls/{name}" for name in FILES.values()]
    for one in mounts:
        assert one.docker()["ReadOnly"]
        assert one.docker()["Type"] == "bind"
        assert stat.S_IMODE(one.source.stat().st_mode) == 0o644


def test_the_placeholders_are_paths() -> None:
    """In the container of an image, or seen from a Compose file."""
    assert tls_values(secure())["tls.key"] == "/run/tls/key.pem"
    found = tls_values(secure(mode="compose"))
    assert found["tls.certificate"] == "./tls/certificate.pem"
    asked = (RoleSpec(name="proxy", images=("nginx",), port=443, tls=443),)
    assert tls_values(a_challenge(mode="compose", roles=asked)) == found


def test_the_gateway_leads_to_the_port() -> None:
    """And no app alongside has the same."""
    spec = EnvironmentSpec.of(secure(app=replace(secure_app(), tls=5001)))
    assert spec.routes[:2] == ((5000, "app:5000"), (5001, "app:5001"))
    assert [port for port, _ in spec.routes[2:]] == [5002, 5003]
    assert spec.app == "app:5000"


def test_a_projects_ports() -> None:
    """The app's and a proxy's, the plain one of the proxy and the same one twice."""
    asked = (
        RoleSpec(name="app", port=5000),
        RoleSpec(name="proxy", images=("nginx",), port=80, tls=443),
        RoleSpec(name="edge", images=("nginx",), port=443, tls=443),
        RoleSpec(name="inner", images=("nginx",), tls=8443),
    )
    challenge = a_challenge(app=secure_app(), mode="compose", roles=asked)
    named = {"app": "web", "proxy": "front", "edge": "outer", "inner": "core"}
    found = ProjectRoutes(roles=replace(roles(), named=named), challenge=challenge)
    spec = found.spec(1)
    ports = [port for port, _ in spec.routes]
    assert len(ports) == len(set(ports))
    leads = dict(spec.routes)
    assert spec.app == "grader-app:5000"
    at = found.secure
    assert leads[at["web"].gateway] == "grader-app:8443"
    assert leads[at["front"].gateway] == "front:443"
    assert leads[found.others["front"][0]] == "front:80"
    assert at["outer"].gateway == found.others["outer"][0]
    gateway = Gateway(container="g", addresses={port: ("127.0.0.1", port) for port in ports})
    reached = reached_by(found, gateway)
    assert reached["front"].port != reached["front"].tls.port  # type: ignore[union-attr]
    assert reached["outer"].port == reached["outer"].tls.port  # type: ignore[union-attr]
    assert (reached["core"].port, reached["core"].tls is None) == (0, False)


def test_a_student_reads_the_port_of_the_container() -> None:
    assert tls_address(("172.17.0.2", 7001), 443).shown == "https://localhost"
    assert tls_address(("172.17.0.2", 7001), 8443).shown == "https://localhost:8443"


# -- over what a project mounts ------------------------------------------------------------


def mounted(source: str, content: str | None = None) -> Mount:
    return Mount(kind=MountKind.BIND, source=source, target="/x", content=content)


GIVEN = {"tls/certificate.pem": "CERTIFICATE", "tls/key.pem": "KEY"}


def test_files_stand_next_to_the_compose_file(tmp_path: Path) -> None:
    """Links within the repository are followed; one that leads out is nobody's."""
    assert project_paths(tmp_path, "compose.yml")["tls/key.pem"] == "key.pem"
    assert project_paths(tmp_path, "ops/compose.yml")["ops/tls/key.pem"] == "key.pem"
    (tmp_path / "certs").mkdir()
    (tmp_path / "tls").symlink_to("certs")
    assert project_paths(tmp_path, "compose.yml")["certs/key.pem"] == "key.pem"
    (tmp_path / "tls").unlink()
    (tmp_path / "tls").symlink_to("/etc")
    assert project_paths(tmp_path, "compose.yml") == {}


@pytest.mark.parametrize("source", ["tls/key.pem", "tls", "."])
def test_a_file_and_folders_with_it(tmp_path: Path, source: str) -> None:
    """What the student has there is replaced, all else stays."""
    target = tmp_path / "copy"
    inner = {"tls/key.pem": target, "tls": target / "key.pem", ".": target / "tls/key.pem"}[source]
    if source != "tls/key.pem":
        inner.parent.mkdir(parents=True)
        (inner.parent / "mine.txt").write_text("mine")
    inner.write_text("self-signed")
    put_files(target, mounted(source), GIVEN)
    assert inner.read_text() == "KEY"
    if source != "tls/key.pem":
        assert (inner.parent / "mine.txt").read_text() == "mine"
        assert (inner.parent / "certificate.pem").read_text() == "CERTIFICATE"


def test_other_mounts_are_as_they_were(tmp_path: Path) -> None:
    target = tmp_path / "copy"
    target.write_text("as it was")
    for mount in (mounted("tls2"), mounted("tls/key.pem.example"), mounted("tls/key.pem", "drawn")):
        put_files(target, mount, GIVEN)
    assert target.read_text() == "as it was"


def test_what_is_not_in_the_repository_is_there_all_the_same(tmp_path: Path) -> None:
    """The folder of a file that is not there is an empty one, as in Docker."""
    for source in ("tls/key.pem", "tls"):
        target = tmp_path / source.replace("/", "-")
        target.mkdir()
        put_files(target, mounted(source), GIVEN)
    assert (tmp_path / "tls-key.pem").read_text() == "KEY"
    assert (tmp_path / "tls/key.pem").read_text() == "KEY"


@pytest.mark.parametrize("link", ["folder", "file"])
def test_a_link_of_the_students_leads_nowhere(tmp_path: Path, link: str) -> None:
    """A repository whose `tls`, or a file in it, is a link to the host's."""
    outside = tmp_path / "host"
    outside.mkdir()
    (outside / "key.pem").write_text("the host's")
    target = tmp_path / "copy"
    target.mkdir()
    if link == "folder":
        (target / "tls").symlink_to(outside)
    else:
        (target / "tls").mkdir()
        (target / "tls/key.pem").symlink_to(outside / "key.pem")
    put_files(target, mounted("."), GIVEN)
    assert (outside / "key.pem").read_text() == "the host's"
    assert sorted(one.name for one in outside.iterdir()) == ["key.pem"]
    assert (target / "tls/key.pem").read_text() == "KEY"
    assert not (target / "tls/key.pem").is_symlink()


# -- a whole project -----------------------------------------------------------------------


def test_a_project_gets_the_files_wherever_it_mounts_them(tmp_path: Path) -> None:
    """By a variable over a file of its own, and as a secret whose file is in no repository."""
    tests = REPOSITORY / "tests"
    root = tests / "submissions" / "tls-proxy"
    challenge = load(tests / "challenges" / "probe-tls-proxy")
    context = RunContext.begin(
        run="r", challenge=challenge, settings=Settings.from_env({}), folder=tmp_path, seed=1,
        listener=lambda event: None, cancel=threading.Event(),
    )  # fmt: skip
    submission = Submission(root=root, repository=root, origin="", commit=None, digest="")
    injected, _ = fill(context, {})
    found = resolve_roles(context, submission, ComposeChoice(), injected)
    assert found is not None
    assert found.named == {"app": "web", "proxy": "front"}
    assert found.fresh.missing == ()
    given = found.stand_ins.files
    assert set(given) == {f"tls/{name}" for name in FILES.values()}
    project = found.project(found.fresh)
    paths = copy_binds(root, project, {"front": "front"}, tmp_path / "binds", given=given)
    mounted = {target: Path(path) for (_, target), path in paths.items()}
    shown = mounted["/etc/nginx/tls/certificate.pem"].read_text()
    assert shown == given["tls/certificate.pem"]
    assert mounted["/run/secrets/key"].read_text() == given["tls/key.pem"]
    assert "ssl_certificate" in mounted["/etc/nginx/conf.d/default.conf"].read_text()
    names = x509.load_pem_x509_certificate(shown.encode()).extensions
    found_names = names.get_extension_for_class(x509.SubjectAlternativeName).value
    assert found_names.get_values_for_type(x509.DNSName) == ["localhost", "web", "front"]
    assert context.redactor.shown(given["tls/key.pem"].splitlines()[3]).startswith("[tls.key line")
    assert (root / "tls/certificate.pem").read_text().startswith("What stands here at home")


def test_a_project_whose_folder_leads_out_has_an_authority_all_the_same(
    begin: Begin, tmp_path: Path
) -> None:
    """The suite asks over TLS whatever the student has done to the folder."""
    context = begin(app=secure_app(), mode="compose")
    (tmp_path / "tls").symlink_to("/etc")
    given = given_files(context, tmp_path, "compose.yml")
    found = with_certificate(context, roles(), StandIns(), given)
    assert (given, found.files) == ({}, {})
    assert "BEGIN CERTIFICATE" in found.authority
    plain = a_challenge(mode="compose")
    context = replace(context, challenge=plain)
    assert given_files(context, tmp_path, "compose.yml") == {}
    assert with_certificate(context, roles(), StandIns(), {}) == StandIns()
