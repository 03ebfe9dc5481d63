"""The image: bases made sure of, packages at hand, and the build itself."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from grader.criteria import DOCKER_BUILDS
from grader.errors import PlatformError, SubmissionRejected
from grader.inspect.build_stages import needed_images
from grader.inspect.dockerfile import Dockerfile
from grader.inspect.dockerfile_policy import not_allowed
from grader.inspect.near_files import where_it_is
from grader.model import CheckResult, Outcome, SourceLocation, Submission
from grader.run.context import RunContext
from grader.run.stand_ins import with_differences
from grader.sandbox import image_cache, images, index
from grader.sandbox.build import (
    BuildCache,
    BuildRequest,
    BuildStage,
    Built,
    StepEnvironment,
    build,
    full_name,
)
from grader.sandbox.build_log import BuildFailed
from grader.sandbox.cgroup import build_cgroup
from grader.sandbox.engine import image_config, image_id, translated
from grader.spec.starting import is_plain
from grader.text import clip

log = logging.getLogger(__name__)

NO_PACKAGES = re.compile(
    r"Could not find a version that satisfies|No matching distribution found|"
    r"HTTP error 504|504 Server Error|Connection refused|NewConnectionError|"
    r"ReadTimeoutError|Temporary failure in name resolution|"
    r"Failed to (?:fetch|download)|error sending request|Connection to pypi|"
    r"All attempts to connect|ConnectionError|ReadTimeout|Request failed after|"
    r"was not found in the package registry|Could not find a matching version|"
    r"ResolutionFailure|Server error"
)
"""What pip, uv, Poetry and Pipenv print where a package does not exist.

They print it where the index does not answer, too."""

LOST_INDEX = re.compile(
    rf"{re.escape(images.INDEX_HOST)}[\s\S]{{0,400}}?(?:NewConnectionError|ReadTimeoutError|"
    r"ConnectTimeoutError|RemoteDisconnected|Connection (?:refused|reset|timed out|aborted)|"
    r"error sending request|operation timed out|ReadTimeout|ConnectError)"
)
"""What the tools print where the index, which is there, did not get an answer to them."""


@dataclass(frozen=True, kw_only=True)
class _Bases:
    """The images that a Dockerfile builds on, by the references that stand in it."""

    ids: Mapping[str, str]
    contexts: Mapping[str, str]
    """References to the images that stand for them, where these have other names."""
    unchanged: tuple[str, ...]


def build_image(
    context: RunContext,
    submission: Submission,
    dockerfile: Dockerfile,
    *,
    folder: str = "",
    name: str = "app",
    args: Mapping[str, str] | None = None,
    target: str = "",
) -> Built | None:
    """Build an image and record `docker.builds`; None where it does not build.

    `folder` is the build's context in the submission; empty: all of it. An image of the same
    content that was built before is taken as it is. `name` is what the report lists it under; only
    the app's success is recorded. Raises `ImageUnavailable` where a base can neither be had nor
    replaced, and `PlatformError` where something else fails that is not the student's.
    """
    if not _may_be_built(context, dockerfile, name):
        return None
    request = BuildRequest(
        context=submission.root / folder,
        dockerfile=dockerfile.for_builder(),
        stage=BuildStage(name=target, args=args or {}),
        contexts={},
        steps=StepEnvironment(cgroup=build_cgroup(context.resources.engine)),
        labels=image_cache.LABELS,
        deadline=context.challenge.limits.build,
        cache=BuildCache(layers=context.use_cache, mounts=context.run),
    )
    result: Built | BuildFailed | None = None
    # of a stage that nothing leads to BuildKit loads nothing; where it does, it gets that, too
    for wanted in dict.fromkeys((needed_images(dockerfile, target), dockerfile.images)):
        bases = _resolve_bases(context, dockerfile, wanted)
        if bases is None:
            return None
        request = replace(request, contexts=bases.contexts, images=bases.unchanged)
        known = image_cache.name_of(request, f"{submission.digest} {folder}", bases.ids)
        result = _known_or_built(context, request, known)
        if isinstance(result, Built) or not result.denied:
            break
    assert result is not None
    assert bases is not None
    if isinstance(result, BuildFailed):
        _require_bases(context, bases.ids)
        _reject_source(dockerfile, request, result)
        _require_index(context, result)
        near = where_it_is(submission.root, folder, result.absent) if result.absent else ""
        why = with_differences(
            context, dockerfile.images, f"{result.rationale}{near}", _printed(result),
            step=dockerfile.step_at(result.line),
        )  # fmt: skip
        _record(context, dockerfile, replace(result, rationale=f"{_of_service(name)}{why}"))
        return None
    if name == "app":
        context.recorder.record(CheckResult(criterion=DOCKER_BUILDS, outcome=Outcome.PASSED))
        from grader.run.secret_scan import scan_image  # the engine is at work meanwhile

        scan_image(context, result.image, tuple(bases.contexts.values()))
    context.recorder.materials.images[name] = result.image
    return result


def _of_service(name: str) -> str:
    """Return the beginning of a sentence on what does not build, where it is not the app."""
    return "" if name == "app" else f"The service {name!r} does not build. "


def _may_be_built(context: RunContext, dockerfile: Dockerfile, name: str) -> bool:
    """Return whether it can be read and names allowed images only; why not is recorded."""
    begin = _of_service(name)
    if refusal := dockerfile.wrong_encoding:
        failed = BuildFailed(rationale=f"{begin}{refusal}", evidence="", line=1)
        _record(context, dockerfile, failed)
        return False
    for reference in dockerfile.images:
        who = "exams usually allow" if is_plain(context.challenge) else "this exam allows"
        if refusal := not_allowed(reference, context.challenge.base_images, who=who):
            _record_base(context, dockerfile, reference, f"{begin}{refusal}")
            return False
    return True


def _resolve_bases(
    context: RunContext, dockerfile: Dockerfile, references: Collection[str]
) -> _Bases | None:
    """Make sure of the images; None, recorded, where a registry has no such image.

    Raises as `build_image` does.
    """
    ids, contexts = dict[str, str](), dict[str, str]()
    for reference in references:
        try:
            base = images.resolve_base(
                context.resources.engine, reference, settings=context.settings,
                progress=lambda text: context.recorder.progress("build", text),
            )  # fmt: skip
        except images.BaseImageUnknown as error:
            _record_base(context, dockerfile, reference, str(error))
            return None
        context.recorder.substitute(base.substitution)
        context.recorder.start_from(base.base)
        ids[reference] = image_id(context.resources.engine, base.image)
        if base.image != reference:
            contexts[reference] = base.image
    unchanged = tuple(one for one in references if one not in contexts)
    return _Bases(ids=ids, contexts=contexts, unchanged=unchanged)


def _record_base(context: RunContext, dockerfile: Dockerfile, reference: str, why: str) -> None:
    """Record that it cannot be built on the image `reference`."""
    line = dockerfile.line_of(reference)
    said = BuildFailed(rationale=why, evidence=f"FROM {reference}", line=line)
    _record(context, dockerfile, said)


def _known_or_built(context: RunContext, request: BuildRequest, name: str) -> Built | BuildFailed:
    """Return the image that was kept under `name`, else one that is built now, and kept."""
    if request.cache.layers and (image := image_cache.find(context.resources.engine, name)):
        context.recorder.progress("build", "the same content was built before")
        return Built(image=image, cached=True)
    address = index.ensure(context.resources.engine, context.settings)
    if reason := index.confine(address, context.settings):
        context.recorder.note(
            f"The network of the build was not confined to the package index: {reason}. Its steps "
            "reached what other containers of this machine reach."
        )
    hosts = {images.INDEX_HOST: address.build_address}
    proxy = f"http://{images.INDEX_HOST}:{address.port}"
    steps = replace(request.steps, hosts=hosts, proxy=proxy)
    request = replace(request, steps=steps, name=name)
    began = time.monotonic()
    result = _build(context, request)
    if isinstance(result, BuildFailed) and index.archive_fault(
        context.settings, within=time.monotonic() - began
    ):
        result = _build_again(context, request)
    elif isinstance(result, BuildFailed) and LOST_INDEX.search(result.log):
        left = request.deadline - (time.monotonic() - began)
        if left > 0:  # who prints this has the same build tried twice, in the time of one
            log.info("a build says that it lost the package index; it is tried again")
            result = _build(context, replace(request, deadline=left))
    if isinstance(result, Built) and image_cache.due(context.settings.state):
        image_cache.remove_old(
            context.resources.engine, kept=image_cache.KEPT, idle=image_cache.IDLE
        )
    return result


def _build(context: RunContext, request: BuildRequest) -> Built | BuildFailed:
    return build(
        request, cancel=context.cancel,
        on_step=lambda step: context.recorder.progress("build", step),
        platform=context.resources.platform,
    )  # fmt: skip


def _build_again(context: RunContext, request: BuildRequest) -> Built | BuildFailed:
    """Build what failed while a package archive could not be had; what it comes to now counts.

    Raises `PlatformError` where it fails and an archive cannot be had again.
    """
    began = time.monotonic()
    result = _build(context, request)
    if isinstance(result, Built):
        return result
    took = time.monotonic() - began
    if fault := index.archive_fault(context.settings, within=took, confirm=True):
        msg = (
            "The build asked for Debian packages, and they could not be had from this machine "
            f"({fault}). See that `apt-get update` works here, then grade again."
        )
        raise PlatformError(msg)
    return result


def _require_bases(context: RunContext, bases: Mapping[str, str]) -> None:
    """Raise `PlatformError` where an image that the build stood on has been removed meanwhile."""
    for image in bases.values():
        with translated():
            context.resources.engine.client.api.inspect_image(image)  # type: ignore[no-untyped-call]


def _reject_source(dockerfile: Dockerfile, request: BuildRequest, failure: BuildFailed) -> None:
    """Reject what BuildKit was kept from loading, as our own reading had not seen it."""
    if not failure.denied:
        return
    supplied = {full_name(name) for name in (*request.contexts.values(), *request.images)}
    if failure.denied.removeprefix("docker-image://").partition("@")[0] in supplied:
        msg = f"The builder refuses {failure.denied}, which was supplied for it; report this."
        raise PlatformError(msg)
    msg = (
        f"{dockerfile.path}: the build would load {clip(failure.denied, 200)}, which this exam "
        "does not allow. Build on the exam's base images, and COPY files of your repository."
    )
    raise SubmissionRejected(msg)


def _printed(failure: BuildFailed) -> str:
    return f"{failure.evidence}\n{failure.log}"


def _record(context: RunContext, dockerfile: Dockerfile, failure: BuildFailed) -> None:
    """Record that it does not build, at the line of `dockerfile` where one is known."""
    outcome = Outcome.TIMED_OUT if failure.timed_out else Outcome.FAILED
    at = SourceLocation(path=dockerfile.path, line=failure.line, message=failure.rationale)
    context.recorder.record(
        CheckResult(
            criterion=DOCKER_BUILDS,
            outcome=outcome,
            rationale=failure.rationale,
            evidence=failure.evidence,
            hinted=False,
            locations=(at,) if failure.line and not dockerfile.inline else (),
        )
    )


def _require_index(context: RunContext, failure: BuildFailed) -> None:
    """Raise `PlatformError` where a build fails for want of packages and the index is silent."""
    if NO_PACKAGES.search(failure.log) and not index.answers(context.settings):
        msg = (
            "The build could not get its packages, because the local package index does not "
            "answer. See `grader doctor`, then grade again."
        )
        raise PlatformError(msg)


def runs_as_root(context: RunContext, image: str) -> bool:
    """Return whether the image's own configuration makes its processes root's."""
    config = image_config(context.resources.engine, image)
    user = str(config.get("User") or "root").partition(":")[0]
    return user in {"root", "0"}
