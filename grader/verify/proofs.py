"""What has been proven before: which trials need not be run again, and which are remembered.

A proof counts for the same grader, challenge and solution, on the same machine (`keys.py`,
`machine.py`), and with the images that it was made with. Only a trial that holds is remembered.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from grader.errors import PlatformError
from grader.model import Challenge, Graded, Outcome
from grader.settings import Settings
from grader.verify import judge
from grader.verify.keys import challenge_digest, digest_of, grader_digest
from grader.verify.machine import Machine
from grader.verify.proof_store import ProofStore, StoredProof
from grader.verify.trials import Proof, Trial, TrialKind

log = logging.getLogger(__name__)

Contents = Callable[[], str]
"""Gives the digest of a solution's own files as they are now; may raise `OSError`."""


class Proofs:
    """The proofs of a machine. Close it in the end."""

    def __init__(self, folder: Path, machine: Machine, *, again: bool = False) -> None:
        self.store = ProofStore(folder)
        self.machine = machine
        self.again = again
        """Whether everything is run again all the same; what holds then is remembered."""
        self._grader = _grader()

    @classmethod
    def of(cls, settings: Settings, *, again: bool = False) -> Proofs:
        """Return those in the settings' state folder."""
        return cls(settings.state / "proofs", Machine(settings), again=again)

    def challenge(self, challenge: Challenge) -> ChallengeProofs:
        """Return the proofs of `challenge` as it is now."""
        return ChallengeProofs(self, challenge)

    def world(self, challenge: Challenge) -> str:
        """Return a digest of what is the same for each trial of `challenge`, as it is now.

        It is empty where that cannot be looked at, or where the grader's files are no longer those
        that this process began with: nobody knows then what it runs.
        """
        try:
            found, facts = challenge_digest(challenge), self.machine.facts
        except (OSError, PlatformError) as error:
            log.debug("nothing is remembered of %s: %s", challenge.slug, error)
            return ""
        same = self._grader and _grader() == self._grader
        return digest_of([self._grader, found, facts]) if same else ""

    def close(self) -> None:
        """Close the connection to the engine, and remove what no longer counts."""
        self.machine.close()
        try:
            self.store.prune()
        except OSError as error:
            log.debug("old proofs cannot be removed: %s", error)


class ChallengeProofs:
    """The proofs of one challenge, for one verification. Several threads may use it."""

    def __init__(self, proofs: Proofs, challenge: Challenge) -> None:
        self._proofs = proofs
        self._challenge = challenge
        self._lock = threading.Lock()
        self._keys: dict[Trial, tuple[str, Contents]] = {}
        """What each trial is remembered under, and how its solution is looked at again."""
        self._images: dict[str, str] = {}
        self._doubted: set[tuple[TrialKind, str]] = set()
        """Solutions with a trial that did not hold: nothing of them is remembered."""
        self._world = proofs.world(challenge)

    def recall(self, trial: Trial, contents: Contents) -> Trial | None:
        """Return what `trial` came to before, where it holds; None where it has to be run.

        `trial` says what is to be graded and with which seed, `contents` what its solution is now.
        """
        try:
            key = self._key(trial, contents) if self._world else ""
        except OSError as error:
            log.debug("%s cannot be looked at: %s", trial.name, error)
            return None
        if not key:
            return None
        self._keys[trial] = key, contents
        stored = None if self._proofs.again else self._proofs.store.read(key)
        if stored is None or not self._stands(stored):
            return None
        found = _recalled(trial, stored.proof)
        known = {criterion.id for criterion in self._challenge.criteria}
        if set(stored.proof.outcomes) != known or judge.trial_problems(self._challenge, found):
            return None
        return found

    def note(self, trial: Trial) -> None:
        """Remember a trial that was run and holds; doubt its solution where it does not hold.

        A repetition is judged by `settle` alone. A trial without a score says nothing.
        """
        if trial.failure or trial.kind is TrialKind.REPEAT:
            return
        if judge.trial_problems(self._challenge, trial):
            self._doubt(trial)
        else:
            self._remember(trial)

    def settle(self, trials: Iterable[Trial]) -> None:
        """Remember each repetition that was run and came to the same; doubt those that differ."""
        ended = [one for one in trials if not one.failure]
        first = {(one.solution, one.seed): one for one in ended if one.kind is not TrialKind.REPEAT}
        for trial in ended:
            before = first.get((trial.solution, trial.seed))
            if trial.kind is not TrialKind.REPEAT or before is None:
                continue
            if judge.repeat_problems((before, trial)):
                self._doubt(trial)
            elif not trial.proof:
                self._remember(trial)

    def _key(self, trial: Trial, contents: Contents) -> str:
        kind, of = str(trial.kind), str(trial.of or "")
        return digest_of([self._world, kind, of, trial.name, trial.seed, contents()])

    def _stands(self, stored: StoredProof) -> bool:
        """Return whether the images that it was made with are still those that would be used."""
        try:
            for name in stored.bases:
                if name not in self._images:
                    self._images[name] = self._proofs.machine.image(name)
        except PlatformError:
            return False
        return all(self._images[name] == image for name, image in stored.bases.items())

    def _remember(self, trial: Trial) -> None:
        """Write `trial` down, unless what it depends on was changed since it began."""
        asked = _asked(trial)
        if not isinstance(trial.report, Graded) or asked not in self._keys:
            return
        key, contents = self._keys[asked]
        provenance = trial.report.provenance
        try:
            bases = {one.reference: self._proofs.machine.image(one.reference)
                     for one in provenance.bases}  # fmt: skip
            world = self._proofs.world(self._challenge)
            changed = world != self._world or self._key(asked, contents) != key
            if changed or not all(bases.values()):
                return
            label = {"challenge": self._challenge.slug, "kind": str(trial.kind),
                     "name": trial.name, "seed": trial.seed}  # fmt: skip
            with self._lock:
                if trial.solution not in self._doubted:
                    stored = StoredProof(proof=_proof(trial), bases=bases)
                    self._proofs.store.write(key, stored, label=label)
        except (OSError, PlatformError) as error:
            log.warning("%s is not remembered: %s", trial.name, error)

    def _doubt(self, trial: Trial) -> None:
        """Forget all that is remembered of the solution of `trial`."""
        with self._lock:
            self._doubted.add(trial.solution)
            for one, (key, _) in self._keys.items():
                if one.solution == trial.solution:
                    try:
                        self._proofs.store.remove(key)
                    except OSError as error:
                        log.warning("the proof of %s cannot be removed: %s", trial.name, error)


def _grader() -> str:
    """Return the digest of the grader; empty where a file of it cannot be read."""
    try:
        return grader_digest()
    except OSError as error:
        log.debug("nothing is remembered: %s", error)
        return ""


def _asked(trial: Trial) -> Trial:
    """Return `trial` as it was before anything was graded."""
    return Trial(kind=trial.kind, name=trial.name, seed=trial.seed, of=trial.of, loses=trial.loses)


def _proof(trial: Trial) -> Proof:
    return Proof(
        when=datetime.now(UTC).isoformat(timespec="seconds"),
        earned=trial.earned,
        outcomes=trial.outcomes,
        lost_parts=trial.lost_parts,
        seconds=trial.seconds,
    )


def _recalled(trial: Trial, proof: Proof) -> Trial:
    lost = {name for name, outcome in proof.outcomes.items() if outcome is not Outcome.PASSED}
    return replace(trial, lost=frozenset(lost), earned=proof.earned, proof=proof)
