"""Whether what the roadmap says of the challenges is so."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from grader.model import Challenge
from grader.spec.roadmap import Topic
from grader.text import nearest
from grader.verify.solutions import RejectedSolution


def coverage_problems(
    topics: Sequence[Topic],
    challenges: Mapping[str, Challenge],
    rejected: Mapping[str, Sequence[RejectedSolution]],
    broken: Collection[str] = (),
) -> list[str]:
    """Return a sentence for each row that says more than is there; empty where all holds.

    Challenges and criteria that a row names exist; and one of those challenges has a rejected
    solution that falls into the row's pitfall and loses one of the row's criteria. Nothing is said
    of the challenges that are `broken`.
    """
    return [said for topic in topics for said in _problems(topic, challenges, rejected, broken)]


def _problems(
    topic: Topic,
    challenges: Mapping[str, Challenge],
    rejected: Mapping[str, Sequence[RejectedSolution]],
    broken: Collection[str],
) -> Iterator[str]:
    for slug, criteria in topic.examined.items():
        if slug in broken:
            continue
        if slug not in challenges:
            near = nearest(slug, list(challenges))
            yield f"{topic.id}: there is no challenge {slug!r}.{near}"
            continue
        known = [criterion.id for criterion in challenges[slug].criteria]
        for name in criteria:
            if name not in known:
                yield f"{topic.id}: {slug} has no criterion {name!r}.{nearest(name, known)}"
    if (
        topic.is_covered
        and not any(slug in broken for slug in topic.examined)
        and not any(
            one.pitfall == topic.pitfall and one.loses.intersection(criteria)
            for slug, criteria in topic.examined.items()
            for one in rejected.get(slug, ())
        )
    ):
        yield (
            f"{topic.id}: no rejected solution of {' or '.join(topic.examined)} has the pitfall "
            f"{topic.pitfall!r} and loses one of the row's criteria."
        )
    if topic.planned in challenges:
        yield f"{topic.id} is planned for {topic.planned}, which is there; say what examines it."
