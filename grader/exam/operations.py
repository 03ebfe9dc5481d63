"""What a suite may ask the grader to do, whichever way the submission was started.

A name on the channel is that of a group and of a public method of its Protocol: `app.restart` is
`AppOperations.restart`. Each method may raise `Mismatch`, which fails the test that asked, and
`PlatformError`, which ends the run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from grader.commands import CommandCall, CommandResult
from grader.exam.leaks import Leak


@dataclass(frozen=True, kw_only=True)
class RequestLog:
    """What the app printed over one request."""

    lines: str
    """The last lines; empty where it printed none."""
    raised: str
    """The last exception among them; empty where there is none."""


@dataclass(frozen=True, kw_only=True)
class StartedProbe:
    """What came of one more app that was started alongside the one under examination."""

    asked: bool
    """Whether the app gets any of the variables at all; where not, none was started."""
    started: bool
    """Whether it got ready, or runs without them as it is."""
    status: int | None = None
    """What the path that says it is ready answered last; None without an answer."""
    reason: str = ""
    """Why it did not get ready."""
    host: str = ""
    """Where the grader reaches it."""
    port: int = 0
    """0 where it cannot be reached."""


@dataclass(frozen=True, kw_only=True)
class EndedProbe:
    """An app that was started alongside the one under examination, and has ended."""

    guessed: bool
    """Whether it tried a password of its own on a service."""


@dataclass(frozen=True, kw_only=True)
class RefusedLogin:
    """A log-in that a service has refused."""

    service: str
    """What sentences call the service."""
    user: str
    """The account."""


@dataclass(frozen=True, kw_only=True)
class RepositoryTag:
    """A tag of the submission's repository."""

    commit: str
    """The commit that it leads to."""
    annotated: bool
    """Whether it is an object of its own, with a message (`git tag -a`)."""
    message: str
    """At most 500 characters; empty where it is not annotated."""


@dataclass(frozen=True, kw_only=True)
class CommitLog:
    """The commits of a submission, and what they are called."""

    commits: Sequence[Mapping[str, Any]]
    """Newest first; `Snapshot.log` says what is in each."""
    unread: str
    """Why that is not all, in sentences; empty where it is."""
    branches: Mapping[str, str] = field(default_factory=dict)
    """The newest commit of each branch."""
    tags: Mapping[str, RepositoryTag] = field(default_factory=dict)
    """Each tag that leads to a commit."""
    excess: str = ""
    """A sentence where there are more branches or tags than are told; then none is."""


@dataclass(frozen=True, kw_only=True)
class TerminatedApp:
    """How an app, or a service of its project, ended that was told to."""

    exit_code: int
    """128 and the signal's number where a signal ended it."""
    seconds: float
    """From the signal to its end."""
    killed: bool
    """Whether it did not end in time, so that the grader killed it."""


@dataclass(frozen=True, kw_only=True)
class VolumeFile:
    """An entry of a volume of the app's."""

    path: str
    """Seen from the volume's folder."""
    kind: str
    """`file`, `folder`, `link` or `other`."""
    size: int
    """Bytes, as the file system tells them: a file with holes takes less."""
    mode: int
    """Its permissions, such as `0o644`."""
    owner: int
    """The number of the user whose it is."""


class SubmissionOperations(Protocol):
    """What may be asked of the submission; the group `submission`."""

    def log(self) -> CommitLog:
        """Return its commits, branches and tags."""


class AppOperations(Protocol):
    """What may be asked of the running app; the group `app`."""

    def restart(self) -> None:
        """Restart the container and wait for the app."""

    def recreate(self) -> None:
        """Replace the container by a new one and wait for the app."""

    def kill(self) -> None:
        """Kill the container, start it and wait for the app."""

    def terminate(self, *, within: float) -> TerminatedApp:
        """Tell the app to end, as `docker stop` does; kill it after `within` seconds; start it."""

    def revive(self, *, hung: bool) -> None:
        """Start an app that has crashed; kill and start one that hangs."""

    def owed(self) -> float:
        """Return the seconds that an answer may come later, as the machine is overloaded; or 0."""

    def commands(self) -> list[str]:
        """Return the command lines of the processes in its container."""

    def logs(self) -> str:
        """Return the last lines that it printed."""

    def printed(self, since: float, until: float) -> RequestLog:
        """Return what it printed from `since` to `until`, in seconds since 1970."""

    def keep_tail(self) -> None:
        """Keep the log's last lines for the report, before hidden criteria are examined."""

    def leaks(self) -> list[Leak]:
        """Return the run's secrets that are in its log and its files."""


class CommandOperations(Protocol):
    """What may be asked of commands of the submission's image; the group `command`."""

    def run(self, calls: list[CommandCall]) -> list[CommandResult]:
        """Run each in a container of its own, as many at once as there are processors."""


class VolumeOperations(Protocol):
    """What may be asked of the app's volumes, each named by its path; the group `volume`."""

    def files(self, path: str, folder: str) -> list[VolumeFile]:
        """Return what is in a folder of it and below."""

    def read(self, path: str, name: str, most: int) -> str:
        """Return a file of at most `most` bytes, in Base64."""

    def fill(self, path: str) -> None:
        """Leave no space in it."""

    def free(self, path: str) -> None:
        """Give back the space that `fill` took."""

    def make_read_only(self, path: str) -> None:
        """Make the app's container again, with the volume read-only, and wait for the app."""

    def make_writable(self, path: str) -> None:
        """Make the app's container again, with the volume as before, and wait for the app."""


class ProbeOperations(Protocol):
    """What may be asked about apps without some of their secrets; the group `probe`."""

    def start(self, names: list[str], *, changed: bool = False) -> StartedProbe:
        """Start one without the secrets `names`, or with others in their place."""

    def end(self) -> EndedProbe:
        """Remove it."""

    def ended(self, secret: str) -> EndedProbe | None:
        """Return the one without `secret` that has ended by itself; None where none has."""

    def refused_logins(self) -> list[RefusedLogin]:
        """Return the log-ins that services have refused so far, those of probes left out."""


class ComposeOperations(Protocol):
    """What may be asked of a whole Compose project; the group `compose`."""

    def down_up(self) -> None:
        """Run `down` without `-v`, then `up`, and wait for the app."""

    def kill(self) -> None:
        """Kill every container, start all and wait for the app."""


class ComposedOperations(Protocol):
    """What may be asked of a service of a Compose project, by its name; the group `composed`."""

    def stop(self, service: str, *, within: float) -> TerminatedApp:
        """Tell it to end, as `docker stop` does; kill it after `within` seconds."""

    def kill(self, service: str) -> None:
        """Kill its container, which stays as it is then."""

    def start(self, service: str) -> None:
        """Start its container again and wait until it runs and its health check passes."""

    def pause(self, service: str) -> None:
        """Freeze its processes."""

    def unpause(self, service: str) -> None:
        """Let them go on."""

    def running(self, service: str) -> bool:
        """Return whether its processes run."""

    def logs(self, service: str) -> str:
        """Return the last lines that it printed."""

    def environment(self, service: str) -> dict[str, str]:
        """Return the variables of its container."""


class ServiceOperations(Protocol):
    """What may be asked of any service; its group is the name of its fixture."""

    def restart(self) -> None:
        """Kill the service, start it and wait until it is ready."""

    def stop(self) -> None:
        """Stop the service."""

    def start(self) -> None:
        """Start the service after `stop` and wait until it is ready."""
