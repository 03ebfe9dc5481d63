"""A run as it goes on: a part of the submission's page, and the events that say when to look."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, stream_with_context
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.portal.data.base import utc_now
from grader.portal.data.work import OPEN_STATES, Grading, GradingEvent, GradingState
from grader.portal.queue import live_slots, place_and_wait
from grader.portal.web.access import submission_for
from grader.portal.web.rendering import Answer, page
from grader.portal.web.sessions import signed_in, viewer
from grader.portal.web.state import state
from grader.portal.web.viewing import newest_grading, progress_of

blueprint = Blueprint("live", __name__)

QUIET_SECONDS = 5.0
"""After which it is looked whether news was lost."""
STREAM_SECONDS = 55
"""After which the browser asks again: proxies end what is older than a minute."""


def live_values(session: Session, grading: Grading) -> dict[str, Any]:
    """Return what the part of the page shows."""
    place, wait = 0, 0.0
    slots = live_slots(session, utc_now())
    if grading.state is GradingState.QUEUED:
        place, wait = place_and_wait(session, grading, slots)
    return {
        "progress": progress_of(session, grading),
        "place": place,
        "wait": wait,
        "slots": slots,
    }


@blueprint.get("/submissions/<int:number>/live")
@signed_in
def live(number: int) -> Answer:
    """Show that part of the page alone."""
    with state().database.transaction() as session:
        found, _ = submission_for(session, viewer(), number)
        grading = newest_grading(session, found)
        return page(
            "live.html", "Run", submission=found, grading=grading,
            open=grading.state in OPEN_STATES, **live_values(session, grading),
        )  # fmt: skip


@blueprint.get("/submissions/<int:number>/events")
@signed_in
def events(number: int) -> Response:
    """Say each time that there is news; only ids and states are told, the page is asked for."""
    with state().database.transaction() as session:
        found, _ = submission_for(session, viewer(), number)
        grading = newest_grading(session, found).id
    answer = Response(stream_with_context(_stream(grading)), mimetype="text/event-stream")
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


def _stream(grading: int) -> Iterator[str]:
    """Yield a message for each change, and a comment now and then so that the line stays."""
    hub, ends = state().hub, utc_now().timestamp() + STREAM_SECONDS
    with hub.place() as room:
        if not room:
            yield "retry: 5000\nevent: full\ndata: full\n\n"
            return
        yield "retry: 1000\n\n"
        told = ""
        while utc_now().timestamp() < ends:
            seen = hub.seen(grading)
            now = _mark(grading)
            if now != told:
                told = now
                yield f"id: {now}\ndata: {now}\n\n"
            if not now.startswith(tuple(OPEN_STATES)):
                yield "event: over\ndata: over\n\n"
                return
            hub.wait(grading, seen, QUIET_SECONDS)
            yield ": \n\n"


def _mark(grading: int) -> str:
    """Return a text that changes with each change of the run."""
    with state().database.transaction() as session:
        found = session.get_one(Grading, grading)
        events = session.scalar(
            select(func.count()).select_from(GradingEvent).where(GradingEvent.grading_id == grading)
        )
        return f"{found.state}-{found.attempt}-{events}"
