"""Making an image of Debian packages with mmdebstrap, for machines that reach no registry.

The packages come from where the host's own come from: its apt sources are asked at run time.
"""

from __future__ import annotations

import json
import logging
import platform
import re
import shutil
import tempfile
from pathlib import Path

from grader import process
from grader.errors import ImageUnavailable, PlatformError, ProcessFailed
from grader.sandbox.engine import Engine, translated
from grader.sandbox.images.progress import Progress
from grader.sandbox.images.recipes import ASSETS, Recipe

log = logging.getLogger(__name__)

DEADLINE = 900.0
"""Seconds that one image may take."""
SLIM = ("doc", "groff", "info", "lintian", "locale", "man")
"""Folders of /usr/share that Debian's slim images leave out."""
TAKEN_OVER = ("Acquire::Check-Valid-Until", "Acquire::Check-Date")
"""apt settings of the host that its package sources may not work without."""


def bootstrap(engine: Engine, recipe: Recipe, labels: dict[str, str], progress: Progress) -> None:
    """Make the image of `recipe` and tag it. Raises `ImageUnavailable` where that fails."""
    _require_mmdebstrap(recipe)
    with tempfile.TemporaryDirectory(prefix="grader-image-") as scratch:
        archive = Path(scratch, "root.tar")
        environment = Path(scratch, "env")
        environment.touch()
        try:
            process.run(
                _command(recipe, archive, environment),
                deadline=DEADLINE,
                on_line=lambda line: _report(recipe, line, progress),
            )
        except ProcessFailed as error:
            msg = (
                f"The image {recipe.tag} cannot be made here, and no registry gives the original. "
                f"See that `apt-get update` works and run `grader images prepare` again. {error}"
            )
            raise ImageUnavailable(msg) from error
        progress(f"{recipe.title}: importing")
        _import(engine, recipe, archive, environment.read_text("utf-8"), labels)


def _require_mmdebstrap(recipe: Recipe) -> None:
    if platform.system() == "Linux" and shutil.which("mmdebstrap"):
        return
    msg = (
        f"No image registry can be reached, and {recipe.title} cannot be made here without "
        "mmdebstrap. Connect to a registry, or on Debian or Ubuntu run `make setup` as root "
        "(or `apt-get install mmdebstrap`)."
    )
    raise ImageUnavailable(msg)


def _command(recipe: Recipe, archive: Path, environment: Path) -> list[str]:
    options = [
        f"--aptopt={option}" for option in ['APT::Install-Recommends "false"', *_taken_over()]
    ]
    options += [f"--dpkgopt=path-exclude=/usr/share/{folder}/*" for folder in SLIM]
    options += ["--dpkgopt=path-include=/usr/share/doc/*/copyright", "--dpkgopt=force-unsafe-io"]
    options += [f'--customize-hook=sh {ASSETS / name} "$1"' for name in recipe.scripts]
    if recipe.tells_env:
        options += [f"--customize-hook=download /image-env {environment}"]
        options += ['--customize-hook=rm "$1/image-env"']
    packages = ",".join(recipe.packages)
    base = ["mmdebstrap", "--variant=minbase", f"--include={packages}", *options]
    return [*base, recipe.suite, str(archive), *package_sources(recipe.suite)]


def _taken_over() -> list[str]:
    lines = _lines(["apt-config", "dump"])
    return [line.rstrip(";") for line in lines if line.split(" ")[0] in TAKEN_OVER]


def package_sources(suite: str) -> list[str]:
    """Return the apt sources for the Debian release `suite`, derived from those of a Debian host.

    Elsewhere none, and mmdebstrap takes its own default. Raises `PlatformError` with no apt.
    """
    found = _archives_by_release()
    codename = _codename("debian")
    archive, security = found.get(codename), found.get(f"{codename}-security")
    if not codename or archive is None:
        return []
    sources = [f"deb {archive} {suite} main"]
    if suite != "sid":
        sources.append(f"deb {archive} {suite}-updates main")
        if security is not None:
            sources.append(f"deb {security} {suite}-security main")
    return sources


def host_archives() -> dict[str, str]:
    """Return where the host's apt fetches `debian`, `debian-security` and `ubuntu` from, by name.

    Without those that this host does not use, or not by HTTP; none on a host without apt.
    """
    if shutil.which("apt-get") is None:
        return {}
    try:
        found = _archives_by_release()
    except PlatformError as error:
        log.debug("the host's package sources cannot be read: %s", error)
        return {}
    debian, ubuntu = _codename("debian"), _codename("ubuntu")
    wanted = {"debian": debian, "debian-security": debian and f"{debian}-security"}
    wanted["ubuntu"] = ubuntu
    addresses = {name: found.get(release, "") for name, release in wanted.items() if release}
    return {name: url for name, url in addresses.items() if re.match("https?://", url)}


def host_proxies() -> dict[str, str]:
    """Return the proxies that the host's apt is set to, by scheme.

    Empty text where it is told none.
    """
    if shutil.which("apt-config") is None:
        return {}
    try:
        text = "\n".join(line.rstrip() for line in _lines(["apt-config", "dump"]))
    except PlatformError as error:
        log.debug("apt's settings cannot be read: %s", error)
        return {}
    found = dict(re.findall(r'^Acquire::(https?)::Proxy "([^"]+)";$', text, re.MULTILINE))
    return {scheme: "" if url.upper() == "DIRECT" else url for scheme, url in found.items()}


def _archives_by_release() -> dict[str, str]:
    """Return the URLs of the host's package sources, by release (`bookworm-security`)."""
    found: dict[str, str] = {}
    for line in _lines(["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE)"]):
        address, _, release = line.rstrip().partition(" ")
        found.setdefault(release, address)
    return found


def _codename(system: str) -> str:
    """Return the host's release of `system` (`debian`, `ubuntu`).

    Empty where it is another system.
    """
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return ""
    return release.get("VERSION_CODENAME", "") if release.get("ID") == system else ""


def _lines(command: list[str]) -> list[str]:
    lines: list[str] = []
    process.run(command, deadline=30, on_line=lines.append)
    return lines


def _report(recipe: Recipe, line: str, progress: Progress) -> None:
    """Pass on what mmdebstrap says it is doing, without its hooks and leave-taking."""
    step = re.fullmatch(
        r"I: ((?:running apt|downloading|extracting|installing|creating).*?)\.*", line
    )
    if step:
        progress(f"{recipe.title}: {step[1]}")


def _import(
    engine: Engine, recipe: Recipe, archive: Path, environment: str, labels: dict[str, str]
) -> None:
    found = dict(line.split("=", 1) for line in environment.split("\n") if "=" in line)
    changes = [f"ENV {name}={value}" for name, value in {**recipe.env, **found}.items()]
    changes += [f"LABEL {name}={value}" for name, value in labels.items()]
    changes.append(f"CMD {json.dumps(recipe.command)}")
    repository, _, tag = recipe.tag.rpartition(":")
    with translated():
        answer = engine.client.api.import_image_from_file(
            str(archive), repository=repository, tag=tag, changes=changes
        )
    if '"error"' in str(answer):
        msg = f"The engine did not take the image {recipe.tag}: {answer}"
        raise PlatformError(msg)
