"""The app."""

from flask import Flask, json, request
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import HTTPException

from . import forms
from .forms import Refused
from .models import Event, Job, Order, Session
from .tasks import publish

app = Flask(__name__)


def body():
    return request.get_json(silent=True)


def shown_event(event):
    left = event.seats - event.sold
    return {"id": event.id, "title": event.title, "seats": event.seats, "left": left}


def shown_order(order):
    found = {name: getattr(order, name) for name in ("id", "event_id", "email", "seats")}
    return found | {"job_id": order.job.id}


def shown_job(job):
    found = {name: getattr(job, name) for name in ("id", "order_id", "state", "attempts")}
    return found | {"email": job.order.email, "error": job.error if job.state == "failed" else None}


def get(session, model, number, **options):
    found = session.get(model, forms.identity(number), **options)
    if found is None:
        raise Refused("not_found", 404)
    return found


def take(session, wish, key=None):
    """An order, with its job, that is not yet committed."""
    event = get(session, Event, wish.event_id)
    taken = session.execute(
        update(Event)
        .where(Event.id == event.id, Event.seats - Event.sold >= wish.seats)
        .values(sold=Event.sold + wish.seats)
    )
    if not taken.rowcount:
        raise Refused("sold_out", 409)
    order = Order(
        event_id=event.id, email=wish.email, seats=wish.seats, key=key, asked=wish.text, job=Job()
    )
    session.add(order)
    session.flush()
    return shown_order(order)


def before(key, wish):
    """The order that was made with this key; None where there is none."""
    with Session() as session:
        order = session.scalar(select(Order).where(Order.key == key))
        if order and order.asked != wish.text:
            raise Refused("key_reused", 409)
        return order and shown_order(order)


@app.get("/health")
def health():
    return {"up": True}


@app.post("/events")
def create_event():
    with Session.begin() as session:
        event = Event(**forms.event(body()))
        event.sold = 0
        session.add(event)
        session.flush()
        return shown_event(event), 201, {"Location": f"/events/{event.id}"}


@app.get("/events/<number>")
def read_event(number):
    with Session() as session:
        return shown_event(get(session, Event, number))


@app.post("/orders")
def create_order():
    key = request.headers.get("Idempotency-Key", "")
    forms.need(1 <= len(key) <= 80, "an Idempotency-Key of 1 to 80 characters is needed")
    wish = forms.Wish.of(body())
    if not (order := before(key, wish)):
        try:
            with Session.begin() as session:
                order = take(session, wish, key)
        except IntegrityError:
            order = before(key, wish)
        else:
            publish(order["job_id"])
    return order, 202, {"Location": f"/jobs/{order['job_id']}"}


@app.post("/orders/batch")
def create_orders():
    wishes = forms.wishes(body())
    with Session.begin() as session:
        orders = [take(session, wish) for wish in wishes]
    for order in orders:
        publish(order["job_id"])
    return {"orders": orders}, 202


@app.get("/jobs")
def list_jobs():
    state = request.args.get("state")
    forms.need(state in {"pending", "sent", "failed"}, "there is no such state")
    with Session() as session:
        jobs = select(Job).where(Job.state == state).order_by(Job.id.desc()).limit(100)
        return {"items": [shown_job(one) for one in session.scalars(jobs)]}


@app.get("/jobs/<number>")
def read_job(number):
    with Session() as session:
        return shown_job(get(session, Job, number))


@app.post("/jobs/<number>/retry")
def retry_job(number):
    with Session.begin() as session:
        job = get(session, Job, number, with_for_update=True)
        if job.state != "failed":
            raise Refused("not_failed", 409)
        job.state, job.attempts, job.error = "pending", 0, None
        found = shown_job(job)
    publish(found["id"])
    return found, 202


@app.errorhandler(Refused)
def refuse(error):
    return {"error": error.error}, error.status


@app.errorhandler(HTTPException)
def tell(error):
    reply = error.get_response()
    reply.data, reply.mimetype = json.dumps({"error": error.name}), "application/json"
    return reply
