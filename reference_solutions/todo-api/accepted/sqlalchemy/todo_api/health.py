from flask import Blueprint

health = Blueprint("health", __name__)


@health.get("/health")
def get_health():
    return {"status": "ok"}
