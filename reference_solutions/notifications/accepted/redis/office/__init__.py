"""The box office, over HTTP."""

from flask import Flask, request
from werkzeug.exceptions import HTTPException

from . import checks, jobs, orders
from .database import transaction


def create_app():
    app = Flask(__name__)

    @app.get("/health")
    def health():
        return {"status": "ok"}

    @app.post("/events")
    def create_event():
        event = orders.create_event(*checks.event(body()))
        return event, 201, {"Location": f"/events/{event['id']}"}

    @app.get("/events/<number>")
    def read_event(number):
        with transaction() as cursor:
            return orders.read_event(cursor, number)

    @app.post("/orders")
    def create_order():
        key = checks.key(request.headers.get("Idempotency-Key"))
        order = orders.create(checks.order(body()), key)
        return order, 202, {"Location": f"/jobs/{order['job_id']}"}

    @app.post("/orders/batch")
    def create_orders():
        return {"orders": orders.create_all(checks.batch(body()))}, 202

    @app.get("/jobs")
    def list_jobs():
        return {"items": jobs.newest(request.args.get("state"))}

    @app.get("/jobs/<number>")
    def read_job(number):
        return jobs.read(number)

    @app.post("/jobs/<number>/retry")
    def retry_job(number):
        return jobs.again(number), 202

    @app.errorhandler(checks.Refusal)
    def refuse(refusal):
        return {"error": refusal.error}, refusal.status

    @app.errorhandler(HTTPException)
    def tell(error):
        reply = error.get_response()
        reply.set_data(app.json.dumps({"error": error.name}))
        reply.content_type = "application/json"
        return reply

    return app


def body():
    return request.get_json(silent=True)
