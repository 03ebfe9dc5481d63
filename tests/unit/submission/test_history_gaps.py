"""A history that cannot be read whole: what is there is read, and what is not there is named."""

from __future__ import annotations

import re
import shutil
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.inspect.secrets import scan_blobs
from grader.inspect.secrets.criteria import check_history
from grader.model import CheckResult, Outcome
from grader.submission.history import history_of
from grader.submission.history_blobs import History
from tests.unit.submission.test_history_blobs import Repository

pytestmark = pytest.mark.slow

SECRET = 'app.secret_key = "Kestrel_vino77"\n'


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """Three commits: a secret, which the second takes out, and one more."""
    made = Repository(tmp_path / "repository")
    made.commit(**{"config.py": SECRET, "kept.py": "one = 1\n"})
    made.commit(**{"config.py": "import os\n"})
    made.commit(**{"more.py": "two = 2\n"})
    return made


def judged(folder: Path, scratch: Path) -> CheckResult:
    """What `secrets.history` comes to."""
    scratch.mkdir(exist_ok=True)
    history = History(folder, scratch)
    scan = scan_blobs(history.blobs())
    return check_history(scan, unread=history.advice, absent=history.absent)


def object_of(repository: Repository, name: str) -> Path:
    oid = repository.git("rev-parse", name)
    path = repository.path / ".git" / "objects" / oid[:2] / oid[2:]
    path.chmod(0o644)
    return path


def cloned(repository: Repository, *options: str) -> Path:
    target = repository.path.parent / "clone"
    repository.git("config", "uploadpack.allowFilter", "true")
    repository.git("clone", "-q", *options, f"file://{repository.path}", str(target))
    return target


def shared(repository: Repository) -> Path:
    target = repository.path.parent / "clone"
    repository.git("clone", "-q", "--shared", str(repository.path), str(target))
    return target


def worktree(repository: Repository) -> Path:
    target = repository.path.parent / "tree"
    repository.git("worktree", "add", "-q", str(target))
    return target


def without(name: str) -> Callable[[Repository], Path]:
    def remove(repository: Repository) -> Path:
        object_of(repository, name).unlink()
        return repository.path

    return remove


def corrupt(name: str, change: Callable[[bytes], bytes]) -> Callable[[Repository], Path]:
    def write(repository: Repository) -> Path:
        path = object_of(repository, name)
        path.write_bytes(change(path.read_bytes()))
        return repository.path

    return write


def shallow_by_hand(repository: Repository) -> Path:
    """The list of commits without parents, and their parents deleted."""
    (repository.path / ".git" / "shallow").write_text(repository.git("rev-parse", "HEAD") + "\n")
    oid = (repository.git("cat-file", "commit", "HEAD").split("parent ")[1]).split()[0]
    (repository.path / ".git" / "objects" / oid[:2] / oid[2:]).unlink()
    return repository.path


def emptied(repository: Repository) -> Path:
    for path in (repository.path / ".git").iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    return repository.path


def headless(repository: Repository) -> Path:
    (repository.path / ".git" / "HEAD").unlink()
    return repository.path


def without_objects(repository: Repository) -> Path:
    shutil.rmtree(repository.path / ".git" / "objects")
    (repository.path / ".git" / "objects").mkdir()
    return repository.path


def linked_objects(repository: Repository) -> Path:
    objects = repository.path / ".git" / "objects"
    objects.rename(repository.path.parent / "objects")
    objects.symlink_to(repository.path.parent / "objects")
    return repository.path


def without_refs(repository: Repository) -> Path:
    git = repository.path / ".git"
    (git / "refs" / "heads" / "main").unlink()
    shutil.rmtree(git / "logs")
    return repository.path


def broken_pack(repository: Repository) -> Path:
    repository.git("gc", "-q")
    (pack,) = (repository.path / ".git" / "objects" / "pack").glob("*.pack")
    pack.chmod(0o644)
    raw = bytearray(pack.read_bytes())
    raw[len(raw) // 2 :] = bytes(len(raw) - len(raw) // 2)
    pack.write_bytes(bytes(raw))
    return repository.path


def reftable(repository: Repository) -> Path:
    (repository.path / ".git" / "reftable").mkdir()
    return repository.path


def other_content(raw: bytes) -> bytes:
    return zlib.compress(zlib.decompress(raw).replace(b"one", b"six"))


GAPS: list[tuple[Callable[[Repository], Path], str]] = [
    (lambda made: cloned(made, "--depth=1"), "shallow clone"),
    (lambda made: cloned(made, "--depth=2", "--no-single-branch"), "shallow clone"),
    (shallow_by_hand, "shallow clone"),
    (lambda made: cloned(made, "--filter=blob:none"), "partial clone"),
    (lambda made: cloned(made, "--filter=tree:0"), "partial clone"),
    (shared, "borrows its objects"),
    (worktree, "points to a repository elsewhere"),
    (without("HEAD~2:kept.py"), "damaged"),
    (without("HEAD~1"), "damaged"),
    (without("HEAD~1^{tree}"), "damaged"),
    (without("HEAD"), "damaged"),
    (corrupt("HEAD:kept.py", lambda raw: raw[:8] + b"garbage" + raw[15:]), "corrupt"),
    (corrupt("HEAD:kept.py", lambda raw: raw[:-3]), "corrupt"),
    (corrupt("HEAD:kept.py", lambda raw: b""), "corrupt"),
    (corrupt("HEAD:kept.py", other_content), "corrupt"),
    (corrupt("HEAD~1", lambda raw: raw[: len(raw) // 2]), "(missing|corrupt)"),
    (emptied, "holds no repository"),
    (headless, "holds no repository"),
    (without_objects, "damaged"),
    (linked_objects, "(damaged|holds no repository)"),
    (without_refs, "no branch"),
    (broken_pack, "(missing|corrupt)"),
    (reftable, "reftable"),
]  # fmt: skip


@pytest.mark.parametrize(("spoil", "said"), GAPS)
def test_what_could_not_be_read_has_not_passed(
    spoil: Callable[[Repository], Path], said: str, repository: Repository, tmp_path: Path
) -> None:
    """Not reached or, where the secret is still found, lost with nothing kept; both say why."""
    result = judged(spoil(repository), tmp_path / "s")
    assert result.outcome in {Outcome.NOT_REACHED, Outcome.FAILED}
    assert result.kept == 0
    text = f"{result.rationale}\n{result.evidence}"
    assert re.search(said, text), text
    assert "git fetch --unshallow" in text


@pytest.mark.parametrize(
    "spoil",
    [without("HEAD:kept.py"), without("HEAD"), corrupt("HEAD:more.py", lambda raw: b""),
     without_refs, reftable],
)  # fmt: skip
def test_all_that_can_be_read_is_read(
    spoil: Callable[[Repository], Path], repository: Repository, tmp_path: Path
) -> None:
    """The secret of the first commit is found, whatever else is broken."""
    result = judged(spoil(repository), tmp_path / "s")
    assert result.outcome is Outcome.FAILED
    assert "config.py:1" in result.rationale


def test_a_list_of_parentless_commits_hides_nothing(repository: Repository, tmp_path: Path) -> None:
    """`.git/shallow`, grafts and replacements written by hand, where the objects are there."""
    git = repository.path / ".git"
    head = repository.git("rev-parse", "HEAD")
    (git / "shallow").write_text(head + "\n")
    (git / "info").mkdir(exist_ok=True)
    (git / "info" / "grafts").write_text(head + "\n")
    (git / "refs" / "replace").mkdir()
    first = repository.git("rev-list", "--all").split()[-1]
    (git / "refs" / "replace" / first).write_text(head + "\n")
    result = judged(repository.path, tmp_path / "s")
    assert result.outcome is Outcome.FAILED
    assert "config.py:1" in result.rationale
    assert "could be looked at" not in result.evidence


def test_a_pack_without_its_index_is_read(repository: Repository, tmp_path: Path) -> None:
    """Git itself would not see what is in it."""
    repository.git("gc", "-q")
    for index in (repository.path / ".git" / "objects" / "pack").glob("*.idx"):
        index.unlink()
    result = judged(repository.path, tmp_path / "s")
    assert result.outcome is Outcome.FAILED
    assert "could be looked at" not in result.evidence


def test_messages_notes_tags_and_amended_commits_are_read(tmp_path: Path) -> None:
    """With a place that a student finds: what it is, and the commit."""
    made = Repository(tmp_path / "repository")
    first = made.commit(**{"a.py": "x = 1\n"})
    made.git("commit", "-q", "--allow-empty", "-m", "Set DB_PASSWORD=Kestrel_vino77 again")
    told = made.git("rev-parse", "HEAD")
    made.git("notes", "add", "-m", "mysql -u root -pOther_vino78 works", first)
    made.git("tag", "-a", "v1", "-m", "curl -u ada:Third_vino79 localhost")
    made.commit(**{"b.py": SECRET})
    amended = made.git("rev-parse", "HEAD")
    (made.path / "b.py").write_text("y = 1\n")
    made.git("commit", "-q", "-a", "--amend", "-m", "work")
    scratch = tmp_path / "s"
    scratch.mkdir()
    history = History(made.path, scratch)
    places = {one.place for one in scan_blobs(history.blobs()).findings}
    assert f"the commit message:1 ({told[:10]})" in places
    assert f"b.py:1 ({amended[:10]})" in places
    assert "the message of tag v1:1" in places
    assert any(place.startswith(f"the git note on {first[:10]}:1 (") for place in places)
    assert history.problem == ""


def test_what_was_never_committed_is_no_history(tmp_path: Path) -> None:
    """Staged by mistake and taken back before the commit: that is how it should be done."""
    made = Repository(tmp_path / "repository")
    made.commit(**{"a.py": "x = 1\n", ".gitignore": ".env\n"})
    (made.path / ".env").write_text("DB_PASSWORD=Kestrel_vino77\n")
    made.git("add", "-f", ".env")
    made.git("write-tree")
    made.git("rm", "-q", "--cached", ".env")
    assert judged(made.path, tmp_path / "s").outcome is Outcome.PASSED


@pytest.mark.parametrize("message", ["Read the password from the environment",
                                     "Remove token: it is not used any more",
                                     "Set SECRET_KEY=$SECRET_KEY in compose.yml",
                                     "password: reset by mail (#12)"])  # fmt: skip
def test_plain_messages_cost_nothing(message: str, tmp_path: Path) -> None:
    """Prose about secrets is no secret."""
    made = Repository(tmp_path / "repository")
    made.commit(**{"a.py": "x = 1\n"})
    made.git("commit", "-q", "--allow-empty", "-m", message)
    assert judged(made.path, tmp_path / "s").outcome is Outcome.PASSED


def test_no_repository_at_all_is_no_loss(tmp_path: Path) -> None:
    """As downloaded from a code host: nothing was handed in that could not be read; it is said."""
    result = judged(tmp_path, tmp_path / "s")
    assert result.outcome is Outcome.PASSED
    assert "No .git was handed in" in result.evidence


def test_a_repository_without_a_commit_has_nothing_to_read(tmp_path: Path) -> None:
    """`git init`, and files that are staged."""
    made = Repository(tmp_path / "repository")
    (made.path / "a.py").write_text("x = 1\n")
    made.git("add", "a.py")
    result = judged(made.path, tmp_path / "s")
    assert (result.outcome, result.evidence) == (Outcome.PASSED, "")


def test_the_log_says_what_it_does_not_hold(repository: Repository, tmp_path: Path) -> None:
    """A suite hears of it, so that no criterion rests on half of a history."""
    whole = tmp_path / "whole"
    whole.mkdir()
    told = history_of(repository.path, whole)
    assert (len(told.commits), told.unread) == (3, "")
    half = tmp_path / "half"
    half.mkdir()
    told = history_of(cloned(repository, "--depth=1"), half)
    assert len(told.commits) == 1
    assert "shallow clone" in told.unread


@pytest.mark.slow
def test_many_commits_and_deep_folders_end_soon(tmp_path: Path) -> None:
    """20,000 commits from one stream, and a tree that holds itself ten to the tenth times."""
    made = Repository(tmp_path / "repository")
    stream = ["blob\nmark :1\ndata 6\nx = 1\n\n"]
    for number in range(20_000):
        who = f"Ada <ada@example.org> {1_700_000_000 + number} +0000"
        stream.append(
            f"commit refs/heads/main\nauthor {who}\ncommitter {who}\ndata 5\nwork\n\n"
            f"M 100644 :1 f{number % 7}.py\n"
        )
    made.git("fast-import", "--quiet", data="".join(stream).encode())
    tree = made.git(
        "mktree", data=f"100644 blob {made.git('rev-parse', 'main:f0.py')}\tf\n".encode()
    )
    for _ in range(10):
        rows = "".join(f"040000 tree {tree}\td{number}\n" for number in range(10))
        tree = made.git("mktree", data=rows.encode())
    made.git("update-ref", "refs/heads/bomb", made.git("commit-tree", "-m", "bomb", tree))
    begun = time.thread_time()
    assert judged(made.path, tmp_path / "s").outcome is Outcome.PASSED
    assert time.thread_time() - begun < 15


def test_nothing_is_asked_of_where_it_came_from(repository: Repository, tmp_path: Path) -> None:
    """A partial clone is read as it is: git fetches nothing for it."""
    target = cloned(repository, "--filter=blob:none")
    before = sorted(path.name for path in (target / ".git" / "objects").rglob("*"))
    judged(target, tmp_path / "s")
    assert sorted(path.name for path in (target / ".git" / "objects").rglob("*")) == before
