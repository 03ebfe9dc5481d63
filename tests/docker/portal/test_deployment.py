"""docker-compose.yml in an engine: from secrets in files to a page that comes by https."""

from __future__ import annotations

import json
import os
import re
import secrets
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from grader.sandbox import images, index
from grader.sandbox.docker_plugins import plugin
from grader.sandbox.engine import Engine
from grader.settings import REPOSITORY, Settings
from grader.waiting import wait_until
from tests.docker.portal.test_serve import GRADE_SECONDS, hand_in

HOST = "exams.school.example"
PASSWORD = "three or four words"
SECONDS = 900
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
# the worker looks at all that the engine has; each test builds images and takes a minute
pytestmark = [pytest.mark.alone, pytest.mark.exhaustive]


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """A project of Compose's, with secrets and names of the test's own."""

    name: str
    folder: Path
    told: dict[str, str]

    def compose(self, *words: str, check: bool = True) -> str:
        """Call Compose; give what it prints."""
        done = subprocess.run(
            [
                *plugin("compose"), "--ansi=never", f"--project-name={self.name}",
                f"--project-directory={REPOSITORY}", "--env-file=/dev/null",
                f"--file={REPOSITORY / 'docker-compose.yml'}",
                f"--file={self.folder / 'test.yml'}", *words,
            ],
            env=os.environ | self.told, capture_output=True, text=True, timeout=SECONDS,
            check=False,
        )  # fmt: skip
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @property
    def address(self) -> str:
        """Where the proxy is, for a browser of this machine."""
        return f"https://{HOST}:{self.told['PORTAL_HTTPS']}"

    def browser(self, patch: pytest.MonkeyPatch) -> requests.Session:
        """A browser that finds the host here, and trusts its certificate alone."""
        real = socket.getaddrinfo

        def here(host: str, *args: object, **more: object) -> object:
            return real("127.0.0.1" if host == HOST else host, *args, **more)  # type: ignore[arg-type]

        patch.setattr(socket, "getaddrinfo", here)
        session = requests.Session()
        session.trust_env = False
        session.headers["Referer"] = f"{self.address}/"
        session.verify = str(self.folder / "secrets" / "certificate.pem")
        return session

    def link(self) -> str:
        """The administrator's link, as `setup` has printed it last."""
        found = re.findall(rf"https://{HOST}(/sign-in/\S+)", self.compose("logs", "setup"))
        return str(found[-1])


def free_port() -> int:
    """A port that nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def certificate(folder: Path) -> None:
    """Write one for the host, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "certificate.pem").write_bytes(made.public_bytes(pem))
    (folder / "certificate-key.pem").write_bytes(
        key.private_bytes(
            pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )  # fmt: skip


@pytest.fixture
def deployment(engine: Engine, settings: Settings, tmp_path: Path) -> Iterator[Deployment]:
    """The files of the repository, with images that this machine can make; removed afterwards."""
    kept = tmp_path / "secrets"
    kept.mkdir()
    for name in ("database-password", "worker-password"):
        (kept / name).write_text(secrets.token_hex(24) + "\n")
    certificate(kept)
    for file in (kept, *kept.iterdir()):
        os.chown(file, 10001, -1)
        file.chmod(0o500 if file.is_dir() else 0o400)
    name = f"grader-test-{secrets.token_hex(4)}"
    build = {"extra_hosts": [f"{images.INDEX_HOST}:{index.ensure(engine, settings).build_address}"]}
    more = {
        "services": {
            "setup": {"image": name, "build": build},
            "pages": {"image": name, "build": build},
            "worker": {"image": f"{name}-worker", "build": build},
        },
        "secrets": {
            one: {"file": str(kept / file)}
            for one, file in (
                ("database-password", "database-password"), ("worker-password", "worker-password"),
                ("certificate", "certificate.pem"), ("certificate-key", "certificate-key.pem"),
            )
        },
    }  # fmt: skip
    (tmp_path / "test.yml").write_text(yaml.safe_dump(more))
    found = Deployment(
        name=name, folder=tmp_path,
        told={
            "PORTAL_HOST": HOST, "PORTAL_HTTP": str(free_port()), "PORTAL_HTTPS": str(free_port()),
            "PORTAL_DATABASE_PORT": str(free_port()), "PORTAL_STATE": str(settings.state),
            "PORTAL_PYTHON": images.resolve_base(
                engine, "python:3.13-slim", settings=settings
            ).image,
            "PORTAL_POSTGRES": images.postgres_server("postgres:17").obtain(
                engine, settings=settings
            ).image,
            "PORTAL_NGINX": images.resolve_base(engine, "nginx:1.26", settings=settings).image,
        },
    )  # fmt: skip
    yield found
    found.compose("down", "--volumes", "--rmi=local", "--timeout=5", check=False)
    for one in (name, f"{name}-worker"):
        if engine.client.images.list(one):
            engine.client.images.remove(one, force=True)


def sent(browser: requests.Session, page: str, to: str, form: dict[str, str]) -> str:
    """Send the form of a page; give the page that comes."""
    token = TOKEN.findall(browser.get(page).text)[0]
    answer = browser.post(to, data={"csrf_token": token, **form}, headers={"Referer": page})
    assert answer.status_code == 200, answer.text
    return answer.text


def sign_in(browser: requests.Session, link: str) -> None:
    """Use a link that was given."""
    assert "My exams" in sent(browser, link, link, {"password": PASSWORD})
    assert all(one.secure for one in browser.cookies)


def test_a_portal_with_tls(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    """Secrets as files, a host of its own, no code in a log; it goes on after an end."""
    deployment.compose("up", "--detach", "--build", "--wait", "proxy")
    browser = deployment.browser(monkeypatch)
    plain = browser.get(
        f"http://{HOST}:{deployment.told['PORTAL_HTTP']}/tokens", allow_redirects=False
    )
    assert (plain.status_code, plain.headers["Location"]) == (308, f"https://{HOST}/tokens")
    assert browser.get(f"{deployment.address}/ready").status_code == 200
    page = browser.get(f"{deployment.address}/sign-in/openid/callback?code=the-code&state=x")
    assert page.status_code == 409
    assert page.headers["Strict-Transport-Security"]
    browser.get(f"{deployment.address}/tokens?code=the-code")
    sign_in(browser, deployment.address + deployment.link())
    assert "Operations" in browser.get(f"{deployment.address}/operations").text
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(
            f"https://127.0.0.1:{deployment.told['PORTAL_HTTPS']}/", timeout=10, verify=False
        )
    said = deployment.compose("logs", "proxy", "pages")
    assert '"GET /tokens" 302' in said
    assert "the-code" not in said
    assert "/sign-in/" not in said
    deployment.compose("down", "--timeout=5")  # not its volumes
    deployment.compose("up", "--detach", "--wait", "proxy")
    assert "Operations" in browser.get(f"{deployment.address}/operations").text


def test_no_secret_is_in_what_the_engine_tells(deployment: Deployment, engine: Engine) -> None:
    """`docker inspect` shows files' names alone; each container has its own secrets."""
    deployment.compose("up", "--detach", "--build", "--wait", "proxy")
    kept = deployment.folder / "secrets"
    words = [(kept / name).read_text().strip() for name in ("database-password", "worker-password")]
    rows = json.loads(f"[{','.join(deployment.compose('ps', '--all', '--format=json').split())}]")
    assert {one["Service"] for one in rows} == {"database", "setup", "pages", "proxy"}
    for row in rows:
        told = json.dumps(engine.client.api.inspect_container(row["ID"]))
        assert not [word for word in words if word in told], row["Service"]


def test_the_worker_works(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    """With an image of its own, and a role of the database that reads no secret: it grades."""
    deployment.compose("up", "--detach", "--build", "--wait")
    browser, address = deployment.browser(monkeypatch), deployment.address
    sign_in(browser, deployment.address + deployment.link())

    def works() -> bool:
        page = browser.get(f"{deployment.address}/operations").text
        return '<span class="badge good">works</span>' in page

    assert wait_until(works, within=120.0), deployment.compose("logs", "worker")
    teacher = deployment.browser(monkeypatch)
    form = {"title": "Web", "weight": "1", "email": "ines@school.example", "name": "Ines"}
    made = sent(browser, f"{address}/operations", f"{address}/operations/courses", form)
    link = re.search(rf"{re.escape(address)}/sign-in/[\w-]+", made)
    assert link, made
    sign_in(teacher, link[0])
    page = teacher.get(f"{address}/courses/1").text
    exam = re.search(r'<option value="(\d+)"[^>]*>Command-line calculator', page, re.IGNORECASE)
    assert exam, page
    form = {
        "title": "Exam", "exam": exam[1], "late": "none", "per_cent": "10", "tokens": "0",
        "attempts": "0", "cool_down": "0", "counting": "best", "published": "yes",
    }  # fmt: skip
    sent(teacher, f"{address}/courses/1", f"{address}/courses/1/assignments", form)
    where = hand_in(teacher, address)
    assert wait_until(
        lambda: "Read the report" in teacher.get(where).text, within=GRADE_SECONDS, poll=0.5
    ), deployment.compose("logs", "worker") + teacher.get(where).text
    assert "passed" in teacher.get(where).text
